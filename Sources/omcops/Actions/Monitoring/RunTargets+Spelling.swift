internal import Configuration

extension RunTargets {
  /// A server's address for the command that a person would type: what the file says, or else a
  /// variable that they would set.
  func spelling(of kind: ServerKind) -> String {
    let targets = (try? chosen())?.targets
    let server = targets?.servers.first { $0.name == kind.rawValue }?.server
    if case .literal(let url)? = server?.url?.value {
      return shellQuoted(SecretMask.url(url.hasSuffix("/") ? String(url.dropLast()) : url))
    }
    return "\"$\(kind.rawValue.uppercased())\""
  }
}
