import Audit
import Backup
import Foundation
import Ledger
import ObjectStores
import Records
import Sealing
import Storage
import TestSupport
import Testing
import Vocabulary

@testable import Tenants
@testable import Wiring

/// A tenant leaves: the window, destruction, what resists it, and what would bring it back.
@Suite struct DeparturesTests {
    private struct House {
        let directory: TemporaryDirectory
        let clock: ManualClock
        let installation: Installation
        let store: FileSystemStore
        let tenant: Tenant
        let environments: [HostedEnvironment]

        func key() async throws -> NoteKey { try #require(try await installation.checkpoints(of: .control)).key }
    }

    private func open(_ directory: TemporaryDirectory, _ clock: ManualClock) async throws -> Installation {
        var surroundings = InstallationTests.surroundings(directory, keyring: try InstallationTests.keyring(directory))
        let store = try await FileSystemStore(directory: directory.path + "/backup")
        surroundings.backups = [Destination(name: "backup", kind: .directory, address: "", store: store)]
        surroundings.objects = try await FileSystemStore(directory: directory.path + "/objects")
        surroundings.clock = clock
        return try await Installation.open(surroundings)
    }

    private func house() async throws -> House {
        let directory = try TemporaryDirectory()
        try InstallationTests.prepare(directory)
        let clock = ManualClock()
        let installation = try await open(directory, clock)
        for slug in ["acme", "birch"] {
            _ = try await installation.tenants.create(
                slug: slug, name: slug, edition: "enterprise", region: "eu-north", environments: [.production, .test],
                by: InstallationTests.shell)
        }
        let production = try #require(try await installation.tenants.environment(label: "acme")).id
        _ = try await installation.workspace(of: production).collections.create(
            .init(slug: "things", name: "Things", fields: [.init(key: "name", type: .text)]), by: Actor.platform("tests"))
        let shipping = try #require(installation.ground.shipping)
        try await shipping.caughtUp()
        let tenant = try await installation.tenants.find(slug: "acme")
        for environment in try await installation.tenants.environments(of: tenant.id) {
            let archive = try shipping.archive(of: .environment(environment.id))
            while try await archive.catalogue().newest?.bases.isEmpty ?? true { try await Task.sleep(for: .milliseconds(5)) }
        }
        return House(
            directory: directory, clock: clock, installation: installation,
            store: try await FileSystemStore(directory: directory.path + "/backup"), tenant: tenant,
            environments: try await installation.tenants.environments(of: tenant.id))
    }

    private func expectNothingLeft(_ house: House, _ installation: Installation) async throws {
        for environment in house.environments {
            #expect(try !installation.keyring.owners().contains { $0.environment == environment.id })
            #expect(try await !installation.engine.exists(.environment(environment.id)))
            #expect(try await house.store.all("backup/environment/\(environment.id)/").isEmpty)
            #expect(try installation.keyring.isEntombed(environment.id))
            #expect(try await installation.tenants.environment(label: environment.label) == nil)
        }
        #expect(try await Archive.tombstones(in: house.store).count == house.environments.count)
    }

    @Test func `everything is destroyed when the window ends, not before, and the certificate verifies`() async throws {
        let house = try await house()
        let departures = house.installation.departures
        let leaving = try await departures.begin(house.tenant.id, on: nil, reason: "contract ended", by: InstallationTests.shell)
        #expect(leaving.endsAt == house.clock.now() + .days(14))
        house.clock.advance(by: .days(14) - .seconds(1))
        await departures.round()
        #expect(try await house.installation.tenants.leaving(house.tenant.id)?.stage == .window)
        #expect(try await house.installation.tenants.environment(label: "acme") != nil)
        house.clock.advance(by: .seconds(1))
        await departures.round()
        let gone = try #require(try await house.installation.tenants.leaving(house.tenant.id))
        #expect(gone.stage == .gone)
        try await expectNothingLeft(house, house.installation)
        let text = try #require(gone.certificate)
        let certificate = try OffboardingCertificate(verifying: text, key: try await house.key())
        #expect(certificate.slug == "acme" && certificate.environments.count == 2 && certificate.destinations.map(\.name) == ["backup"])
        #expect(certificate.environments.allSatisfy { $0.keysDestroyed.count == 2 })
        #expect(certificate.environments.first { $0.host == "acme" }?.auditEntries == 2)
        #expect(certificate.destinations.allSatisfy { $0.objectsDeleted > 0 })
        // The neighbour is as it was.
        let neighbour = try #require(try await house.installation.tenants.environment(label: "birch"))
        _ = try await house.installation.workspace(of: neighbour.id)
        #expect(try await !house.store.all("backup/environment/\(neighbour.id)/").isEmpty)
        await house.installation.close()
    }

    @Test func `a certificate that was altered, or is another platform's, is refused`() async throws {
        let house = try await house()
        _ = try await house.installation.departures.begin(
            house.tenant.id, on: house.clock.now(), reason: "", by: InstallationTests.shell)
        await house.installation.departures.round()
        let text = try #require(try await house.installation.tenants.leaving(house.tenant.id)?.certificate)
        let key = try await house.key()
        #expect(throws: OffboardingCertificate.Fault.altered) {
            _ = try OffboardingCertificate(verifying: text.replacing("\"acme\"", with: "\"amce\""), key: key)
        }
        let other = try #require(NoteSigner(name: "other.example/audit/control", seed: Secret(SeededEntropy(seed: 2).bytes(32))))
        #expect(throws: OffboardingCertificate.Fault.notSigned) { _ = try OffboardingCertificate(verifying: text, key: other.key) }
        #expect(throws: OffboardingCertificate.Fault.malformed) { _ = try OffboardingCertificate(verifying: "hello\n", key: key) }
        await house.installation.close()
    }

