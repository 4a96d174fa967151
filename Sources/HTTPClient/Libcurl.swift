internal import CCurl

/// The library, which is loaded by the first client that makes a request.
enum Libcurl {
  private static let problem: String? = omc_curl_load().map { String(cString: $0) }

  /// Loads it, unless that was done.
  ///
  /// - Throws: `HTTPError` of kind `library`.
  static func load() throws {
    if let problem {
      throw HTTPError(
        .library, "libcurl is needed here and cannot be loaded: \(problem)",
        hint: "install the Debian package libcurl4 or what your system calls it")
    }
  }
}
