import Glibc
import ProgramRunner
import SystemPackage
import Testing

/// An environment in a stand-in for AWS, and an `aws` in PATH that writes down how it was called.
struct CloudScene: Sendable {
  let scene: Scene
  let port: Int

  static let isThere = BackgroundServer.has("aws", "moto_server")

  static func play(_ body: @escaping @Sendable (CloudScene) async throws -> Void) async throws {
    try await Scene.play { scene in
      let cloud = CloudScene(scene: scene, port: try BackgroundServer.freePort())
      try scene.writeConfiguration(
        """
        aws: { region: ap-southeast-2, account: "123456789012", endpoint-url: "http://127.0.0.1:\(cloud.port)" }
        """, hasDatabase: false)
      let real = try #require(BackgroundServer.find("aws"))
      try scene.write(
        "#!/bin/sh\nprintf '%s\\n' \"$*\" >>\(scene.folder)/calls\nexec \(real) \"$@\"\n",
        to: "bin/aws")
      guard chmod(scene.folder.appending("bin/aws").string, 0o755) == 0 else {
        throw Errno(rawValue: errno)
      }
      try await BackgroundServer.running(
        "moto_server", ["-H", "127.0.0.1", "-p", "\(cloud.port)"], port: cloud.port,
        in: scene.folder
      ) { try await body(cloud) }
    }
  }

  func run(_ steps: String, more: String = "", secret: String = "") async throws -> ProgramResult {
    try scene.writeSteps(steps, to: "steps", more: more)
    return try await scene.omcops(
      ["runbook", "run", "steps.yaml", "-i", "environment=here"],
      environment: [
        "PATH": "\(scene.folder)/bin:\(Tool.path)", "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing", "NEW": secret,
      ], timeout: .seconds(120))
  }

  /// The stand-in's own `aws` and what makes it ask this scene's server.
  func aws(_ words: String) throws -> String {
    let real = try #require(BackgroundServer.find("aws"))
    return
      "\(real) \(words) --endpoint-url http://127.0.0.1:\(port) --region ap-southeast-2 --output text"
  }

  /// What the secret `app` holds.
  func secretText() async throws -> String {
    let words = try aws(
      "secretsmanager get-secret-value --secret-id app --version-stage AWSCURRENT --query SecretString"
    )
    let result = try await Program("/bin/sh").run(
      ["-c", words],
      environment: [
        "PATH": Tool.path, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
      ])
    #expect(result.exitCode == 0, "\(result.told)")
    return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
  }

  /// How `aws` was called.
  func calls() throws -> String {
    let file = try FileDescriptor.open(scene.folder.appending("calls"), .readOnly)
    return try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }
}

@Suite("steps in the cloud", .enabled(if: CloudScene.isThere))
struct CloudStepTests {
  @Test("operations are done by either kind of names, and read again")
  func operations() async throws {
    try await CloudScene.play { cloud in
      let result = try await cloud.run(
        """
        - id: group
          name: Make a group
          uses: aws.call
          with:
            service: iam
            operation: create-policy
            arguments:
              policy-name: autoscaler
              PolicyDocument: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "autoscaling:Describe*", "Resource": "*"}]}'
          outputs: { arn: "${{ result.Policy.Arn }}" }
          check:
            - name: It is there
              uses: aws.read
              with: { service: iam, operation: get-policy, arguments: { policy-arn: "${{ format('arn:aws:iam::{0}:policy/autoscaler', target.aws.account) }}" } }
              expect: ${{ result.Policy.PolicyName == 'autoscaler' }}
          undo: none
        - id: look
          name: Look
          check:
            - name: Nothing is no error
              uses: aws.read
              with: { service: autoscaling, operation: describe-auto-scaling-groups, arguments: { auto-scaling-group-names: [none], max-records: 5 } }
              expect: ${{ length(result.AutoScalingGroups) == 0 }}
            - name: The names of the API do as well
              uses: aws.read
              with: { service: iam, operation: list-policies, arguments: { Scope: Local } }
              expect: ${{ contains(result.Policies.*.PolicyName, 'autoscaler') }}
        """)
      #expect(result.exitCode == 0, "\(result.errorOutput)")
    }
  }

  @Test("what the service refuses is told with its code, and wrong names before anything is done")
  func refusals() async throws {
    try await CloudScene.play { cloud in
      let cases = [
        (
          "{ service: iam, operation: get-role, arguments: { role-name: nobody } }", "aws.read",
          "aws iam get-role: NoSuchEntity"
        ),
        (
          "{ service: iam, operation: create-role, arguments: { rolename: x, polcy: y } }",
          "aws.call", "aws iam create-role has no argument \"polcy\""
        ),
      ]
      for (with, action, words) in cases {
        let result = try await cloud.run(
          "- { id: a, name: A, uses: \(action), with: \(with), check: [ { name: n, expect: \"${{ 1 == 2 }}\" } ], undo: none }"
        )
        #expect(result.exitCode == 1, "\(result.errorOutput)")
        #expect(result.errorOutput.contains(words), "\(result.errorOutput)")
      }
    }
  }

