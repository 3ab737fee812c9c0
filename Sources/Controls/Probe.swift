import Vocabulary

/// Checks one promise against the running system.
///
/// A probe may make things of its own (a ``ScratchEnvironment``) and takes them away again; it changes nothing of anybody's.
package protocol Probe: Sendable {
    /// What was found. Throws only when nothing could be found out: the control is then unknown, not failed.
    func check(_ platform: Platform) async throws -> Evidence
}

/// What a probe found: numbers and references, never personal data.
package struct Evidence: Sendable, Hashable {
    package let holds: Bool
    /// One sentence for people.
    package let summary: String
    package let facts: [String: JSONValue]

    package static func kept(_ summary: String, _ facts: [String: JSONValue] = [:]) -> Evidence {
        Evidence(holds: true, summary: summary, facts: facts)
    }

    package static func broken(_ summary: String, _ facts: [String: JSONValue] = [:]) -> Evidence {
        Evidence(holds: false, summary: summary, facts: facts)
    }

    package var json: JSONValue { .object(facts.merging(["summary": .string(summary)]) { fact, _ in fact }) }
}

/// Collects what several looks found, so that one broken thing doesn't hide the next.
struct Findings {
    private(set) var broken: [String] = []
    var facts: [String: JSONValue] = [:]

    /// Notes `problem` unless `fact` holds.
    mutating func expect(_ fact: Bool, _ problem: @autoclosure () -> String) {
        if !fact { broken.append(problem()) }
    }

    mutating func count(_ name: String, _ number: Int) { facts[name] = .integer(Int64(number)) }

    /// Does what the promise says can be done. A refusal is noted as `problem`, unless the platform has no time just now.
    mutating func attempt<T>(_ problem: @autoclosure () -> String, _ work: () async throws -> T) async throws -> T? {
        do {
            return try await work()
        } catch let refusal as Refusal {
            switch refusal.kind {
            case .limited, .unavailable: throw refusal
            default: broken.append("\(problem()) (\(refusal.code))")
            }
            return nil
        }
    }

    /// Kept where nothing broken was noted. At most ten problems are listed.
    func evidence(_ summary: String) -> Evidence {
        guard !broken.isEmpty else { return .kept(summary, facts) }
        var facts = facts
        facts["problems"] = .array(broken.prefix(10).map { .string($0) })
        return .broken(broken.count == 1 ? broken[0] : "\(broken.count) problems, the first: \(broken[0])", facts)
    }
}

/// Thrown by a probe that lacks what it needs, such as a listener.
package struct CannotProbe: Error, Sendable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}
