internal import Diagnostics
internal import OrderedCollections

// What a call hands over: `with` is the inputs of the runbook that is called.
extension ActionReference {
  /// Something that is wrong in a call, whatever the values turn out to be.
  struct CallProblem {
    var message: String
    var location: SourceLocation
    var hint: String?
  }

  /// What is wrong in the call of a runbook as the file writes it.
  func problems(calling runbook: Runbook) -> [CallProblem] {
    var problems: [CallProblem] = []
    for (name, template) in parameters {
      guard let input = runbook.inputs[name] else {
        problems.append(
          CallProblem(
            message: "\(runbook.name) has no input \"\(name)\""
              + Suggestion.phrase(for: name, among: runbook.inputs.keys),
            location: template.location,
            hint: runbook.inputs.isEmpty
              ? nil : "Inputs: \(runbook.inputs.keys.joined(separator: ", "))."))
        continue
      }
      guard case .literal(let value) = template.form, value != .null else { continue }
      do throws(InputError) {
        _ = try input.accept(value)
      } catch {
        problems.append(
          CallProblem(message: error.message, location: template.location, hint: error.hint))
      }
    }
    for input in runbook.inputs.values
    where input.isRequired && input.kind != .environment && parameters[input.name] == nil {
      problems.append(
        CallProblem(
          message: "\(name) needs input \"\(input.name)\" in \"with\"", location: location,
          hint: input.description))
    }
    return problems
  }
}

extension PreparedRun {
  /// The inputs of a called runbook; it runs where its caller does.
  ///
  /// - Throws: `InputError`, or `RunError` for an input that is missing, that names another
  ///   environment, or that would put a secret into a record.
  static func inputs(
    of runbook: Runbook, called values: OrderedDictionary<String, Value>, on target: Target,
    masker: Masker
  ) throws -> OrderedDictionary<String, Value> {
    var inputs: OrderedDictionary<String, Value> = [:]
    for (name, input) in runbook.inputs {
      let value = values[name] ?? .null
      if value != .null {
        inputs[name] = try input.accept(value)
      } else if input.kind == .environment {
        inputs[name] = .string(target.name)
      } else if let standard = input.defaultValue {
        inputs[name] = try input.accept(standard)
      } else if input.isRequired {
        throw RunError(.input, "input \"\(name)\" of \(runbook.name) is null, but it is required")
      } else {
        inputs[name] = .null
      }
      let taken = inputs[name] ?? .null
      if input.kind == .environment, taken != .string(target.name) {
        throw RunError(
          .input,
          "\(runbook.name) would run in \"\(taken.text ?? "")\", its caller in \"\(target.name)\"",
          hint: "Leave \"\(name)\" out: a called runbook runs where its caller does.")
      }
      if masker.mask(taken) != taken {
        throw RunError(
          .secret, "input \"\(name)\" of \(runbook.name) would hold a secret",
          hint: "Inputs are recorded; let the called runbook fetch it with its own \"secrets\".")
      }
    }
    return inputs
  }
}
