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

  /// Why it cannot be held as it is; nil where it can.
  var refusal: String? { get }
}

extension SelfContainedObject {
  var refusal: String? { nil }
}

extension Catalog {
  /// Every kind that needs nothing but its own rows. The order says nothing.
  static let selfContainedKinds: [any SelfContainedObject.Type] = [
    EventTrigger.self, ForeignDataWrapper.self, ForeignServer.self, LargeObject.self,
    OperatorClass.self, OperatorFamily.self, OperatorFamilyAddition.self, Policy.self,
    Publication.self,
    PublicationMember.self,
    TextSearchConfiguration.self, TextSearchDictionary.self, TextSearchParser.self,
    TextSearchTemplate.self, UserAccessMethod.self, UserAggregate.self, UserCast.self,
    UserCollation.self, UserConversion.self, UserExtension.self, UserFunction.self,
    UserLanguage.self, UserMapping.self, UserOperator.self, UserRule.self, UserStatistics.self,
    UserTransform.self, UserTrigger.self,
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
