import Backup
import ObjectStores
import Sealing
import Storage
import StorageSQLite
import TestSupport
import Testing
import Threads
import Vocabulary

@testable import Wiring

/// An installation with `serve --backup`: every database in files is kept, and comes back with its key.
@Suite struct BackupTests {
    @Test func `every database is shipped, also what was written last, and comes back with its key`() async throws {
        let directory = try TemporaryDirectory()
        try InstallationTests.prepare(directory)
        let store = try await FileSystemStore(directory: directory.path + "/backup")
        var surroundings = InstallationTests.surroundings(directory, keyring: try InstallationTests.keyring(directory))
        surroundings.backups = [Destination(name: "directory", kind: .directory, address: "", store: store)]
        let installation = try await Installation.open(surroundings)
        let tenant = try await installation.tenants.create(
            slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: InstallationTests.shell)
        let environment = try #require(try await installation.tenants.environments(of: tenant.id).first)
        let name = DatabaseName.environment(environment.id)
        let shipping = try #require(installation.ground.shipping)
        try await BackupUpkeep(installation, #require(installation.ground.destinations)).round()
        for name in [DatabaseName.control, name] { _ = try await shipping.base(of: name) }
        await installation.close()

        #expect(try await Archive.databases(in: store) == ["control", "\(name)"].sorted())
        for database in ["control", "\(name)"] {
            let archive = try Archive(store, database: database)
            #expect(try await archive.verify().findings == [])
            #expect(try await archive.catalogue().generations.count == 1)
        }
        // The control database alone, in another data directory beside the same keyring.
        try InstallationTests.prepare(directory, "again")
        let engine = try SQLiteEngine(directory: directory.path + "/again/databases")
        for (database, name) in [("control", DatabaseName.control), ("\(name)", name)] {
            let scratch = directory.path + "/scratch.db"
            _ = try await Restoration(try Archive(store, database: database), threads: BoundedThreads(1, waiting: 10)).restore(
                .newest, to: scratch)
            try await engine.adopt(name, from: scratch)
        }
        await engine.shutdown()
        let again = try await Installation.open(
            InstallationTests.surroundings(directory, data: "again", keyring: try InstallationTests.keyring(directory)))
        #expect(try await again.tenants.find(slug: "acme").name == "Acme")
        await again.close()
    }

    @Test func `what was promised decides what is kept`() async throws {
        let directory = try TemporaryDirectory()
        try InstallationTests.prepare(directory)
        var surroundings = InstallationTests.surroundings(directory, keyring: try InstallationTests.keyring(directory))
        let store = try await FileSystemStore(directory: directory.path + "/backup")
        surroundings.backups = [Destination(name: "directory", kind: .directory, address: "", store: store)]
        let installation = try await Installation.open(surroundings)
        for (slug, edition) in [("one", "sandbox"), ("two", "enterprise")] {
            _ = try await installation.tenants.create(
                slug: slug, name: slug, edition: edition, region: "eu-north", by: InstallationTests.shell)
        }
        let promises = try await BackupUpkeep(installation, #require(installation.ground.destinations)).promises()
        #expect(promises.count == 3)
        #expect(promises.map(\.retention.window).sorted() == [.days(7), .days(35), .days(35)])
        await installation.close()
    }
}
