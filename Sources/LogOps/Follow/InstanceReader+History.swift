internal import Diagnostics
internal import KubeExec
internal import Synchronization

/// What the cluster has no longer of a container, from a Loki that has kept it.
///
/// Where both meet, stamps decide: those of a Loki whose collector takes over the runtime's are the
/// cluster's to the nanosecond, and lines of both are known by them (`ResumePoint`). Where they are
/// others, the cluster's first lines are looked for by what they say, and where that does not help
/// either, it is told that lines may be missing.
extension InstanceReader {
  /// So far around the cluster's first line its like is looked for where stamps are not the same.
  private static let margin = Duration.seconds(60)
  /// So many lines are looked at there.
  private static let marginLines = 5000
  /// A collector is behind by so much at most.
  private static let delay = Duration.seconds(15)

  private var place: LogHistory.Place {
    LogHistory.Place(namespace: namespace, pod: pod, container: identity.container)
  }

  /// Before the first request: what stands before all that the cluster has, where logs are wanted from a
  /// time on that the cluster's does not reach back to. Gives where the cluster's begins; nil where nothing
  /// was filled in, or the cluster has nothing.
  func fillStart() async throws -> LogTime? {
    guard let history = options.startHistory, let second = options.sinceSecond, wasThere, !isRest,
      held.isOpen, pipeline.newest(source) == nil
    else { return nil }
    let since = LogTime(nanoseconds: second * 1_000_000_000)
    let head: LogHead?
    // What it refuses the first request is told of as well.
    do { head = try await self.head() } catch is KubeError { return nil }
    if let head, head.time < since { return nil }
    _ = pipeline.begin(source)
    do {
      try await fill(history, from: since, to: head)
    } catch let trouble as LokiTrouble {
      if history.isRequired { throw trouble }
      tell(trouble, history, "what \(name) wrote before its log in the cluster begins is missing")
      pipeline.acceptNextGap(source)
      return nil
    }
    return head?.time
  }

  /// What lies between the last line and the first behind a gap, and both of them: so the pipeline sees
  /// whether the gap is filled.
  func fillGap(before end: LogTime) async throws {
    guard let history = options.history, let newest = pipeline.newest(source) else { return }
    _ = pipeline.begin(source)
    do {
      let isExact = try await isKept(end, history)
      let limit = isExact ? end + .nanoseconds(1) : min(.now(), end + Self.margin)
      var (count, hasRuntime) = (0, isExact)
      try await readKept(history, from: newest, to: limit) { lines in
        // Stamps that are not the runtime's tell nothing of what was shown already.
        let usable = lines.filter {
          (isExact || $0.isRuntime) && newest <= $0.time && $0.time <= end
        }
        hasRuntime = hasRuntime || !usable.isEmpty
        count += usable.count { newest < $0.time && $0.time < end }
        return usable
      }
      tell(count, history)
      if !hasRuntime {
        notices.tell(
          "\(history.title) has not the first line of \(name) behind a gap, at least not under its own "
            + "stamp: the gap stays")
      }
    } catch let trouble as LokiTrouble {
      tell(trouble, history, "a gap in \(name) stays")
    }
  }

  /// Behind the end of an answer: what a rotation took away after the cluster's first line was looked at.
  ///
  /// - Parameter start: where the cluster's log began then.
  func fillRest(since start: LogTime) async throws {
    guard let history = options.startHistory else { return }
    let newest = pipeline.newest(source)
    do {
      if let newest, try await history.has(place, at: newest) {
        return try await fillRest(history, from: newest, to: history.until ?? .now())
      }
    } catch let trouble as LokiTrouble {
      return tell(trouble, history, "what came last of \(name) may be missing")
    }
    // The answer has begun where the log did.
    if let newest, newest > start { return }
    if let head = try? await head(), head.time <= start { return }
    notices.lose("\(name): its log was rotated while it was read, and lines may be missing")
  }

  private func fillRest(
    _ history: LogHistory, from newest: LogTime, to end: LogTime
  ) async throws {
    _ = pipeline.begin(source)
    var count = 0
    try await readKept(history, from: newest, to: end) { lines in
      count += lines.count { $0.time > newest }
      return lines.filter { $0.time >= newest }
    }
    tell(count, history)
  }

