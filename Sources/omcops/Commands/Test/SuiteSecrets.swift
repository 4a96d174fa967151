internal import Configuration
internal import Runbooks

extension ResolvedTestSuite {
  /// What hides the values that the suite has from elsewhere in whatever is shown of its run.
  var mask: @Sendable (String) -> String {
    let masker = Masker()
    for secret in secrets { masker.register(secret) }
    return { masker.mask($0) }
  }
}
