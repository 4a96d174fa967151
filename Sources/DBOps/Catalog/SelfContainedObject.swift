/// A kind of object of which its own row says all that its entry needs.
///
/// Such a kind is a file with its query and what a row becomes, and takes part in backups by its
/// name in `Catalog.selfContainedKinds`.
protocol SelfContainedObject: Sendable {
  /// The query for all users' objects of the kind.
  ///
  /// - Parameter version: the server's, as `server_version_num` has it.
  static func query(_ version: Int) -> String

  init(_ row: CatalogRow) throws

  /// The entry that it becomes.
  var dumpObject: DumpObject { get }
}

extension Catalog {
  /// Every kind that needs nothing but its own rows. The order says nothing.
  static let selfContainedKinds: [any SelfContainedObject.Type] = [
    Policy.self, Publication.self, PublicationMember.self, EventTrigger.self, UserAggregate.self,
    UserCollation.self, UserExtension.self, UserFunction.self, UserRule.self, UserStatistics.self,
    UserTrigger.self,
  ]
}

extension CatalogResults {
  /// The objects of a kind, of the rows that its query gave.
  func objects<Object: SelfContainedObject>(
    _ query: Int, _ kind: Object.Type
  ) throws -> [any SelfContainedObject] {
    try map(query, kind.init)
  }
}
