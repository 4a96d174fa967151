import Configuration
import Testing

@Suite struct SecretMaskTests {
  @Test(
    "no password is left, and everything else is",
    arguments: [
      ("postgres://u:hunter2@h/d", "postgres://u:********@h/d"),
      ("postgres://u:hunt@er:2@h/d", "postgres://u:********@h/d"),
      ("postgres://u@h:5432/d", "postgres://u@h:5432/d"),
      (
        "postgres://h/d?user=u&password=hunter2&sslmode=require",
        "postgres://h/d?user=u&password=********&sslmode=require"
      ),
      ("host=h password=hunter2 user=u", "host=h password=******** user=u"),
      ("host=h password = 'hun ter\\'2' user=u", "host=h password =******** user=u"),
      ("host=h sslpassword=hunter2", "host=h sslpassword=********"),
      ("host=h passfile=/f", "host=h passfile=/f"),
    ])
  func url(_ text: String, _ masked: String) {
    #expect(SecretMask.url(text) == masked)
  }
}
