import Audit
import Records
import Sealing
import Storage
import Tenants
import Vocabulary

extension Control {
    static let isolated = automated(
        "AZ-6", "No way from one customer to another", "BL",
        "What belongs to one customer can't be reached from another one: not by key, not by token, not by identifier.",
        every: .hours(6), Isolation())
}

/// Tries to cross: live databases with the neighbour's key, a token of one environment at the other, one environment's identifiers in the other.
struct Isolation: Probe {
    /// Environments tried in one round; another stretch each time.
    static let sample = 50

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let all = try await platform.places()
        let places = all
        let keyring = platform.keyring

        // Each database with the key of the one after it.
        let start = places.isEmpty ? 0 : Int(platform.entropy.words().0 % UInt64(places.count))
        let sample = (0..<min(places.count, Self.sample)).map { places[(start + $0) % places.count] }
        for (index, place) in sample.enumerated() {
            let other = index + 1 < sample.count ? sample[index + 1].databaseKey : .control
            findings.expect(
                try await Self.refuses(place.id, at: place.engine, key: other, platform),
                "environment \(place.id) opens with the key of \(other)")
        }
        findings.count("environments", places.count)
        findings.count("foreign_keys_tried", sample.count)

        // A token of one host at the other's.
        if let tokens = platform.tokens {
            let labels = all.count > 1 ? [all[start].label, all[(start + 1) % all.count].label] : ["one", "two"]
            let (own, foreign) = (tokens.audience(labels[0]), tokens.audience(labels[1]))
            let token = try await tokens.issue(own)
            findings.expect(try await tokens.accepts(token, own), "a token is refused where it belongs")
            findings.expect(try await !tokens.accepts(token, foreign), "a token of one environment is accepted at another")
            findings.expect(try await !tokens.accepts(token + "x", own), "a token with a spoilt signature is accepted")
            findings.count("tokens_tried", 3)
        }

        try await ScratchEnvironment.lend(0, on: platform) { one in
            try await ScratchEnvironment.lend(1, on: platform) { two in
                findings.expect(
                    try await Self.refuses(one.id, at: platform.engines.home, key: .database(two.id, copy: 1), platform),
                    "a fresh environment opens with its neighbour's key")
                findings.expect(
                    try keyring.subkey(for: .database(one.id, copy: 1), purpose: .database)
                        != keyring.subkey(for: .database(two.id, copy: 1), purpose: .database),
                    "two environments share a key")

                let actor = Actor.platform("controls")
                for space in [one.workspace, two.workspace] {
                    try await space.collections.create(
                        .init(slug: "things", name: "Things", fields: [.init(key: "name", type: .text)]), by: actor)
                }
                let record = try await one.workspace.records.create(["name": "only in one"], in: "things", by: actor)
                findings.expect(
                    try await !Self.goes { _ = try await two.workspace.records.find(record.id, in: "things", by: actor) },
                    "one environment's record is found in the other")
                let page = try await two.workspace.records.list(in: "things", Query(), by: actor)
                findings.expect(page.records.isEmpty, "one environment lists the other's records")
            }
        }
        return findings.evidence("Foreign keys, tokens and identifiers were refused everywhere they were tried.")
    }

    private static func refuses(
        _ environment: EnvironmentID, at place: Places.Name, key owner: KeyOwner, _ platform: Platform
    ) async throws -> Bool {
        do {
            let keyring = platform.keyring
            _ = try await platform.engines.engine(at: place).open(.environment(environment), schema: platform.environmentSchema) {
                try keyring.subkey(for: owner, purpose: .database)
            }
            return false
        } catch StorageError.unreadable {
            return true
        }
    }

    private static func goes(_ work: () async throws -> Void) async throws -> Bool {
        do {
            try await work()
            return true
        } catch let refusal as Refusal {
            guard refusal.kind == .notFound || refusal.kind == .forbidden else { throw refusal }
            return false
        }
    }
}
