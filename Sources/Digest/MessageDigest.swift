internal import CCrypto

/// The digests that other programs' data are keyed or checked by, by libcrypto.
///
/// MD5 and SHA-1 are broken for signatures; they are here to compute what others computed (version
/// 3 and 5 UUIDs, ETags), not to protect anything.
public enum MessageDigest: String, Sendable, CaseIterable {
  case md5, sha1, sha224, sha256, sha384, sha512
  case sha3_256 = "sha3_256"
  case sha3_512 = "sha3_512"
  case blake2b, blake2s

  /// The number of bytes of the digest.
  public var size: Int { Int(EVP_MD_get_size(algorithm)) }

  /// The number of bytes that it digests at once.
  public var blockSize: Int { Int(EVP_MD_get_block_size(algorithm)) }

  /// The digest of `bytes`.
  public func digest(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &result, &length, algorithm, nil) == 1 else {
      preconditionFailure("libcrypto has no \(rawValue)")
    }
    return Array(result.prefix(Int(length)))
  }

  private var algorithm: OpaquePointer? {
    switch self {
    case .md5: EVP_md5()
    case .sha1: EVP_sha1()
    case .sha224: EVP_sha224()
    case .sha256: EVP_sha256()
    case .sha384: EVP_sha384()
    case .sha512: EVP_sha512()
    case .sha3_256: EVP_sha3_256()
    case .sha3_512: EVP_sha3_512()
    case .blake2b: EVP_blake2b512()
    case .blake2s: EVP_blake2s256()
    }
  }
}
