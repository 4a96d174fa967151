internal import CCrypto

/// What Python's `cryptography.fernet` has encrypted: AES-128-CBC under a SHA-256 HMAC, with one key for
/// each. The format is github.com/fernet/spec; texts are decoded from base64url before they come here.
public enum Fernet {
  /// The bytes of a key: 16 that sign, 16 that encrypt.
  public static let keySize = 32
  private static let version: UInt8 = 0x80
  private static let blockSize = 16
  private static let macSize = 32

  /// What a token holds; nil where it is none of this key's, or was changed. How old it is does not count.
  public static func open(_ token: [UInt8], key: [UInt8]) -> [UInt8]? {
    let head = 1 + 8 + blockSize
    guard key.count == keySize, token.first == version,
      token.count >= head + blockSize + macSize, (token.count - head - macSize) % blockSize == 0
    else { return nil }
    let signed = Array(token.dropLast(macSize))
    guard isEqual(mac(of: signed, key: Array(key[..<16])), Array(token.suffix(macSize))) else {
      return nil
    }
    return decrypted(
      Array(signed[head...]), key: Array(key[16...]), vector: Array(signed[9..<head]))
  }

  /// RFC 2104 with SHA-256.
  static func mac(of text: [UInt8], key: [UInt8]) -> [UInt8] {
    let digest = MessageDigest.sha256
    let padded = key + [UInt8](repeating: 0, count: digest.blockSize - key.count)
    let inner = digest.digest(padded.map { $0 ^ 0x36 } + text)
    return digest.digest(padded.map { $0 ^ 0x5C } + inner)
  }

  /// In a time that says nothing of where they differ.
  private static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func decrypted(
    _ bytes: [UInt8], key: [UInt8], vector: [UInt8]
  ) -> [UInt8]? {
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(context) }
    var result = [UInt8](repeating: 0, count: bytes.count + blockSize)
    var (count, rest): (Int32, Int32) = (0, 0)
    guard EVP_DecryptInit_ex(context, EVP_aes_128_cbc(), nil, key, vector) == 1,
      EVP_DecryptUpdate(context, &result, &count, bytes, Int32(bytes.count)) == 1
    else { return nil }
    let isWhole = result.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { EVP_DecryptFinal_ex(context, $0 + Int(count), &rest) == 1 } ?? false
    }
    return isWhole ? Array(result.prefix(Int(count + rest))) : nil
  }
}
