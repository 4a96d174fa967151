public import Diagnostics

/// Why an archive, or one of its files, cannot be read or written.
public struct ArchiveError: Failure, Hashable {
  /// What kind of trouble it is.
  public struct Code: Hashable, Sendable {
    let raw: String
    /// The bytes are not an archive of pg_dump's at all.
    public static let notAnArchive = Code(raw: "not-an-archive")
    /// An archive, but of a version, format or compression that is not read.
    public static let unsupported = Code(raw: "unsupported")
    /// The bytes end too early.
    public static let truncated = Code(raw: "truncated")
    /// The bytes contradict the format or their own checksum.
    public static let corrupt = Code(raw: "corrupt")
    /// A file name in the archive leads out of its folder.
    public static let unsafeName = Code(raw: "unsafe-name")
    /// The file system refused.
    public static let fileSystem = Code(raw: "file-system")
  }

  /// What kind of trouble it is.
  public let code: Code
  /// What is wrong, without the place.
  public let reason: String
  /// The file, as the caller named it.
  public var file: String?
  /// The byte in that file at which it was noticed, from 0.
  public var offset: Int64?

  /// Describes trouble at a place.
  public init(_ code: Code, _ reason: String, file: String? = nil, offset: Int64? = nil) {
    self.code = code
    self.reason = reason
    self.file = file
    self.offset = offset
  }

  /// The file, what is wrong with it and at which byte.
  public var message: String {
    let place = offset.map { " at byte \($0)" } ?? ""
    return file.map { "\($0): \(reason)\(place)" } ?? reason + place
  }

  /// Refused where the archive is of a kind that is not read; else failed.
  public var status: ExitStatus { code == .unsupported ? .refused : .failed }

  /// The same trouble, with the file's name.
  public func inFile(_ name: String) -> ArchiveError {
    ArchiveError(code, reason, file: name, offset: offset)
  }
}
