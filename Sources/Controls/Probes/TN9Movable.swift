import Audit
import Moving
import Records
import Sealing
import Storage
import Synchronization
import Tenants
import Vocabulary

extension Control {
    static let movable = automated(
        "TN-9", "A database can move", "L",
        "A customer's database moves to another place while it is in use, without losing a write; the log goes on, and the old copy is destroyed with its key.",
        Movable())
}

/// Moves an environment of its own while it is written to, to another place if there is one, and compares everything.
///
/// Putting a database aside for an investigation is another promise, which nobody makes yet.
struct Movable: Probe {
    /// Stands between reading and writing, to see this probe notice a copier that loses rows.
    var spoil: @Sendable ([[Value]]) -> [[Value]] = { $0 }

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let other = platform.engines.names.first { $0 != platform.engines.home }
        let derivation = platform.derivation
        try await ScratchEnvironment.lend(0, on: platform) { old in
            let key = try await Self.fill(old, platform)
            try await ScratchEnvironment.lend(1, on: platform, at: other, populate: { try LiveCopy.clear($0, except: derivation.tables) }) {
                new in
                let writer = LateWriter(old)
                var copy = LiveCopy(from: old.database, to: new.database, following: derivation, pace: Self.pace, spoil: spoil) { _ in
                    try await writer.write()
                }
                do {
                    try await copy.begin()
                    _ = try await copy.run()
                    writer.stop()
                    try await copy.finish()
                } catch let fault as MoveFault {
                    findings.expect(false, "a move was given up: \(fault)")
                    return
                }
                findings.expect(try await !Self.takesWrite(old), "the old copy takes writes although it was fenced")
                try await Self.compare(old, new, derivation, writer.count, key, &findings)
            }
        }
        for id in ScratchEnvironment.reserved {
            for owner in [KeyOwner.environment(id), .database(id, copy: 1)] {
                findings.expect(try !platform.keyring.contains(owner), "the key of \(owner) is left behind")
            }
        }
        findings.facts["places"] = .array([.string(platform.engines.home), .string(other ?? platform.engines.home)])
        return findings.evidence("An environment was moved while it was written to: nothing was lost, and no key of it is left.")
    }

    private static var pace: MovePace {
        var pace = MovePace()
        pace.rows = 40
        return pace
    }

    /// Returns the key that the log was signed with.
    private static func fill(_ scratch: ScratchEnvironment, _ platform: Platform) async throws -> AuditCheckpoints {
        let actor = Actor.platform("controls")
        try await scratch.workspace.collections.create(
            .init(slug: "things", name: "Things", fields: [.init(key: "name", type: .text, indexed: true)]), by: actor)
        for number in 0..<100 {
            _ = try await scratch.workspace.records.create(["name": .string("thing \(number)")], in: "things", by: actor)
        }
        let seed = try platform.keyring.subkey(for: .environment(scratch.id), purpose: .auditSigning)
        let origin = AuditLog.origin(apex: platform.apex, environment: scratch.id)
        guard let checkpoints = AuditCheckpoints(database: scratch.database, origin: origin, seed: seed, clock: platform.clock) else {
            throw CannotProbe("the log has no signing key")
        }
        _ = try await checkpoints.sign()
        return checkpoints
    }

    private static func takesWrite(_ scratch: ScratchEnvironment) async throws -> Bool {
        do {
            _ = try await scratch.workspace.records.create(["name": "too late"], in: "things", by: Actor.platform("controls"))
            return true
        } catch  where ChangeCapture.isFenced(error) {
            return false
        }
    }

    private static func compare(
        _ old: ScratchEnvironment, _ new: ScratchEnvironment, _ derivation: any Derivation, _ written: Int, _ key: AuditCheckpoints,
        _ findings: inout Findings
    ) async throws {
        let digests = try await [old, new].asyncMap { scratch in
            try await scratch.database.read { try RowsDigest.of($0, except: derivation.tables) }
        }
        findings.expect(digests[0] == digests[1], "the copy is not equal to the original")
        findings.facts["digest"] = .string(digests[1].digest)
        findings.count("rows", digests[1].rows)
        findings.count("written_meanwhile", written)
        let actor = Actor.platform("controls")
        let late = try await new.workspace.records.list(in: "things", Query(search: "late", limit: 500), by: actor)
        findings.expect(
            late.records.count == written, "of \(written) records that were written meanwhile, search finds \(late.records.count)")
        let report = try await AuditVerifier(key: key.key).verify(new.database)
        for fault in report.faults { findings.expect(false, "the moved log: \(fault)") }
        findings.count("audit_entries", Int(clamping: report.entries))
        _ = try await new.workspace.records.create(["name": "at home"], in: "things", by: actor)
    }
}

/// Writes a record between any two steps of a move.
private final class LateWriter: Sendable {
    private let scratch: ScratchEnvironment
    private let state = Mutex((count: 0, isStopped: false))

    init(_ scratch: ScratchEnvironment) { self.scratch = scratch }

    var count: Int { state.withLock { $0.count } }

    func stop() { state.withLock { $0.isStopped = true } }

    func write() async throws {
        guard !state.withLock({ $0.isStopped }) else { return }
        _ = try await scratch.workspace.records.create(["name": .string("late \(count)")], in: "things", by: Actor.platform("controls"))
        state.withLock { $0.count += 1 }
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
