internal import OrderedCollections
internal import Quantities

/// A `confirm` that needs somebody else's word: gathers who has given it, and waits for the rest.
struct Approvers {
  let request: ApprovalRequest
  private let driver: RunDriver
  private let files: ApprovalFiles

  init(_ request: ApprovalRequest, of driver: RunDriver) {
    self.request = request
    self.driver = driver
    files = ApprovalFiles(of: driver.folder)
  }

  /// Those whose word counts: what they were shown is what is asked now.
  private var given: Set<String> {
    let digest = request.digest
    return Set(
      driver.state[request.step].approvals.lazy.filter { $0.shown == digest }.map(\.by)
        .filter(counts))
  }

  private func counts(_ person: String) -> Bool {
    !(request.needsOtherPerson && person == request.startedBy)
  }

  /// Whether enough people have given their word.
  var isEnough: Bool { given.count >= request.needed }

  /// Whether the word of whoever runs this is wanted still.
  var wantsOwn: Bool {
    let user = driver.surroundings.user
    return counts(user) && !given.contains(user)
  }

  /// Lays the request into the run's folder.
  func ask() throws { try files.ask(request) }

  /// Nobody needs to be asked any more.
  func end() { files.withdraw(request.step) }

  /// Takes down the words that have come meanwhile.
  func gather() throws {
    for approval in files.approvals(of: request.step) where !given.contains(approval.by) {
      if approval.shown != request.digest {
        driver.tell(
          .message("the word of \(approval.by) is about what was shown before, and does not count"))
        continue
      }
      guard counts(approval.by) else { continue }
      try driver.record(
        .approval(
          step: request.step, by: approval.by, host: approval.host, at: approval.at,
          shown: approval.shown))
      driver.tell(.message("approved by \(approval.by) on \(approval.host)"))
    }
  }

  /// Waits until enough people have given their word.
  func wait(within bounds: Bounds) async throws {
    let (files, clock) = (files, driver.surroundings.clock)
    let (step, digest) = (request.step, request.digest)
    var known = Set<Approval>()
    driver.tell(.message(waiting))
    while !isEnough {
      let seen = known
      known = try await bounds.run {
        while true {
          let found = Set(files.approvals(of: step).filter { $0.shown == digest })
          if !found.isSubset(of: seen) { return found }
          try await clock.pause(.seconds(1))
        }
      }
      try gather()
    }
  }

  /// What has to happen, in a sentence with the command.
  var waiting: String {
    let missing = request.needed - given.count
    let people = missing == 1 ? "another person" : "\(missing) other people"
    return "\(given.count) of \(request.needed) people have approved; let \(people) run "
      + "`omcops runbook approve \(driver.identity.shortID) \(request.step)`"
  }
}
