import PatronTesting
import SampleModels

/// Runs `body` while the models follow their Patron, and waits for what the streams bring.
@MainActor
func following(_ model: SampleModel, _ body: @MainActor () async throws -> Void) async rethrows {
  let run = Task { await model.run() }
  defer { run.cancel() }
  // Until each model has read what stands.
  await until { !model.consent.states.isEmpty && model.offers.phase != .waiting && model.lab.diagnostics != nil }
  try await body()
}

/// Lets other tasks run until `condition` holds; a test that waits for what never comes fails by its time limit, which
/// cancels it.
@MainActor
func until(_ condition: @MainActor () -> Bool) async {
  while !condition() && !Task.isCancelled {
    await Task.yield()
  }
}
