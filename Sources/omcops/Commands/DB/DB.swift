internal import ArgumentParser

/// `omcops db`: everything about one database.
struct DB: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db",
    abstract: "Connect to, back up, restore, migrate, verify and compare databases.",
    subcommands: [
      DBBackup.self, DBList.self, DBVerify.self, DBRestore.self, DBArchive.self, DBInfo.self,
      DBConnect.self, DBQuery.self,
      DBCompare.self,
      DBSwap.self, DBDrop.self, DBMigrate.self, DBDowngrade.self, DBCurrent.self, DBHistory.self,
      DBHeads.self, DBBranches.self, DBShow.self, DBStamp.self, DBRevision.self, DBMerge.self,
      DBLint.self, DBCheck.self,
    ])
}
