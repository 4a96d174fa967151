internal import CCrypto

/// SHA-256 (FIPS 180-4) over a stream of bytes, by libcrypto.
///
/// A value owns its context and is used by one task at a time.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Starts an empty digest.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto has no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes to the digest.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    EVP_DigestUpdate(context, base, bytes.count)
  }

  /// Ends the digest and gives its 32 bytes; the value cannot be used afterwards.
  public consuming func finalize() -> [UInt8] {
    var result = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &result, nil)
    return result
  }

  /// Ends the digest and gives it in lower-case hexadecimal.
  public consuming func hex() -> String { SHA256.hex(finalize()) }

  /// The digest of bytes that are in memory, in lower-case hexadecimal.
  public static func hex(of bytes: some Sequence<UInt8>) -> String {
    var digest = SHA256()
    let done: Void? = bytes.withContiguousStorageIfAvailable { digest.update(.init($0)) }
    if done == nil { Array(bytes).withUnsafeBytes { digest.update($0) } }
    return digest.hex()
  }

  /// The digest of a text's UTF-8, in lower-case hexadecimal.
  public static func hex(of text: String) -> String { hex(of: text.utf8) }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