  /// Behind the end of an instance: what the cluster had not given when the pod went away, or its log was
  /// rotated. Says whether it was there: where another instance has begun, its lines could not be told from
  /// these.
  func fillEnd(isGone: Bool) async throws -> Bool {
    let newest = pipeline.newest(source)
    let since = options.sinceSecond.map { LogTime(nanoseconds: $0 * 1_000_000_000) }
    guard let history = newest == nil ? options.startHistory : options.history,
      let start = newest ?? (isGone ? since : nil), !options.previous, options.limitBytes == nil
    else { return false }
    do {
      if let newest, try await !history.has(place, at: newest) { return false }
      // What was written last may still be on its way.
      if isGone, LogTime.now() < start + Self.delay { try await Task.sleep(for: .seconds(3)) }
      let end = min(.now(), history.until ?? .now())
      guard try await isLast() else { return false }
      if let newest {
        try await fillRest(history, from: newest, to: end)
        return true
      }
      let count = try await feed(history, from: start, to: end)
      tell(count, history)
      return count > 0
    } catch let trouble as LokiTrouble {
      tell(trouble, history, "the end of \(name) may be missing")
      return isGone
    }
  }

  /// Whether no other instance has begun, nor another pod of the name.
  private func isLast() async throws -> Bool {
    do {
      guard let object = try await client.find(.pods, pod, in: namespace) else { return true }
      return ContainerState.present(of: identity, in: object) == .terminated
    } catch is KubeError { return false }
  }

  /// All from a moment on that the cluster has not.
  private func fill(
    _ history: LogHistory, from start: LogTime, to head: LogHead?
  ) async throws {
    let end = head?.time ?? .now()
    guard let head, end < history.until ?? end + .nanoseconds(1) else {
      // Nothing of the cluster's follows that could be the same.
      tell(try await feed(history, from: start, to: min(end, history.until ?? end)), history)
      return
    }
    if try await isKept(end, history, unlessEmptySince: start) {
      tell(try await feed(history, from: start, to: end + .nanoseconds(1), before: end), history)
    } else {
      try await feedByText(history, from: start, head)
    }
  }

  /// Where stamps are not the same: what comes before the line that says what the cluster's first does.
  private func feedByText(
    _ history: LogHistory, from start: LogTime, _ head: LogHead
  ) async throws {
    let border = max(start, head.time - Self.margin)
    var count = try await feed(history, from: start, to: border)
    var around: [KeptLine] = []
    // What is far before the end cannot be where they meet.
    try await readKept(history, from: border, to: head.time) { lines in
      around += lines
      let far = around.prefix(max(0, around.count - Self.marginLines))
      defer { around.removeFirst(far.count) }
      count += far.count
      return Array(far)
    }
    // Nor what is far behind it.
    var later = 0
    try await readKept(history, from: head.time, to: min(.now(), head.time + Self.margin)) {
      lines in
      around += lines
      later += lines.count
      return later < 2 * Self.marginLines ? [] : nil
    }
    let before: [KeptLine]
    if around.contains(where: { $0.isRuntime && $0.time == head.time }) {
      before = around.filter { $0.time <= head.time }
    } else {
      switch HistorySeam(around, head) {
      case .at(let index):
        var first = around[index]
        first.time = head.time
        before = around[..<index].map { $0.clamped(before: head.time) } + [first]
      case .unknown, .ambiguous:
        before = around.filter { $0.time < head.time }
        pipeline.acceptNextGap(source)
        if mayLack(head, hasKept: count + before.count > 0) {
          notices.lose(
            "\(history.title) has not the first line that the cluster has of \(name), at least not under "
              + "its own stamp: whether lines before \(head.time.stamp) are missing, or come twice, cannot "
              + "be told")
        }
      }
    }
    count += before.count { $0.time < head.time }
    try feed(before)
    tell(count, history)
  }

