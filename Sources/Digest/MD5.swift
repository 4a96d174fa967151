internal import CCrypto

/// MD5 (RFC 1321), which databases and tools use for names and row hashes, not for secrets.
public enum MD5 {
  /// The digest in lower-case hexadecimal.
  public static func hexDigest(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 16)
    let done = bytes.withUnsafeBytes {
      EVP_Digest($0.baseAddress, $0.count, &digest, nil, EVP_md5(), nil)
    }
    precondition(done == 1, "libcrypto has no MD5")
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
