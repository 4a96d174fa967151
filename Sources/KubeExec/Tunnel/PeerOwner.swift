internal import Glibc

/// Whose a connection of this machine is. What a tunnel leads to is for its own user alone, but any
/// user can connect to a port of 127.0.0.1.
enum PeerOwner {
  /// Whether the socket at the other end of a connection on 127.0.0.1 belongs to this process's user.
  ///
  /// By `/proc/net/tcp` (proc(5)): local and remote address in hexadecimal, the user in field 8.
  static func isThisUser(from peer: Int, to port: Int) -> Bool {
    guard let file = fopen("/proc/net/tcp", "re") else { return false }
    defer { fclose(file) }
    let (local, remote) = (address(peer), address(port))
    var line: UnsafeMutablePointer<CChar>?
    var room = 0
    defer { free(line) }
    while getline(&line, &room, file) > 0, let text = line.map({ String(cString: $0) }) {
      let fields = text.split(separator: " ", maxSplits: 8)
      guard fields.count > 7, fields[1] == local, fields[2] == remote else { continue }
      return UInt32(fields[7]) == geteuid()
    }
    return false
  }

  /// `0100007F:1F90`: the address is printed as a number of this machine's byte order.
  private static func address(_ port: Int) -> String {
    digits(inet_addr("127.0.0.1"), 8) + ":" + digits(UInt32(port), 4)
  }

  private static func digits(_ number: UInt32, _ count: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
