import JSON
import OrderedCollections
import Testing

@testable import Alembic

@Suite("configuration files")
struct ConfigurationFileTests {
  /// What Python's configparser says about files with every trick that it knows: `Data/ini.jsonl`.
  @Test("an .ini file is read as configparser reads it")
  func ini() throws {
    for line in try dataFile("ini.jsonl").split(separator: "\n") {
      let item = try JSON(parsing: String(line))
      let text = item[0]?.string ?? ""
      let section = item[1]?.string ?? ""
      guard let expected = item[2]?.object else {
        if item[2]?.string != nil {
          #expect(throws: ProjectError.self, "\(text)") {
            try INIFile(parsing: text, file: "a.ini", given: ["here": "/h"])
          }
        } else {
          let file = try INIFile(parsing: text, file: "a.ini", given: [:])
          #expect(!file.hasSection(section))
        }
        continue
      }
      let file = try INIFile(parsing: text, file: "a.ini", given: ["here": "/h"])
      #expect(Set(file.options(of: section)) == Set(expected.keys), "\(text)")
      for (option, value) in expected {
        if let value = value.string {
          #expect(try file.value(option, in: section) == value, "\(text): \(option)")
        } else {
          #expect(throws: ProjectError.self, "\(text): \(option)") {
            try file.value(option, in: section)
          }
        }
      }
    }
  }

  /// What Python's tomllib says: `Data/toml.jsonl`.
  @Test("pyproject.toml is read as tomllib reads it")
  func toml() throws {
    for line in try dataFile("toml.jsonl").split(separator: "\n") {
      let item = try JSON(parsing: String(line))
      let text = item[0]?.string ?? ""
      if item[1]?.isNull ?? true {
        #expect(throws: ProjectError.self, "\(text)") { try TOMLReader.read(text, file: "p.toml") }
      } else {
        #expect(json(try TOMLReader.read(text, file: "p.toml")) == item[1], "\(text)")
      }
    }
  }

  @Test("an error in a file names its place")
  func places() {
    #expect(throws: ProjectError("a.ini:3:1: option a stands in [s] twice")) {
      try INIFile(parsing: "[s]\na=1\na=2\n", file: "a.ini", given: [:])
    }
    #expect(throws: ProjectError("p.toml:2:5: no TOML: expected a value")) {
      try TOMLReader.read("a = 1\nb = \n", file: "p.toml")
    }
  }

  private func json(_ value: TOMLValue) -> JSON {
    switch value {
    case .string(let text): .string(text)
    case .integer(let number): JSON(number)
    case .bool(let flag): .bool(flag)
    case .other: ["other": 1]
    case .array(let items): .array(items.map(json))
    case .table(let table): .object(table.mapValues(json))
    }
  }
}
