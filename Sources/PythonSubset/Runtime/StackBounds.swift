internal import Glibc

/// How much of the stack the evaluator may use: it recurses as deep as the script does, on whatever
/// thread it was given.
///
/// Threads here have the default size (8 MiB unless `ulimit -s` says otherwise), those of Dispatch
/// too; the use is measured from where the evaluator was entered.
struct StackBounds {
  /// The lowest address that may be used; below it the reserve begins.
  private let lowest: UInt

  /// What is left for the code above the entry, between two checks, and for unwinding.
  private static let reserve = 768 << 10

  private static let size: Int = {
    var attributes = pthread_attr_t()
    var size = 0
    pthread_attr_init(&attributes)
    pthread_attr_getstacksize(&attributes, &size)
    pthread_attr_destroy(&attributes)
    return min(max(size, 1 << 20), 64 << 20)
  }()

  init() { lowest = StackBounds.here - UInt(StackBounds.size - StackBounds.reserve) }

  /// Whether the reserve is reached.
  @inline(__always)
  var isExhausted: Bool { StackBounds.here < lowest }

  @inline(__always)
  private static var here: UInt {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
  }
}

/// How much memory the process has: its resident pages.
enum ResidentMemory {
  static var bytes: Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var text = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &text, text.count)
    let fields = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
  }
}
