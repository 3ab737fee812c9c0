import Audit
import Backup
import Foundation
import ObjectStores
import Sealing
import Storage
import TestSupport
import Testing
import Threads
import Vocabulary

@testable import Wiring

/// A machine is lost; the archive, a bundle and two of three shares are left.
@Suite struct RecoveryTests {
    private struct Lost {
        let directory: TemporaryDirectory
        let store: FileSystemStore
        let bundle: RecoveryBundle
        let shares: [RecoveryShare]

        var given: [(path: String, share: RecoveryShare)] { [("a", shares[0]), ("c", shares[2])] }
        func recovery(_ name: String = "again", acceptsOld: Bool = false) -> Rebuilding {
            Rebuilding(bundle, from: store, to: directory.path + "/" + name, acceptsOld: acceptsOld)
        }
    }

    /// An installation with two tenants, which ends in good order; `late` is what happens after the bundle was made.
    private func lose(late: (Installation) async throws -> Void = { _ in }) async throws -> Lost {
        let directory = try TemporaryDirectory()
        try InstallationTests.prepare(directory)
        let store = try await FileSystemStore(directory: directory.path + "/backup")
        var surroundings = InstallationTests.surroundings(directory, keyring: try InstallationTests.keyring(directory))
        surroundings.backups = [Destination(name: "directory", kind: .directory, address: "", store: store)]
        let installation = try await Installation.open(surroundings)
        for slug in ["acme", "birch"] { try await Self.add(slug, to: installation) }
        let shipping = try #require(installation.ground.shipping)
        try await shipping.caughtUp()
        let people: [(name: String, recipient: AgeRecipient?)] = [("anna", nil), ("ben", nil), ("cleo", nil)]
        let (holders, shares) = try RecoveryHolders.make(people, needed: 2, at: SystemClock().now(), entropy: SystemEntropy())
        let path = directory.path + "/bundle.tar"
        let sink = try Sink(path)
        try await installation.writeBundle(for: holders, version: "1.0.0", by: InstallationTests.shell) { try sink.write($0) }
        try await late(installation)
        await installation.close()
        try FileManager.default.removeItem(atPath: directory.path + "/data")
        return Lost(
            directory: directory, store: store, bundle: try await RecoveryBundle(path, threads: BoundedThreads(1, waiting: 10)),
            shares: shares)
    }

    private static func add(_ slug: String, to installation: Installation) async throws {
        _ = try await installation.tenants.create(
            slug: slug, name: slug, edition: "team", region: "eu-north", by: InstallationTests.shell)
    }

    private final class Sink: Sendable {
        private let path: String
        init(_ path: String) throws {
            self.path = path
            try Data().write(to: URL(fileURLWithPath: path))
        }
        func write(_ bytes: [UInt8]) throws {
            guard let file = FileHandle(forWritingAtPath: path) else { throw StorageError.missing }
            try file.seekToEnd()
            try file.write(contentsOf: Data(bytes))
            try file.close()
        }
    }

    private func start(_ lost: Lost, _ name: String = "again") async throws -> Installation {
        let home = lost.directory.path + "/" + name
        let keyring = Keyring(directory: home + "/keyring", clock: SystemClock(), entropy: SystemEntropy())
        try keyring.unseal(with: MasterKey.load(from: .file(home + "/master.key")))
        return try await Installation.open(InstallationTests.surroundings(lost.directory, data: name, keyring: keyring))
    }

    @Test func `everything comes back, down to the last commit`() async throws {
        let lost = try await lose { installation in
            let tenant = try await installation.tenants.find(slug: "birch").id
            _ = try await installation.tenants.change(edition: "enterprise", of: tenant, by: InstallationTests.shell)
        }
        let report = try await lost.recovery().run(with: lost.given)
        #expect(report.isComplete && report.databases.count == 3 && report.unknown.isEmpty)
        #expect(!Rebuilding.isUnfinished(in: lost.directory.path + "/again"))
        let again = try await start(lost)
        #expect(try await again.tenants.find(slug: "birch").edition == "enterprise")
        for slug in ["acme", "birch"] {
            let environment = try #require(try await again.tenants.environment(label: slug))
            _ = try await again.workspace(of: environment.id)
        }
        await again.close()
    }

