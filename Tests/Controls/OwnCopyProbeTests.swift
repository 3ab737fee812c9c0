import Audit
import Controls
import Foundation
import Identity
import Logging
import ObjectStores
import OwnCopies
import Records
import Storage
import Tenants
import TestSupport
import Testing
import Vocabulary

/// BK-6, and that it turns.
@Suite struct OwnCopyProbeTests {
    /// A platform whose customers' files are of `age`, unless somebody's differs.
    private func platform(
        _ fixture: PlatformFixture, store: FileSystemStore, age: Duration = .hours(1), spoiling: (EnvironmentID) -> OwnCopy? = { _ in nil }
    ) async throws -> Platform {
        let (tenants, designs, clock, audit) = (fixture.tenants, DesignCache(), fixture.clock, fixture.audit)
        let copies = OwnCopies(
            .init(
                control: fixture.control, tenants: tenants, keyring: fixture.keyring, memberships: Memberships(fixture.platform.plane),
                accounts: Accounts(fixture.platform.plane), objects: store, scratch: fixture.directory.path + "/copying", audit: audit,
                watched: audit,
                workspaces: {
                    Workspace(
                        database: try await tenants.database(of: $0), clock: clock, entropy: SystemEntropy(), audit: audit, designs: designs
                    )
                }, product: "Holdfast", clock: clock, entropy: SystemEntropy(), logger: Logger(label: "test")))
        try await fixture.control.write { try $0.run("DELETE FROM own_copy") }
        for environment in try await tenants.allEnvironments() {
            let at = clock.now() - age
            let copy =
                spoiling(environment.id)
                ?? OwnCopy(
                    id: OwnCopyID(at: at, entropy: SystemEntropy()), environment: environment.id, at: at, size: 3, sealing: .environment,
                    took: .zero)
            let (failure, size) = (copy.failure, Int64(copy.size))
            try await fixture.control.write {
                try $0.run(
                    """
                    INSERT INTO own_copy (id, environment, at, commit_number, records, plain_bytes, bytes, digest, sealing, took_us, failure)
                    VALUES (\(copy.id), \(copy.environment), \(copy.at), 1, 0, 0, \(size), '', 'environment', 0, \(failure))
                    """)
            }
            let key = try #require(ObjectKey("environment/\(environment.id)/own-copies/\(copy.id).age"))
            try await store.put([1, 2, 3], at: key)
        }
        return fixture.changed {
            $0.ownCopies = copies
            $0.routes = [.init(door: "environment", method: "GET", path: "/backups/own-copies")]
        }
    }

    private func scene(spoiling: [Migration] = []) async throws -> (PlatformFixture, FileSystemStore) {
        let fixture = try await PlatformFixture(spoiling: spoiling)
        // Made long ago, so that each had its turn.
        fixture.clock.advance(by: .days(60))
        return (fixture, try await FileSystemStore(directory: fixture.directory.path + "/objects"))
    }

    @Test func `holds while a file opens with plain SQLite and everybody's newest is there`() async throws {
        let (fixture, store) = try await scene()
        let evidence = try await fixture.check("BK-6", on: platform(fixture, store: store))
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["files"] == 3)
        await #expect(throws: CannotProbe.self) { _ = try await fixture.check("BK-6") }
    }

    @Test func `turns when one is late, failed, missing or torn`() async throws {
        let (fixture, store) = try await scene()
        #expect(try await !fixture.check("BK-6", on: platform(fixture, store: store, age: .days(15))).holds)
        let first = try #require(try await fixture.tenants.allEnvironments().first).id
        let now = fixture.clock.now()
        for (size, failure) in [(UInt64(3), String?.some("the disk is full")), (7, nil)] {
            let spoiled = OwnCopy(
                id: OwnCopyID(at: now, entropy: SystemEntropy()), environment: first, at: now, size: size, sealing: .environment,
                took: .zero, failure: failure)
            #expect(try await !fixture.check("BK-6", on: platform(fixture, store: store) { $0 == first ? spoiled : nil }).holds)
        }
        let emptied = try await platform(fixture, store: store)
        for object in try await store.all("environment/\(first)/") { try await store.delete(object.key) }
        #expect(try await !fixture.check("BK-6", on: emptied).holds)
    }

    @Test func `turns when a file holds something else than was written, or no page leads there`() async throws {
        let (fixture, store) = try await scene(spoiling: [
            Migration("test_0001_forgetful") {
                $0.trigger("forgetful", after: "INSERT ON record", when: "NEW.number > 1", "DELETE FROM record WHERE number = 1")
            }
        ])
        #expect(try await !fixture.check("BK-6", on: platform(fixture, store: store)).holds)
        let (sound, other) = try await scene()
        var homeless = try await platform(sound, store: other)
        homeless.routes = []
        #expect(try await !sound.check("BK-6", on: homeless).holds)
    }
}
