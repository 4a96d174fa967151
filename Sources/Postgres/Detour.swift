internal import Synchronization

/// The way to a server that is not reached directly: a port of this machine, behind which somebody
/// carries the bytes.
///
/// libpq connects to the port; everything else (certificates, the password file, messages) goes by
/// the server's own name and port.
public struct Detour: Sendable, Hashable {
  /// The port of 127.0.0.1.
  public let port: Int
  /// What went wrong behind it.
  public let troubles: Troubles

  /// A way that begins at a port of this machine.
  public init(port: Int, troubles: Troubles = Troubles()) {
    self.port = port
    self.troubles = troubles
  }

  /// What went wrong with connections, by the port that each has on its own side: libpq sees nothing
  /// but their end.
  public final class Troubles: Sendable, Hashable {
    private let words = Mutex<[Int: String]>([:])
    /// Nobody may ask.
    private static let most = 256

    /// Nothing yet.
    public init() {}

    /// Says why a connection is about to end, before it does.
    public func note(_ trouble: String, ofPort port: Int) {
      words.withLock { words in
        if words.count >= Troubles.most { words.removeAll() }
        words[port] = trouble
      }
    }

    /// Forgets what was said about an earlier connection from the same port.
    public func forget(port: Int) { words.withLock { words in words[port] = nil } }

    /// What went wrong with a connection.
    func trouble(ofPort port: Int?) -> String? {
      port.flatMap { port in words.withLock { $0[port] } }
    }

    /// Whether both are the same.
    public static func == (a: Troubles, b: Troubles) -> Bool { a === b }

    /// By its identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  }
}
