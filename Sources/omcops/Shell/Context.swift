internal import Glibc
internal import Terminal

/// Everything that a command takes from the outside world.
struct Context: Sendable {
  /// The variables of the process's environment.
  var environment: [String: String]
  /// The folder that the process was started in.
  var workingDirectory: String
  /// Answers and piped data.
  var input: InputStream
  /// Data, and nothing else.
  var output: OutputStream
  /// Messages, questions and progress.
  var error: OutputStream
  /// SIGINT and SIGTERM.
  var interrupts: Interrupts
  /// The ways through clusters that are open.
  var tunnels: Tunnels
  /// The one thread that the whole command runs on; nil where that is the shared pool.
  var thread: FirstThread?

  /// What the process really has.
  static func live() -> Context {
    Context(
      environment: liveEnvironment(), workingDirectory: liveWorkingDirectory(),
      input: .standardInput, output: .standardOutput, error: .standardError,
      interrupts: .live, tunnels: .live)
  }

  /// Lets the command's other work go on where all of it runs on one thread.
  @Sendable func letOthersRun() async { await thread?.jobs.letOthersRun() }

  /// Whether a question can be asked and answered.
  var canPrompt: Bool { input.isTerminal && error.isTerminal }

  /// What the server's administrators see: who, from where, doing what. PostgreSQL keeps 63 bytes.
  func applicationName(_ command: String) -> String {
    String("omcops \(command) \(user)@\(host)".prefix(63))
  }

  /// The operator's login name, for locks, journals and `application_name`.
  var user: String {
    if let name = environment["SUDO_USER"] ?? environment["USER"], !name.isEmpty { return name }
    return Context.loginName
  }

  /// What the machine's list of users says; looked up once.
  private static let loginName: String = {
    // Asks no name service first, for the user that containers have.
    if getuid() == 0 { return "root" }
    guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else {
      return String(getuid())
    }
    return String(cString: name)
  }()

  /// The machine's name.
  var host: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func liveEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      next = next.successor()
    }
    return variables
  }

  private static func liveWorkingDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }
}
