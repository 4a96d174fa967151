import Glibc
import SystemPackage

/// A terminal without a person: what is written to `device` can be read back.
final class PseudoTerminal {
  /// The end that a program writes to.
  let device: Int32
  private let screen: Int32

  init(columns: Int) throws {
    var locked: Int32 = 0
    // TIOCSPTLCK and TIOCGPTPEER of tty_ioctl(4): Swift does not see the C library's functions,
    // which are hidden behind a feature macro.
    screen = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    let isUnlocked = ioctl(screen, 0x4004_5431, &locked) == 0
    device = ioctl(screen, 0x5441, O_RDWR | O_NOCTTY)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard isUnlocked, ioctl(device, UInt(TIOCSWINSZ), &size) == 0 else {
      throw Errno(rawValue: errno)
    }
  }

  deinit {
    close(device)
    close(screen)
  }

  /// What has been written since the last time; waits for something.
  func read() -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(screen, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
