/// Hides secrets in texts that come from logs by another way than pods and files.
public enum LogSecrets {
  /// The text with everything hidden that looks like a secret, as `omcops logs` hides it.
  public static func masked(_ text: String) -> String {
    let output = ByteBuffer()
    var text = text
    return text.withUTF8 { bytes in
      guard SecretMask().hide(in: UnsafeRawBufferPointer(bytes), to: output) else { return nil }
      return String(decoding: output.bytes, as: UTF8.self)
    } ?? text
  }
}
