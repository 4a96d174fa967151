import Testing

@testable import HTTPClient

@Suite struct TextTests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("\u{FF}\u{3FF}~", "w7/Pv34="),
  ])
  func base64BothWays(plain: String, encoded: String) {
    #expect(Base64.encode(plain.utf8) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
  }

  @Test(arguments: ["Zg", "Zg=", "Z===", "Zh==", "Zg==Zg==", "Zm9-", "Zm 9v\n"])
  func base64ThatIsNoneIsNotRead(text: String) {
    #expect(Base64.decode(text) == (text.hasSuffix("\n") ? Array("foo".utf8) : nil))
  }

  @Test func whatIsReservedIsPercentEncoded() {
    #expect(PercentEncoding.encode("env in (a,b)=ä~") == "env%20in%20%28a%2Cb%29%3D%C3%A4~")
    #expect(PercentEncoding.decode("a%20b%zz%4") == "a b%zz%4")
  }

  @Test(arguments: [
    ("https://h/p?q=1#f", "h", 443, "/p?q=1", "h"),
    ("HTTP://user:p%40ss@h.example:8080", "h.example", 8080, "/", "h.example:8080"),
    ("https://[::1]:6443/api", "::1", 6443, "/api", "[::1]:6443"),
    ("http://[::1]?x", "::1", 80, "/?x", "[::1]"),
  ])
  func addressesAreTakenApart(url: String, host: String, port: Int, target: String, field: String)
    throws
  {
    let address = try HTTPAddress(url)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.target == target)
    #expect(address.hostField == field)
    #expect(address.credentials == (url.contains("@") ? "user:p@ss" : nil))
    #expect(!address.url().contains("@"))
  }

  @Test(arguments: ["h/p", "ftp://h/", "http://", "http://h:0/", "http://h:x/", "http://h/a b"])
  func whatIsNoAddressIsRefusedWithoutBeingShown(url: String) {
    let error = #expect(throws: HTTPError.self) { try HTTPAddress(url) }
    #expect(error?.kind == .invalidRequest)
    #expect(error?.message.contains(url) == false)
  }

  @Test func proxiesComeFromTheEnvironmentAndHaveExceptions() throws {
    let proxies = HTTPProxies(environment: [
      "HTTP_PROXY": "http://evil:1", "HTTPS_PROXY": "http://p:3128",
      "no_proxy": "10.0.0.0/8, .corp.example,[fd00::1]:6443,plain:81,fe80::/10 *.star.example",
    ])
    #expect(proxies.http == nil)
    func proxy(_ url: String) throws -> String? { try proxies.proxy(for: HTTPAddress(url)) }
    #expect(try proxy("http://h/") == nil)
    #expect(try proxy("https://h/") == "http://p:3128")
    for url in [
      "https://10.1.2.3:6443/", "https://corp.example/", "https://a.CORP.example/",
      "https://[fd00::1]:6443/", "https://plain:81/", "https://[fe80::9]/",
      "https://x.star.example/",
    ] {
      #expect(try proxy(url) == nil, "\(url)")
    }
    for url in [
      "https://11.1.2.3/", "https://notcorp.example/", "https://[fd00::1]/", "https://plain/",
      "https://[fd00::2]:6443/",
    ] {
      #expect(try proxy(url) == "http://p:3128", "\(url)")
    }
    #expect(
      try HTTPProxies(http: "p", https: "p", exceptions: ["*"]).proxy(for: HTTPAddress("http://h"))
        == nil)
  }

  @Test func fieldsKeepTheirOrderAndHaveNoCase() {
    var headers: HTTPHeaders = ["Warning": "299 - \"a\"", "X": "1", "warning": "299 - \"b\""]
    #expect(headers.all("WARNING") == ["299 - \"a\"", "299 - \"b\""])
    headers.set("x", "2")
    #expect(headers["X"] == "2")
    #expect(headers.fields.count == 3)
  }
}
