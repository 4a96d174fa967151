internal import ArgumentParser

/// `omcops db`: everything about one database.
struct DB: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db", abstract: "Connect to, back up, restore, verify and compare databases.",
    subcommands: [
      DBBackup.self, DBList.self, DBVerify.self, DBRestore.self, DBInfo.self, DBConnect.self,
      DBQuery.self,
      DBCompare.self,
      DBSwap.self, DBDrop.self, DBLint.self,
    ])
}
