import Testing

@testable import LogOps

@Suite("Secrets are hidden")
struct SecretTests {
  @Test(
    "in every form that logs have them",
    arguments: [
      ("login password=hunter2 ok", "hunter2"), ("{\"password\":\"hun\\\"ter2\",\"a\":1}", "ter2"),
      ("PGPASSWORD=hunter2", "hunter2"), ("password: hunter2", "hunter2"),
      ("'api_key': 'abc123'", "abc123"), ("api-key=abc123&x=1", "abc123"),
      ("client_secret=abc, next", "abc"), ("X-Auth-Token: 9f8e7d6c5b", "9f8e7d6c5b"),
      ("Authorization: Bearer abc.def-123", "abc.def-123"),
      ("authorization=Basic dXNlcjpwdw==", "dXNlcjpwdw=="),
      ("sent bearer abcDEF123456 to it", "abcDEF123456"),
      ("key AKIAIOSFODNN7EXAMPLE used", "IOSFODNN7EXAMPLE"),
      ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
      ("postgres://app:s3cr3t@db:5432/x", "s3cr3t"), ("redis://:s3cr3t@cache/0", "s3cr3t"),
      ("amqp://u:p@ss@host/", "ss@host"),
      ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "hbGciOiJIUzI1NiJ9"),
      ("token ghp_abcdefghijklmnopqrstuvwxyz0123", "abcdefghijklmnopqrstuvwxyz0123"),
      ("stripe sk_live_abcdefghij0123456789", "abcdefghij0123456789"),
      ("slack xoxb-123456789012-abcdefghij", "123456789012"),
      ("msg=\"{\\\"password\\\": \\\"hunter2\\\"}\" x", "hunter2"),
    ], [1, 5, 1 << 16])
  func hidden(_ example: (String, String), pieces: Int) throws {
    let shown = try output(of: "before\n\(example.0)\nbehind\n".utf8, pieces: pieces)
    #expect(!shown.contains(example.1))
    #expect(shown.contains("********"))
    #expect(shown.hasPrefix("before\n") && shown.hasSuffix("\nbehind\n"))
  }

  @Test("a private key is hidden, line by line")
  func privateKey() throws {
    let text = "x -----BEGIN RSA PRIVATE KEY-----\\nMIIEabc\\n-----END RSA PRIVATE KEY----- y\n"
    let shown = try output(of: text.utf8)
    #expect(!shown.contains("MIIE"))
    #expect(shown.contains("-----END RSA PRIVATE KEY----- y"))
  }

  @Test(
    "what is no secret stays",
    arguments: [
      "invalid token: unexpected end of file", "max_tokens=50 used", "password=null",
      "mail to a@b.example: sent", "http://host:80/a@b", "time: 10:00:00", "the bearer of news",
      "token_count=3", "password=********", "at 2026-11-29T10:00:00Z id=x-y",
    ])
  func shown(_ line: String) throws {
    #expect(try output(of: (line + "\n").utf8) == line + "\n")
  }

  @Test("they are shown to whoever asks")
  func asked() throws {
    let options = options { $0.style.hidesSecrets = false }
    #expect(try output(of: "password=x1\n".utf8, options: options) == "password=x1\n")
  }
}
