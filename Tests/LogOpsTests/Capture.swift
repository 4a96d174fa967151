import Glibc

@testable import LogOps

/// Runs text through a pipeline in pieces of a size and gives what comes out.
func output(
  of text: some Sequence<UInt8>, pieces size: Int = 1 << 16, options: LogOptions = LogOptions()
) throws -> String {
  String(decoding: try bytes(of: text, pieces: size, options: options).bytes, as: UTF8.self)
}

/// The same, with how it ended.
func bytes(
  of text: some Sequence<UInt8>, pieces size: Int = 1 << 16, options: LogOptions = LogOptions()
) throws -> (bytes: [UInt8], ending: Ending) {
  guard let file = tmpfile() else { throw Unusable() }
  defer { fclose(file) }
  let descriptor = fileno(file)
  let pipeline = try LogPipeline(options, descriptor: descriptor)
  let source = pipeline.add(SourceLabel(file: "test.log"))
  var rest = Array(text)[...]
  while !rest.isEmpty {
    let goesOn = try Array(rest.prefix(size)).withUnsafeBytes {
      try pipeline.feed($0, from: source)
    }
    rest = goesOn ? rest.dropFirst(size) : []
  }
  try pipeline.end(source)
  let ending = try pipeline.finish()
  let count = Int(lseek(descriptor, 0, SEEK_END))
  var bytes = [UInt8](repeating: 0, count: count)
  guard pread(descriptor, &bytes, count, 0) == count else { throw Unusable() }
  return (bytes, ending)
}

/// The machine does not let the test do its work.
struct Unusable: Error {}

/// Options made in place.
func options(_ change: (inout LogOptions) throws -> Void) rethrows -> LogOptions {
  var options = LogOptions()
  try change(&options)
  return options
}

extension String {
  /// Hands the text's bytes to `body`.
  func bytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(utf8).withUnsafeBytes(body)
  }
}
