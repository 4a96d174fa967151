internal import Archive

extension Manifest.File {
  /// A file that was written; its digest has been taken.
  init(_ file: DataFileSummary) {
    guard let sha256 = file.sha256 else {
      preconditionFailure("\(file.fileName) has not been hashed")
    }
    self.init(bytes: file.bytes, sha256: sha256)
  }
}
