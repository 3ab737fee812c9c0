import Sealing
import Storage
import Tenants
import Vocabulary

extension Control {
    static let leavingErases = automated(
        "TN-11", "Leaving erases everything", "M",
        "After a customer leaves, its keys, databases and backups are gone within 14 days, with a signed certificate.",
        every: .hours(6), LeavingErases())
}

/// Looks for whatever is left of those who left, and for who should be gone by now.
struct LeavingErases: Probe {
    /// After the window's end.
    private static let atMost = Duration.days(14)

    func check(_ platform: Platform) async throws -> Evidence {
        guard let departures = platform.departures else { throw CannotProbe("nobody looks after those who leave") }
        let all = try await departures.all()
        let tombstones = try platform.keyring.tombstones()
        guard !all.isEmpty || !tombstones.isEmpty else { throw CannotProbe("nobody has left yet, so nothing can be looked for") }
        var findings = Findings()
        let now = platform.clock.now()
        for leaving in all where leaving.stage != .gone {
            findings.expect(leaving.endsAt + Self.atMost > now, "somebody who left is not gone 14 days after the window's end")
        }
        for leaving in all where leaving.stage == .gone {
            let isVerified = if let certificate = leaving.certificate { try await departures.verifies(certificate) } else { false }
            findings.expect(isVerified, "a certificate is missing or doesn't verify")
            for environment in leaving.facts.environments {
                findings.expect(
                    tombstones.contains { "\($0.environment)" == environment.id }, "an environment that is gone has no tombstone")
            }
        }
        let owners = try platform.keyring.owners()
        let places = try await platform.places()
        for tombstone in tombstones {
            findings.expect(!owners.contains { $0.environment == tombstone.environment }, "a key of somebody who left is in the keyring")
            findings.expect(!places.contains { $0.id == tombstone.environment }, "an environment of somebody who left is served")
            for name in platform.engines.names {
                let exists = try await platform.engines.engine(at: name).exists(.environment(tombstone.environment))
                findings.expect(!exists, "a database of somebody who left is there")
            }
            let backups = try await departures.backups(tombstone.environment)
            findings.expect(backups == 0, "backups of somebody who left are there")
            let files = try await platform.objects?.list("environment/\(tombstone.environment)/", after: nil, limit: 1).objects ?? []
            findings.expect(files.isEmpty, "files of somebody who left are there")
        }
        findings.count("leaving", all.count { $0.stage != .gone })
        findings.count("gone", all.count { $0.stage == .gone })
        findings.count("environments_destroyed", tombstones.count)
        return findings.evidence("Of those who left nothing was found: no key, no database, no backup; and each certificate verifies.")
    }
}

extension Platform {
    /// Tenants that leave.
    package struct Departures: Sendable {
        package let all: @Sendable () async throws -> [Leaving]
        /// How many objects destinations have of an environment.
        package let backups: @Sendable (EnvironmentID) async throws -> Int
        package let verifies: @Sendable (_ certificate: String) async throws -> Bool

        package init(
            all: @escaping @Sendable () async throws -> [Leaving], backups: @escaping @Sendable (EnvironmentID) async throws -> Int,
            verifies: @escaping @Sendable (String) async throws -> Bool
        ) {
            (self.all, self.backups, self.verifies) = (all, backups, verifies)
        }
    }
}
