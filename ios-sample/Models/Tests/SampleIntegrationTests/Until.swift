/// Lets other tasks run until `condition` holds; a test that waits for what never comes fails by its time limit, which
/// cancels it.
@MainActor
func until(_ condition: @MainActor () -> Bool) async {
  while !condition(), !Task.isCancelled {
    await Task.yield()
  }
}
