internal import Glibc

/// Whose a connection of this machine is. What a tunnel leads to is for its own user alone, but any
/// user can connect to a port of 127.0.0.1.
enum PeerOwner {
  /// Whether the socket at the other end of a connection belongs to this process's user.
  ///
  /// By `/proc/net/tcp` (proc(5)): local and remote address in hexadecimal, the user in field 8.
  static func isThisUser(from peer: Int, to port: Int) -> Bool {
    guard let file = fopen("/proc/net/tcp", "re") else { return false }
    defer { fclose(file) }
    let (local, remote) = (suffix(peer), suffix(port))
    var line: UnsafeMutablePointer<CChar>?
    var room = 0
    defer { free(line) }
    while getline(&line, &room, file) > 0, let text = line.map({ String(cString: $0) }) {
      let fields = text.split(separator: " ", maxSplits: 8)
      guard fields.count > 7, fields[1].hasSuffix(local), fields[2].hasSuffix(remote) else {
        continue
      }
      return UInt32(fields[7]) == geteuid()
    }
    return false
  }

  /// `:1F90`.
  private static func suffix(_ port: Int) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return ":" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