    @Test func `whoever was signed in signs in again, and the log says why`() async throws {
        let lost = try await lose { installation in
            try await installation.control.write { transaction in
                try transaction.run(
                    """
                    INSERT INTO account (id, identifier, display_name, state, created_at)
                    VALUES ('01k9xxxxxxxxxxxxxxxxxxxxxx', 'ann@acme.example', 'Ann', 'active', 1)
                    """)
                try transaction.run(
                    """
                    INSERT INTO session
                        (id, account, token_digest, stage, methods, created_at, authenticated_at, last_seen_at, idle_life, ends_at)
                    VALUES ('01k9yyyyyyyyyyyyyyyyyyyyyy', '01k9xxxxxxxxxxxxxxxxxxxxxx', 'digest', 'complete', '', 1, 1, 1, 1, 9)
                    """)
            }
        }
        _ = try await lost.recovery().run(with: lost.given)
        let again = try await start(lost)
        try await again.noteRecovery()
        #expect(try await again.control.read { try $0.value("SELECT count(*) FROM session WHERE ended_at IS NULL", as: Int.self) } == 0)
        let events = {
            try await again.control.read { try $0.value("SELECT count(*) FROM audit_entry WHERE event = 'recovered'", as: Int.self) }
        }
        #expect(try await events() == 1)
        try await again.noteRecovery()
        #expect(try await events() == 1)
        await again.close()
    }

    @Test func `an environment without archive or without key is named, and the rest is rebuilt`() async throws {
        let lost = try await lose { try await Self.add("late", to: $0) }
        let databases = try await Archive.databases(in: lost.store)
        let gone = try #require(
            databases.first { name in name != "control" && lost.bundle.manifest.databases.contains { $0.name == name } })
        for object in try await lost.store.all("backup/\(gone)/") { try await lost.store.delete(object.key) }
        let report = try await lost.recovery().run(with: lost.given)
        #expect(!report.isComplete && report.databases.count == 2 && report.missing.count == 2)
        #expect(report.missing.contains { $0.name == gone && $0.reason.contains("no archive") })
        #expect(report.missing.contains { $0.label == "late" && $0.reason.contains("no key") })
        let again = try await start(lost)
        #expect(try await again.tenants.count() == 3)
        await again.close()
    }

    @Test func `without the control database's archive nothing begins`() async throws {
        let lost = try await lose()
        for object in try await lost.store.all("backup/control/") { try await lost.store.delete(object.key) }
        await #expect(throws: RecoveryFault.archiveLacks(database: "the control database")) {
            _ = try await lost.recovery().run(with: lost.given)
        }
        #expect(!FileManager.default.fileExists(atPath: lost.directory.path + "/again"))
    }

    @Test func `an archive that is older than the bundle is refused, unless that is accepted`() async throws {
        let lost = try await lose()
        let control = try #require(lost.bundle.manifest.databases.first { $0.name == "control" }?.position)
        let archive = try Archive(lost.store, database: "control")
        let segments = try #require(try await archive.catalogue().newest).segments
        for segment in segments where segment.first + 1 > control.ordinal || segment == segments.last {
            try await lost.store.delete(segment.key)
        }
        await #expect(throws: RecoveryFault.staleArchive(database: "control")) { _ = try await lost.recovery().run(with: lost.given) }
        // Begun anew in what the refusal left behind.
        #expect(Rebuilding.isUnfinished(in: lost.directory.path + "/again"))
    }

    @Test func `what is there is never touched; what a broken recovery left is`() async throws {
        let lost = try await lose()
        let path = lost.directory.path + "/again"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path + "/precious"))
        await #expect(throws: RecoveryFault.notEmpty(path: path)) { _ = try await lost.recovery().run(with: lost.given) }
        #expect(try String(contentsOfFile: path + "/precious", encoding: .utf8) == "mine")
        // A recovery's own marker doesn't make other people's files ours.
        try Data().write(to: URL(fileURLWithPath: path + "/recovering"))
        await #expect(throws: RecoveryFault.notEmpty(path: path)) { _ = try await lost.recovery().run(with: lost.given) }
        try FileManager.default.removeItem(atPath: path + "/precious")
        try FileManager.default.createDirectory(atPath: path + "/databases", withIntermediateDirectories: false)
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/databases/control.db"))
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/master.key"))
        #expect(try await lost.recovery().run(with: lost.given).isComplete)
        await #expect(throws: RecoveryFault.notEmpty(path: path)) { _ = try await lost.recovery().run(with: lost.given) }
    }

    @Test func `too few shares touch nothing`() async throws {
        let lost = try await lose()
        await #expect(throws: RecoveryFault.tooFew(given: 1, needed: 2, others: ["ben", "cleo"])) {
            _ = try await lost.recovery().run(with: [("a", lost.shares[0])])
        }
        #expect(!FileManager.default.fileExists(atPath: lost.directory.path + "/again"))
    }
}