    @Test func `it can be called off within the window, and not later`() async throws {
        let house = try await house()
        let (departures, tenants) = (house.installation.departures, house.installation.tenants)
        let environment = try #require(house.environments.first).id
        _ = try await departures.begin(house.tenant.id, on: nil, reason: "", by: InstallationTests.shell)
        #expect(try await tenants.environment(environment).isLeaving)
        await #expect(throws: Leaving.Refusal.begun) {
            _ = try await departures.begin(house.tenant.id, on: nil, reason: "", by: InstallationTests.shell)
        }
        try await departures.withdraw(house.tenant.id, by: InstallationTests.shell)
        #expect(try await !tenants.environment(environment).isLeaving)
        house.clock.advance(by: .days(20))
        await departures.round()
        #expect(try await tenants.environment(label: "acme") != nil)
        await #expect(throws: Leaving.Refusal.none) { try await departures.withdraw(house.tenant.id, by: InstallationTests.shell) }
        _ = try await departures.begin(house.tenant.id, on: house.clock.now(), reason: "", by: InstallationTests.shell)
        await departures.round()
        await #expect(throws: Leaving.Refusal.tooLate) { try await departures.withdraw(house.tenant.id, by: InstallationTests.shell) }
        await house.installation.close()
    }

    private struct Cut: Error {}

    @Test(arguments: ["gathered", "closed", "keys", "database", "objects", "backups"])
    func `broken off after any step it goes on where it was`(step: String) async throws {
        let house = try await house()
        _ = try await house.installation.departures.begin(
            house.tenant.id, on: house.clock.now(), reason: "", by: InstallationTests.shell)
        var departures = house.installation.departures
        departures.between = { if $0 == step { throw Cut() } }
        await departures.round()
        #expect(try await house.installation.tenants.leaving(house.tenant.id)?.stage != .gone)
        // As after a crash: another process, which begins with what is on the disk.
        await house.installation.close()
        let again = try await open(house.directory, house.clock)
        _ = try await again.tenants.recover(by: InstallationTests.shell)
        await again.departures.round()
        #expect(try await again.tenants.leaving(house.tenant.id)?.stage == .gone)
        try await expectNothingLeft(house, again)
        await again.close()
    }

    @Test func `a destination that doesn't let go is waited for, and named`() async throws {
        let house = try await house()
        let environment = try #require(house.environments.first).id
        let folder = house.directory.path + "/backup/backup/environment/\(environment)"
        _ = try await house.installation.departures.begin(
            house.tenant.id, on: house.clock.now(), reason: "", by: InstallationTests.shell)
        // A file where a folder has to be read: whoever lists it fails.
        try FileManager.default.moveItem(atPath: house.directory.path + "/backup", toPath: house.directory.path + "/away")
        await house.installation.departures.round()
        let waiting = try #require(try await house.installation.tenants.leaving(house.tenant.id))
        #expect(waiting.stage == .destroying && waiting.certificate == nil)
        #expect(waiting.waiting.count == 1 && waiting.waiting[0].hasPrefix("backup: "))
        try? FileManager.default.removeItem(atPath: house.directory.path + "/backup")
        try FileManager.default.moveItem(atPath: house.directory.path + "/away", toPath: house.directory.path + "/backup")
        #expect(FileManager.default.fileExists(atPath: folder))
        await house.installation.departures.round()
        #expect(try await house.installation.tenants.leaving(house.tenant.id)?.stage == .gone)
        try await expectNothingLeft(house, house.installation)
        await house.installation.close()
    }

    @Test func `nothing brings it back: not its name, not an older control database, not an older archive`() async throws {
        let house = try await house()
        let control = house.directory.path + "/data/databases/control.db"
        // The day before: a copy of everything that is no key.
        await house.installation.close()
        for name in ["data", "backup"] {
            try FileManager.default.copyItem(atPath: house.directory.path + "/" + name, toPath: house.directory.path + "/old-" + name)
        }
        let installation = try await open(house.directory, house.clock)
        _ = try await installation.departures.begin(house.tenant.id, on: house.clock.now(), reason: "", by: InstallationTests.shell)
        await installation.departures.round()
        try await expectNothingLeft(house, installation)
        await #expect(throws: Refusal.self) {
            _ = try await installation.tenants.create(
                slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: InstallationTests.shell)
        }
        await installation.close()
        // An older control database and the old database files beside it.
        try FileManager.default.removeItem(atPath: house.directory.path + "/data/databases")
        try FileManager.default.copyItem(
            atPath: house.directory.path + "/old-data/databases", toPath: house.directory.path + "/data/databases")
        #expect(FileManager.default.fileExists(atPath: control))
        let revived = try await open(house.directory, house.clock)
        _ = try await revived.tenants.recover(by: InstallationTests.shell)
        try await expectNothingLeft(house, revived)
        await #expect(throws: Refusal.self) {
            _ = try await revived.tenants.createEnvironment(.sandbox, of: house.tenant.id, by: InstallationTests.shell)
        }
        // What an older copy of the archive had is deleted by the next sweep.
        let environment = try #require(house.environments.first).id
        let folder = "/backup/environment/\(environment)"
        try FileManager.default.createDirectory(
            atPath: house.directory.path + "/backup/backup/environment", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: house.directory.path + "/old-backup" + folder, toPath: house.directory.path + "/backup" + folder)
        #expect(try await !house.store.all("backup/environment/\(environment)/").isEmpty)
        try await revived.departures.sweep()
        #expect(try await house.store.all("backup/environment/\(environment)/").isEmpty)
        await revived.close()
    }
}
