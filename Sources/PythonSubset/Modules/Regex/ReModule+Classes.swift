internal import OrderedCollections

extension ReModule {
  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let patternClass = PythonClass(
    host: "Pattern", module: "re", members: patternMembers)
  nonisolated(unsafe) static let matchClass = PythonClass(
    host: "Match", module: "re", members: matchMembers)

  private static var patternMembers: OrderedDictionary<String, Value> {
    var members: OrderedDictionary<String, Value> = [
      "pattern": .property { try receiver($0).source },
      "flags": .property { .int(try receiver($0).flags.rawValue) },
      "groups": .property { .int(try receiver($0).groups) },
      "groupindex": .property { call in
        .dict(PythonDict(try receiver(call).names.map { ($0.name, .int($0.group)) }))
      },
      "findall": .method("self, string, pos=0, endpos=None") { call in
        try findall(receiver(call), call[1], call.int(2), call.optionalInt("endpos"), call.python)
      },
      "finditer": .method("self, string, pos=0, endpos=None") { call in
        try finditer(receiver(call), call[1], call.int(2), call.optionalInt("endpos"), call.python)
      },
      "split": .method("self, string, maxsplit=0") { call in
        try split(receiver(call), call[1], call.int(2), call.python)
      },
      "sub": .method("self, repl, string, count=0") { call in
        try substitute(receiver(call), call[1], call[2], call.int(3), call.python).0
      },
      "subn": .method("self, repl, string, count=0") { call in
        let (text, count) = try substitute(
          receiver(call), call[1], call[2], call.int(3), call.python)
        return .tuple([text, .int(count)])
      },
    ]
    for (name, anchoring) in [
      ("search", PatternObject.Anchoring.anywhere), ("match", .start), ("fullmatch", .whole),
    ] {
      members[name] = .method("self, string, pos=0, endpos=None") { call in
        let pattern = try receiver(call)
        let subject = try pattern.subject(call[1])
        let (start, end) = bounds(subject, try call.int(2), try call.optionalInt("endpos"))
        return value(try pattern.find(subject, from: start, to: end, anchoring, call.python))
      }
    }
    return members
  }

  private static func receiver(_ call: Call) throws -> PatternObject { try call.receiver() }

  private static func match(_ call: Call) throws -> MatchObject { try call.receiver() }

  private static var matchMembers: OrderedDictionary<String, Value> {
    [
      "group": .method("self, /, *groups") { call in
        let match = try match(call)
        let groups = call.rest.isEmpty ? [.int(0)] : call.rest
        let texts = try groups.map { try match.text(match.group($0, call.python)) ?? .null }
        return texts.count == 1 ? texts[0] : .tuple(texts)
      },
      "groups": .method("self, default=None") { call in
        let match = try match(call)
        return .tuple(
          stride(from: 1, through: match.pattern.groups, by: 1).map { match.text($0) ?? call[1] })
      },
      "groupdict": .method("self, default=None") { call in
        let match = try match(call)
        return .dict(
          PythonDict(match.pattern.names.map { ($0.name, match.text($0.group) ?? call[1]) }))
      },
      "start": .method("self, group=0, /") { call in
        let match = try match(call)
        return .int(match.captures[try match.group(call[1], call.python) * 2])
      },
      "end": .method("self, group=0, /") { call in
        let match = try match(call)
        return .int(match.captures[try match.group(call[1], call.python) * 2 + 1])
      },
      "span": .method("self, group=0, /") { call in
        let match = try match(call)
        let group = try match.group(call[1], call.python)
        return .tuple([.int(match.captures[group * 2]), .int(match.captures[group * 2 + 1])])
      },
      "expand": .method("self, template") { call in
        let match = try match(call)
        let template = try RegexTemplate(call[1], match.pattern)
        return try joined(match.expand(template), isBytes: match.pattern.isBytes, call.python)
      },
      "string": .property { try match($0).subject.value },
      "re": .property { .object(try match($0).pattern) },
      "pos": .property { .int(try match($0).start) },
      "endpos": .property { .int(try match($0).end) },
      "lastindex": .property { call in
        let match = try match(call)
        let last = stride(from: 1, through: match.pattern.groups, by: 1).max { a, b in
          (match.captures[a * 2 + 1], -a) < (match.captures[b * 2 + 1], -b)
        }
        return last.flatMap { match.captures[$0 * 2 + 1] < 0 ? nil : .int($0) } ?? .null
      },
      "lastgroup": .property { call in
        let match = try match(call)
        let last = stride(from: 1, through: match.pattern.groups, by: 1).max { a, b in
          (match.captures[a * 2 + 1], -a) < (match.captures[b * 2 + 1], -b)
        }
        return .string(orNone: match.pattern.names.first { $0.group == last }?.name)
      },
    ]
  }
}