  /// Whether lines may be missing before the cluster's first: not where it has begun then.
  private func mayLack(_ head: LogHead, hasKept: Bool) -> Bool {
    if hasKept { return true }
    guard let started, let since = options.sinceSecond else { return true }
    return head.time.seconds - max(started, since) > 60
  }

  /// Whether a Loki has a line of that stamp; a collector may still be on its way with it.
  ///
  /// - Parameter start: where it has nothing from there on, it is not waited for.
  private func isKept(
    _ time: LogTime, _ history: LogHistory, unlessEmptySince start: LogTime? = nil
  ) async throws -> Bool {
    if try await history.has(place, at: time) { return true }
    if let start, try await isEmpty(history, from: start, to: .now()) { return false }
    while LogTime.now() < time + Self.delay {
      try await Task.sleep(for: .seconds(2))
      if try await history.has(place, at: time) { return true }
    }
    return false
  }

  private func isEmpty(
    _ history: LogHistory, from start: LogTime, to end: LogTime
  ) async throws -> Bool {
    var isEmpty = true
    _ = try await history.read(history.selector(of: place), from: start, to: end) { _ in
      isEmpty = false
      return false
    }
    return isEmpty
  }

  /// Feeds all from one moment to another; says how many lines that were.
  ///
  /// - Parameter seam: where it ends for who counts; the rest is the cluster's too.
  private func feed(
    _ history: LogHistory, from start: LogTime, to end: LogTime, before seam: LogTime? = nil
  ) async throws -> Int {
    var count = 0
    try await readKept(history, from: start, to: end) { lines in
      count += lines.count { $0.time < seam ?? end }
      return lines
    }
    return count
  }

  /// Reads what was kept, and feeds what `choose` makes of it; nil ends reading.
  private func readKept(
    _ history: LogHistory, from start: LogTime, to end: LogTime,
    _ choose: ([KeptLine]) -> [KeptLine]?
  ) async throws {
    var text = KeptText()
    let cut = try await history.read(history.selector(of: place), from: start, to: end) { lines in
      guard let chosen = choose(lines.map(KeptLine.init)) else { return false }
      for line in chosen { text.append(line) }
      return try feed(&text)
    }
    for moment in cut { notices.tellCut(moment, name, history) }
  }

  private func feed(_ lines: [KeptLine]) throws {
    var text = KeptText()
    for line in lines { text.append(line) }
    _ = try feed(&text)
  }

  private func feed(_ text: inout KeptText) throws -> Bool {
    let bytes = text.take()
    guard !bytes.isEmpty else { return true }
    guard try bytes.withUnsafeBytes({ try pipeline.feed($0, from: source) }) else {
      throw CancellationError()
    }
    return true
  }

  private func tell(_ count: Int, _ history: LogHistory) {
    guard count > 0 else { return }
    notices.tell(
      "\(count) line\(count == 1 ? "" : "s") of \(name) that the cluster has no longer: from "
        + history.title)
  }

  private func tell(_ trouble: LokiTrouble, _ history: LogHistory, _ lack: String) {
    notices.lose(history.isNews(trouble) ? "\(trouble.message); \(lack)" : lack)
  }

  /// The first lines of all that the cluster has.
  private func head() async throws -> LogHead? {
    var request = PodLogQuery(namespace: namespace, pod: pod, container: identity.container)
    request.limitBytes = LogHead.size
    let bytes = Mutex<[UInt8]>([])
    try await client.streamLog(request, timeout: Self.patience) { piece in
      bytes.withLock { $0 += piece }
    }
    return LogHead(bytes.withLock { $0 })
  }
}

extension KeptLine {
  /// The same with a stamp that is not behind another line's.
  fileprivate func clamped(before time: LogTime) -> KeptLine {
    var line = self
    line.time = min(self.time, time - .nanoseconds(1))
    return line
  }
}

extension LogNotices {
  /// A server does not give all lines of a nanosecond.
  func tellCut(_ moment: LogTime, _ name: String, _ history: LogHistory) {
    lose(
      "\(history.title) has more than \(LokiPages.greatestLimit) lines of \(name) at \(moment.stamp) and "
        + "gives no more at once: the others are missing")
  }
}
