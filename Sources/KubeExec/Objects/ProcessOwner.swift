internal import Glibc
public import JSON

/// Which process has made an object (a relay pod, a Lease) and keeps it: one that is gone can be told
/// from one that is not.
public struct ProcessOwner: Hashable, Sendable {
  /// `ada@laptop`, for people.
  public var name: String
  /// Which start of which machine: the kernel draws it at random.
  public var boot: String
  /// Which numbering of processes: containers have their own.
  public var namespace: String
  /// The process.
  public var pid: Int
  /// When it began, in ticks since the machine's start: numbers are given again.
  public var started: String

  /// The annotations of the object that have them.
  private static let prefix = "omcops.process/"

  /// This process.
  public static func current(name: String) -> ProcessOwner {
    ProcessOwner(
      name: name, boot: contents("/proc/sys/kernel/random/boot_id"),
      namespace: link("/proc/self/ns/pid"), pid: Int(getpid()),
      started: started(Int(getpid())) ?? "")
  }

  /// As annotations.
  public var annotations: JSON {
    let pairs = [
      "owner": name, "boot": boot, "pid-namespace": namespace, "pid": String(pid),
      "started": started,
    ]
    return .object(
      .init(
        uniqueKeysWithValues: pairs.sorted { $0.key < $1.key }.map {
          (ProcessOwner.prefix + $0.key, JSON.string($0.value))
        }))
  }

  private init(name: String, boot: String, namespace: String, pid: Int, started: String) {
    self.name = name
    self.boot = boot
    self.namespace = namespace
    self.pid = pid
    self.started = started
  }

  /// Reads them; nil where they are not complete.
  public init?(_ object: KubeObject) {
    let value = { (key: String) in object.annotation(ProcessOwner.prefix + key) ?? "" }
    guard let pid = Int(value("pid")) else { return nil }
    self.init(
      name: value("owner"), boot: value("boot"), namespace: value("pid-namespace"), pid: pid,
      started: value("started"))
    guard ![boot, namespace, started].contains("") else { return nil }
  }

  /// Whether the process is provably no more, as seen by another one. Of another machine, of another
  /// start of this one, or of another container nothing can be said: then the object's own end has to come.
  public func isGone(seenBy other: ProcessOwner) -> Bool {
    guard boot == other.boot, namespace == other.namespace else { return false }
    // A process of another user need not be shown in /proc (hidepid), but its number is taken.
    if kill(pid_t(clamping: pid), 0) != 0, errno == ESRCH { return true }
    return ProcessOwner.started(pid).map { $0 != started } ?? false
  }

  /// Field 22 of `/proc/PID/stat`, counted behind the name, which may hold anything.
  private static func started(_ pid: Int) -> String? {
    let text = contents("/proc/\(pid)/stat")
    guard let name = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: name)...].split(separator: " ")
    return fields.count > 19 ? String(fields[19]) : nil
  }

  private static func contents(_ path: String) -> String {
    guard let bytes = try? SmallFile.read(path) else { return "" }
    return String(String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline })
  }

  private static func link(_ path: String) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let count = readlink(path, &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:))
    return String(decoding: bytes, as: UTF8.self)
  }
}
