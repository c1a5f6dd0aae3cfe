// Records a thousand events, and dies by SIGKILL behind the last call: no hook runs, nothing is flushed.
//
// A program of its own, for `KillTests` to start: a test cannot kill the process it runs in.

import Foundation
import Patron

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  fatalError("usage: PatronKillProbe FOLDER ENDPOINT KEY")
}
let patron = try Patron.open(
  PatronConfig(folder: URL(filePath: arguments[1]), endpoint: arguments[2], key: arguments[3]))
try await patron.consent.grant(.engagement)
for number in 0..<1_000 {
  let event: Engagement =
    number.isMultiple(of: 2)
    ? .saved(offer: "aarre-welcome")
    : .custom(name: "note", properties: ["number": "\(number)", "pad": String(repeating: "x", count: 300)])
  guard try patron.events.track(event) == .recorded else {
    fatalError("call \(number) was refused")
  }
}
kill(getpid(), SIGKILL)