  @Test("credentials of another account do nothing")
  func account() async throws {
    try await CloudScene.play { cloud in
      try cloud.scene.writeConfiguration(
        "aws: { region: r, account: \"999999999999\", endpoint-url: \"http://127.0.0.1:\(cloud.port)\" }",
        hasDatabase: false)
      let result = try await cloud.run(
        "- { id: a, name: A, uses: aws.read, with: { service: iam, operation: list-policies } }")
      #expect(result.exitCode == 4)
      #expect(result.errorOutput.contains("the AWS credentials are those of account 123456789012"))
    }
  }

  @Test("without the AWS CLI it says how to get it")
  func missing() async throws {
    try await CloudScene.play { cloud in
      try cloud.scene.writeSteps(
        "- { id: a, name: A, uses: aws.read, with: { service: iam, operation: list-policies } }",
        to: "steps")
      let result = try await cloud.scene.omcops(
        ["runbook", "run", "steps.yaml", "-i", "environment=here"],
        environment: ["PATH": "/nonexistent"])
      #expect(result.exitCode == 4)
      #expect(result.errorOutput.contains("there is no AWS CLI (aws) in PATH"))
    }
  }

  @Test("a key of a secret is changed, the others stay, and no command line shows a value")
  func secret() async throws {
    try await CloudScene.play { cloud in
      let result = try await cloud.run(
        """
        - id: make
          name: Make it
          uses: aws.call
          with: { service: secretsmanager, operation: create-secret, arguments: { name: app, secret-string: '{"user": "app", "port": 5432, "password": "old"}' } }
          check: [ { name: there, uses: aws.read, with: { service: secretsmanager, operation: describe-secret, arguments: { secret-id: app } }, expect: "${{ result.Name == 'app' }}" } ]
          undo: none
        - id: put
          name: Change the password
          uses: secret.put
          with: { to: "aws-secretsmanager:app", values: { password: "${{ secrets.new }}" } }
          outputs: { previous: "${{ result.previous }}", changed: "${{ result.changed }}", keys: "${{ result.keys }}" }
          undo: none
        - id: look
          name: Look
          check:
            - { name: only the password, expect: "${{ steps.put.outputs.changed[0] == 'password' && length(steps.put.outputs.keys) == 3 }}" }
            - { name: masked, uses: aws.read, with: { service: secretsmanager, operation: get-secret-value, arguments: { secret-id: app } }, expect: "${{ result.SecretString == '********' && length(result.SecretKeys) == 3 }}" }
        - id: back
          name: Bring it back
          uses: secret.put
          with: { to: "aws-secretsmanager:app", previous: "${{ steps.put.outputs.previous }}" }
          undo: none
        - id: again
          name: A slip
          uses: secret.put
          with: { to: "aws-secretsmanager:app", values: { pasword: "${{ secrets.new }}" } }
          undo: none
        """, more: "secrets: { new: { from: \"env:NEW\" } }", secret: "s3cr3t-value")
      #expect(result.exitCode == 4, "\(result.errorOutput)")
      #expect(
        result.errorOutput.contains("has no key \"pasword\"; did you mean \"password\"?"),
        "\(result.errorOutput)")
      #expect(!(result.output + result.errorOutput).contains("s3cr3t-value"))
      let calls = try cloud.calls()
      #expect(calls.contains("put-secret-value") && !calls.contains("s3cr3t-value"))
      #expect(calls.contains("update-secret-version-stage"))
      let grep = try await Program("/bin/grep").run([
        "-r", "s3cr3t-value", cloud.scene.folder.appending("state").string,
      ])
      #expect(grep.exitCode == 1, "\(grep.output)")
    }
  }

  @Test(
    "an undo leaves what somebody else has changed since, and a run's secret can come from there")
  func others() async throws {
    try await CloudScene.play { cloud in
      let changed = try await cloud.run(
        #"""
        - id: make
          name: Make it
          uses: aws.call
          with: { service: secretsmanager, operation: create-secret, arguments: { name: app, secret-string: '{"user": "app", "port": 5432, "password": "old"}' } }
          check: [ { name: there, uses: aws.read, with: { service: secretsmanager, operation: describe-secret, arguments: { secret-id: app } }, expect: "${{ result.Name == 'app' }}" } ]
          undo: none
        - id: put
          name: Change the password
          uses: secret.put
          with: { to: "aws-secretsmanager:app", values: { password: "${{ secrets.new }}" } }
          outputs: { previous: "${{ result.previous }}" }
          undo: none
        - id: other
          name: Somebody else changes the user
          run: |
            printf '{"user": "other", "port": 5433, "password": "%s"}' "$NEW" >text
            aws secretsmanager put-secret-value --secret-id app --secret-string file://text
          env: { NEW: "${{ secrets.new }}" }
          check: [ { name: two, uses: aws.read, with: { service: secretsmanager, operation: list-secret-version-ids, arguments: { secret-id: app } }, expect: "${{ length(result.Versions) > 2 }}" } ]
          undo: none
        - id: back
          name: Bring the password back
          uses: secret.put
          with: { to: "aws-secretsmanager:app", previous: "${{ steps.put.outputs.previous }}" }
          undo: none
        """#, more: "secrets: { new: { from: \"env:NEW\" } }", secret: "s3cr3t-value")
      #expect(changed.exitCode == 0, "\(changed.told)")

      let seen = try await cloud.run(
        #"""
        - id: see
          name: See what is there
          run: |
            [ "$ALL" = '{"user":"other","port":5433,"password":"old"}' ] || { echo "$ALL"; exit 1; }
            [ "$USER_NAME" = other ]
          read-only: true
          env: { ALL: "${{ secrets.all }}", USER_NAME: "${{ secrets.user }}" }
        """#,
        more: """
          secrets:
            all: { from: "aws-secretsmanager:app" }
            user: { from: "aws-secretsmanager:app", key: user }
          """)
      #expect(seen.exitCode == 0, "\(seen.told)")

      let missing = try await cloud.run(
        "- { id: a, name: A, run: echo, env: { A: \"${{ secrets.none }}\" }, undo: none }",
        more: "secrets: { none: { from: \"aws-secretsmanager:nothing\" } }")
      #expect(missing.exitCode == 2, "\(missing.told)")
      #expect(missing.told.contains("steps.yaml:7:"), "\(missing.told)")
      #expect(missing.told.contains("ResourceNotFoundException"), "\(missing.told)")
    }
  }

  /// A step that makes the secret.
  private let make = #"""
    - id: make
      name: Make it
      uses: aws.call
      with: { service: secretsmanager, operation: create-secret, arguments: { name: app, secret-string: '{"password": "old"}' } }
      outputs: { version: "${{ result.VersionId }}" }
      check: [ { name: there, uses: aws.read, with: { service: secretsmanager, operation: describe-secret, arguments: { secret-id: app } }, expect: "${{ result.Name == 'app' }}" } ]
      undo: none

    """#

  @Test("a change that was taken back and is made again takes effect")
  func again() async throws {
    try await CloudScene.play { cloud in
      func put(_ id: String) -> String {
        """
        - id: \(id)
          name: Put \(id)
          uses: secret.put
          with: { to: "aws-secretsmanager:app", values: { password: new } }
          outputs: { previous: "${{ result.previous }}" }
          undo: none

        """
      }
      let done = try await cloud.run(
        make + put("put") + """
          - id: back
            name: Bring it back
            uses: secret.put
            with: { to: "aws-secretsmanager:app", previous: "${{ steps.put.outputs.previous }}" }
            undo: none

          """ + put("again"))
      #expect(done.exitCode == 0, "\(done.told)")
      #expect(try await cloud.secretText() == #"{"password":"new"}"#)
      // It was put twice, and the second time the service took for the first.
      let puts = try cloud.calls().split(separator: "\n").filter {
        $0.contains("put-secret-value") && $0.contains("--cli-input-json")
      }
      #expect(puts.count == 2)
    }
  }

  @Test("what somebody else puts at the same time is told, and not put over")
  func race() async throws {
    try await CloudScene.play { cloud in
      let real = try #require(BackgroundServer.find("aws"))
      let theirs = try cloud.aws(
        #"secretsmanager put-secret-value --secret-id app --secret-string '{"password":"theirs"}'"#)
      try cloud.scene.write(
        """
        #!/bin/sh
        \(real) "$@" || exit
        case "$*" in *put-secret-value*cli-input-json*) \(theirs) >/dev/null;; esac
        """ + "\n", to: "bin/aws")
      let raced = try await cloud.run(
        make + """
          - id: put
            name: Put it
            uses: secret.put
            with: { to: "aws-secretsmanager:app", values: { password: new } }
            undo: none

          """)
      #expect(raced.exitCode == 1, "\(raced.told)")
      #expect(
        raced.told.contains("was changed by somebody else at the same time"), "\(raced.told)")
      #expect(!raced.told.contains("theirs"))
      #expect(try await cloud.secretText() == #"{"password":"theirs"}"#)
    }
  }

  @Test("an old version is not brought back over what another one than the run has put")
  func strange() async throws {
    try await CloudScene.play { cloud in
      let theirs = try cloud.aws(
        #"secretsmanager put-secret-value --secret-id app --secret-string '{"password":"theirs"}'"#)
      try cloud.scene.write("\(theirs)\n", to: "theirs.sh")
      let refused = try await cloud.run(
        make + """
          - { id: other, name: Somebody else, run: "sh \(cloud.scene.folder)/theirs.sh", undo: none, check: [ { name: n, expect: "${{ true }}" } ], when-satisfied: run }
          - id: back
            name: Bring it back
            uses: secret.put
            with: { to: "aws-secretsmanager:app", previous: "${{ steps.make.outputs.version }}" }
            undo: none

          """)
      #expect(refused.exitCode == 1, "\(refused.told)")
      #expect(
        refused.told.contains("\"app\" of AWS Secrets Manager was changed again since"),
        "\(refused.told)")
      #expect(try await cloud.secretText() == #"{"password":"theirs"}"#)
    }
  }
}
