internal import Digest
internal import Glibc
internal import JSON
public import Quantities
internal import SystemPackage

/// The requests and approvals in a run's folder: `approvals/<step>.request.json`, and one file for
/// each person beside it.
struct ApprovalFiles: Sendable {
  private let folder: FilePath

  init(of run: RunFolder) { folder = run.path.appending("approvals") }

  private func request(_ step: String) -> FilePath { folder.appending("\(step).request.json") }

  func ask(_ request: ApprovalRequest) throws {
    try DurableFile.makeFolder(folder)
    try DurableFile.write(Array(request.json.text(.pretty).utf8), to: self.request(request.step))
  }

  /// Nobody is asked any more.
  func withdraw(_ step: String) { unlink(request(step).string) }

  /// What the run waits for at a step; nil where it waits for nothing.
  func asked(_ step: String) -> ApprovalRequest? {
    guard let bytes = try? DurableFile.read(request(step)) else { return nil }
    return (try? JSON(parsing: bytes)).flatMap { ApprovalRequest($0) }
  }

  /// The steps that wait.
  func waiting() -> [String] {
    names().filter { $0.hasSuffix(".request.json") }.map { String($0.dropLast(13)) }
  }

  func approve(_ step: String, _ approval: Approval) throws {
    // A login name need not be fit for a file's name; its hash is.
    let name = "\(step).\(SHA256.hex(of: approval.by).prefix(16)).approval.json"
    try DurableFile.write(Array(approval.json.text(.pretty).utf8), to: folder.appending(name))
  }

  /// The approvals of a step, in the order of their moments.
  func approvals(of step: String) -> [Approval] {
    names().filter { $0.hasPrefix("\(step).") && $0.hasSuffix(".approval.json") }
      .compactMap { name in
        guard let bytes = try? DurableFile.read(folder.appending(name)) else { return nil }
        return (try? JSON(parsing: bytes)).flatMap { Approval($0) }
      }.sorted { $0.at < $1.at }
  }

  private func names() -> [String] {
    guard let stream = opendir(folder.string) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.sorted()
  }
}

extension RunHistory {
  /// Gives somebody's word to a run that waits for it, or that will look for it when it is resumed.
  ///
  /// The word reaches the run through its folder: whoever gives it works with the same state folder.
  ///
  /// - Parameters:
  ///   - id: a run's id, short id, or a runbook's name; nil is the latest unfinished run.
  ///   - ask: shows the request and gives what was typed; nil when the person goes away.
  /// - Throws: `RunError` where nothing waits, where the word would not count, or where it was not
  ///   the phrase.
  public func approve(
    _ id: String?, step: String, as user: String, on host: String, at time: Timestamp,
    ask: (ApprovalRequest) async throws -> String?
  ) async throws -> ApprovalRequest {
    let folder = try find(id, unfinished: true)
    let files = ApprovalFiles(of: folder)
    guard let request = files.asked(step) else {
      let waiting = files.waiting()
      throw RunError(
        .notFound, "run \(folder.id) does not wait for an approval at step \"\(step)\"",
        hint: waiting.isEmpty
          ? "It waits for none." : "It waits at: \(waiting.joined(separator: ", ")).")
    }
    if request.needsOtherPerson, request.startedBy == user {
      throw RunError(
        .declined, "\(user) began run \(folder.id); another person has to approve it")
    }
    if files.approvals(of: step).contains(where: { $0.by == user && $0.shown == request.digest }) {
      throw RunError(.declined, "\(user) has approved step \"\(step)\" already")
    }
    let line = try await ask(request)
    guard line?.split(whereSeparator: \.isWhitespace).joined(separator: " ") == request.phrase
    else { throw RunError(.declined, "not approved: the phrase was not given") }
    try files.approve(step, Approval(by: user, host: host, at: time, shown: request.digest))
    return request
  }
}
