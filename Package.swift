// swift-tools-version: 6.2
import PackageDescription

// The version is what `git describe` says at build time; the Makefile passes it in.
let version = Context.environment["OMCOPS_VERSION"] ?? "0.1.0-dev"

// MemberImportVisibility stays off: with the static standard library the compiler finds timespec in
// a module of its own that cannot be imported.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func room(
  _ name: String, uses dependencies: [Target.Dependency] = [],
  links libraries: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, swiftSettings: strict,
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

func tests(
  _ name: String, uses dependencies: [Target.Dependency], beside data: [String] = []
) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: data, swiftSettings: strict)
}

let collections: Target.Dependency = .product(
  name: "OrderedCollections", package: "swift-collections")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "omcops",
  products: [.executable(name: "omcops", targets: ["omcops"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    // Without its traits the library does not pull in Foundation, which would triple the binary.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    // C libraries, one wall each. libyaml, libedit, libzstd, liblz4 and PCRE2 are linked statically
    // (see their rooms).
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZ4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CEdit", providers: [.apt(["libedit-dev", "libbsd-dev"])]),
    .target(
      name: "COmc", cSettings: [.define("OMCOPS_VERSION", to: "\"\(version)\"")]),
    // OpenSSL, Kerberos and LDAP, loaded where they are used.
    .target(name: "COnDemand"),
    // libcurl, likewise: only its headers are needed here.
    .target(name: "CCurl", dependencies: ["COnDemand"]),
    // ISA-L, likewise.
    .target(name: "CIgzip", dependencies: ["COnDemand"]),

    // Small rooms that several others need.
    room("Diagnostics"),
    room("Quantities"),
    // Threads that may block, in contrast to those of the shared pool.
    room("Threads", uses: ["Diagnostics"]),
    // Searching, splitting and replacing by bytes, in place of the standard library's engine for
    // regular expressions.
    room("Text"),
    // Regular expressions: PCRE2.
    room("Patterns", uses: ["CPCRE2", "Text", "Diagnostics"], links: [":libpcre2-8.a"]),
    // Stands in for FoundationEssentials in release builds (see the Makefile).
    room("SmallFoundation", uses: ["JSON", collections]),
    room("JSON", uses: [collections]),
    // Programs in process groups of their own, streamed and supervised.
    room("Processes", uses: ["COmc", "Diagnostics", "Quantities", system]),
    room("Digest", uses: ["CCrypto", "COnDemand"]),
    room("YAML", uses: ["CYAML", "Text", "Diagnostics"], links: [":libyaml.a"]),
    room("Terminal", uses: ["Text", "Quantities", "JSON", collections]),
    // HTML that stands alone: reports and procedures.
    room("Pages"),

    // Reads and runs the Python that revision scripts are written in; knows no SQL.
    room("PythonSubset", uses: ["Text", "Diagnostics", "Digest", collections]),
    // Revision scripts: the project, its graph, operations and their SQL; opens no connection.
    room(
      "Alembic",
      uses: [
        "PythonSubset", "Text", "Diagnostics", "Quantities", "JSON", "Digest", collections, system,
      ]),

    // The rooms that do the work; imports point down only.
    room(
      "Postgres",
      uses: ["CPostgres", "COnDemand", "COmc", "Threads", "Text", "Diagnostics", "Quantities"]),
    room(
      "Archive",
      uses: [
        "CDeflate", "CIgzip", "CZlib", "CZstd", "CLZ4", "COmc", "Digest", "Diagnostics", system,
      ],
      links: [":libzstd.a", ":liblz4.a"]),
    room("HTTPClient", uses: ["CCurl", "COmc", "Threads", "Text", "Diagnostics", "Digest"]),
    // Logs as bytes: records, filters, layouts.
    room(
      "LogOps",
      uses: [
        "Patterns", "KubeExec", "Archive", "COmc", "JSON", "Diagnostics", "Quantities", system,
      ]),
    room(
      "Configuration",
      uses: ["YAML", "Text", "Diagnostics", "Quantities", collections, system]),
    room(
      "DBOps",
      uses: [
        "Alembic", "PythonSubset", "Postgres", "Archive", "JSON", "Digest", "Text", "Diagnostics",
        "Quantities", "COmc", collections, system, subprocess,
      ]),
    room(
      "Runbooks",
      uses: [
        "YAML", "JSON", "Pages", "Digest", "Processes", "Patterns", "Text", "Diagnostics",
        "Quantities", "COmc", collections, system, subprocess,
      ]),
    // Kubernetes: kubeconfig, credentials, the API's client.
    room(
      "KubeExec",
      uses: [
        "HTTPClient", "YAML", "JSON", "Text", "Diagnostics", "Quantities", collections, system,
        subprocess,
      ]),
    // Suites of tests: their databases, their runs, their results and reports.
    room(
      "TestOps",
      uses: [
        "DBOps", "KubeExec", "HTTPClient", "Alembic", "Postgres", "Pages", "Processes", "Terminal",
        "JSON", "Digest", "Text", "Diagnostics", "Quantities", "COmc", collections, system,
        subprocess,
      ]),
    .executableTarget(
      name: "omcops",
      dependencies: [
        "DBOps", "LogOps", "TestOps", "Archive", "Alembic", "Runbooks", "KubeExec", "HTTPClient",
        "Configuration", "Postgres", "Terminal", "JSON", "YAML", "Digest", "Patterns", "Text",
        "Diagnostics", "Quantities", "Threads", "CEdit", "COmc", "SmallFoundation", argumentParser,
        collections, system, subprocess,
      ],
      swiftSettings: strict,
      linkerSettings: [
        .linkedLibrary(":libedit.a"), .linkedLibrary(":libtinfo.a"), .linkedLibrary(":libbsd.a"),
        .linkedLibrary(":libmd.a"),
      ]),

    // Runs the built binary as a user would.
    .target(
      name: "ProgramRunner", dependencies: [system, subprocess], path: "Tests/ProgramRunner",
      swiftSettings: strict),
    tests("ProgramRunnerTests", uses: ["ProgramRunner", system]),
    // Numbers for mutants: the same in every run.
    .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
    // An API server on loopback that answers as a test says.
    .target(
      name: "ClusterStandIn", dependencies: ["KubeExec", "JSON", system],
      path: "Tests/ClusterStandIn",
      swiftSettings: strict),
    // One PostgreSQL server for all tests of a process, a database for each.
    .target(
      name: "TestServer", dependencies: ["DBOps", "Postgres", system], path: "Tests/TestServer",
      swiftSettings: strict),
    tests(
      "PostgresTests",
      uses: ["Postgres", "DBOps", "TestServer", "Threads", "Diagnostics", "Quantities", system]),
    // Drives the built binary end to end, against real servers.
    tests(
      "Integration",
      uses: [
        "TestOps", "ProgramRunner", "TestServer", "ClusterStandIn", "DBOps", "Postgres",
        "KubeExec", "Runbooks", "JSON", "Diagnostics", "CZlib", system,
      ]),
    // database-restore killed after every record of its journal.
    tests(
      "CrashMatrix",
      uses: ["ProgramRunner", "TestServer", "Postgres", "KubeExec", "JSON", system, subprocess]),
    tests("QuantitiesTests", uses: ["Quantities"]),
    tests("ThreadsTests", uses: ["Threads"]),
    tests("TextTests", uses: ["Text"]),
    tests("PatternsTests", uses: ["Patterns"]),
    tests("JSONTests", uses: ["JSON"]),
    tests("TerminalTests", uses: ["Terminal", "JSON", system]),
    tests("ConfigurationTests", uses: ["Configuration", "Diagnostics", "JSON", system]),
    tests(
      "LogOpsTests",
      uses: [
        "LogOps", "Patterns", "Archive", "KubeExec", "ClusterStandIn", "SeededRandom",
        "Diagnostics",
        "Quantities", "JSON", system,
      ]),
    tests("YAMLTests", uses: ["YAML", "Diagnostics"]),
    tests(
      "PythonSubsetTests", uses: ["PythonSubset", "Diagnostics", collections],
      beside: ["Data"]),
    tests(
      "AlembicTests",
      uses: [
        "Alembic", "PythonSubset", "Diagnostics", "Quantities", "JSON", "Digest", "SeededRandom",
        collections, system,
      ], beside: ["Data"]),
    tests(
      "RunbooksTests",
      uses: [
        "Runbooks", "YAML", "JSON", "Diagnostics", "Quantities", "ProgramRunner", collections,
        system,
      ]),
    tests(
      "HTTPClientTests",
      uses: [
        "HTTPClient", "ProgramRunner", "Digest", "Diagnostics", "Quantities", system, subprocess,
      ], beside: ["Servers"]),
    tests(
      "KubeExecTests",
      uses: [
        "KubeExec", "ClusterStandIn", "HTTPClient", "YAML", "JSON", "Diagnostics", "Quantities",
        "ProgramRunner", system,
      ]),
    tests("ArchiveTests", uses: ["Archive", "Digest", "Diagnostics", system, subprocess]),
    tests(
      "TestOpsTests",
      uses: [
        "TestOps", "KubeExec", "DBOps", "TestServer", "Postgres", "ProgramRunner", "SeededRandom",
        "Terminal",
        "JSON", "Diagnostics", "Quantities", collections, system, subprocess,
      ]),
    tests(
      "DBOpsTests",
      uses: [
        "DBOps", "Alembic", "PythonSubset", "TestServer", "Postgres", "Archive", "JSON", "Digest",
        "Diagnostics", "Quantities", "SeededRandom", collections, system, subprocess,
      ], beside: ["Data"]),
  ]
)
