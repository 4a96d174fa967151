import JSON
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

/// The folder of the whole package.
private let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
  .removingLastComponent()

/// An account at moto with a cluster, a node group at zero, and a role that Cluster Autoscaler has.
///
/// EKS is a server of its own: the one that asks IAM refuses what the AWS CLI signs for it.
struct AmazonScene: Sendable {
  let folder: FilePath
  private let ports: [Int]

  /// Says why tests are skipped.
  static let word: Comment = "no moto_server, no AWS CLI or no python3 with boto3"
  static var isThere: Bool {
    ["moto_server", "aws", "python3", "curl"].allSatisfy { Tool.find($0) != nil }
  }

  private var account: String { "http://127.0.0.1:\(ports[0])" }
  private var clusters: String { "http://127.0.0.1:\(ports[1])" }

  /// What a test needs to know.
  struct Seed: Sendable {
    var group: String
    var operatorKeys: [String: String]
    var roleKeys: [String: String]
  }

  /// Runs `body` with an empty account in a folder of its own.
  static func play(
    in folder: FilePath, _ body: @escaping @Sendable (AmazonScene) async throws -> Void
  ) async throws {
    let scene = AmazonScene(
      folder: folder, ports: [try KubeServer.freePort(), try KubeServer.freePort()])
    let servers = scene.ports.map {
      StandIns.Server(
        program: "moto_server", arguments: ["-H", "127.0.0.1", "-p", "\($0)"],
        ready: "http://127.0.0.1:\($0)/moto-api/")
    }
    try await StandIns.with(servers, in: folder) { try await body(scene) }
  }

  /// Variables with which programs find the stand-ins instead of the cloud.
  func variables(_ keys: [String: String] = [:]) -> [String: String] {
    [
      "PATH": Tool.path, "AWS_ENDPOINT_URL": account, "AWS_ENDPOINT_URL_EKS": clusters,
      "AWS_DEFAULT_REGION": "ap-southeast-2", "AWS_REGION": "ap-southeast-2",
      "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "x",
      "AWS_SECRET_ACCESS_KEY": "y", "TF_CLI_CONFIG_FILE": "/dev/null",
    ].merging(keys) { $1 }
  }

  /// Runs the AWS CLI.
  func aws(_ arguments: String..., keys: [String: String] = [:]) async throws -> ProgramResult {
    try await Tool.run("aws", arguments, environment: variables(keys), in: folder)
  }

  /// Whether IAM is asked from now on.
  func enforce(_ isEnforced: Bool) async throws {
    let result = try await Tool.run(
      "curl",
      [
        "-fsS", "-X", "POST", "-H", "Content-Type: text/plain", "-d", isEnforced ? "0" : "inf",
        "\(account)/moto-api/reset-auth",
      ])
    try #require(result.exitCode == 0, "\(result.told)")
  }

  /// Makes the cluster "shop", its group of runners, the role and somebody who may do everything.
  func seed() async throws -> Seed {
    let made = try await Program(FilePath(Tool.python)).run(
      ["-", account, clusters], environment: variables(), input: AmazonScene.script, in: folder,
      timeout: .seconds(120))
    try #require(made.exitCode == 0, "\(made.told)")
    let json = try JSON(parsing: made.output)
    func keys(_ name: String) -> [String: String] {
      let values = json[name]?.array?.compactMap(\.string) ?? []
      let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
      return Dictionary(uniqueKeysWithValues: zip(names, values))
    }
    return Seed(
      group: try #require(json["group"]?.string), operatorKeys: keys("operator"),
      roleKeys: keys("role"))
  }

  private static let script = """
    import boto3, json, sys
    def client(service, url=sys.argv[1]):
        return boto3.client(service, endpoint_url=url, region_name='ap-southeast-2')
    def policy(**more):
        return json.dumps({'Version': '2012-10-17', 'Statement': [dict(Effect='Allow', **more)]})
    ec2, iam, groups, eks = client('ec2'), client('iam'), client('autoscaling'), client('eks', sys.argv[2])
    subnet = ec2.describe_subnets()['Subnets'][0]['SubnetId']
    role = iam.create_role(RoleName='ca-role', AssumeRolePolicyDocument=policy(
        Principal={'AWS': '*'}, Action='sts:AssumeRole'))['Role']['Arn']
    eks.create_cluster(name='shop', version='1.32', roleArn=role, resourcesVpcConfig={'subnetIds': [subnet]})
    made = eks.create_nodegroup(
        clusterName='shop', nodegroupName='arc-runner-nodes', subnets=[subnet], nodeRole=role,
        scalingConfig={'minSize': 0, 'maxSize': 5, 'desiredSize': 0},
        taints=[{'key': 'github-runners', 'value': 'true', 'effect': 'NO_SCHEDULE'}])
    group = made['nodegroup']['resources']['autoScalingGroups'][0]['name']
    groups.create_launch_configuration(
        LaunchConfigurationName='runners', ImageId=ec2.describe_images()['Images'][0]['ImageId'], InstanceType='t3.large')
    groups.create_auto_scaling_group(
        AutoScalingGroupName=group, MinSize=0, MaxSize=5, DesiredCapacity=0,
        LaunchConfigurationName='runners', VPCZoneIdentifier=subnet)
    iam.create_user(UserName='operator')
    iam.put_user_policy(UserName='operator', PolicyName='all', PolicyDocument=policy(Action='*', Resource='*'))
    key = iam.create_access_key(UserName='operator')['AccessKey']
    session = client('sts').assume_role(RoleArn=role, RoleSessionName='ca')['Credentials']
    print(json.dumps({
        'group': group, 'operator': [key['AccessKeyId'], key['SecretAccessKey']],
        'role': [session['AccessKeyId'], session['SecretAccessKey'], session['SessionToken']]}))
    """

  /// Runs `omcops runbook` with the project's runbooks.
  func runbook(
    _ arguments: [String], keys: [String: String] = [:],
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    var environment = variables(keys)
    environment["OMCOPS_RUNBOOKS"] = package.appending("runbooks").string
    environment["XDG_STATE_HOME"] = folder.appending("state").string
    return try await Program.omcops.run(
      ["runbook"] + arguments, environment: environment, in: folder, timeout: .seconds(420),
      meanwhile: meanwhile)
  }
}
