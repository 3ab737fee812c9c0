import Audit
import Backup
import class Foundation.FileManager
import Jobs
import ObjectStores
import Records
import Recovery
import Sealing
import Storage
import Tenants
import TestSupport
import Testing
import Vocabulary

@testable import Wiring

/// A customer's way back, in a whole installation.
@Suite struct RestoreTests {
    /// An installation that ships, with one customer and a collection.
    struct Scene {
        let installation: Installation
        let tenant: Tenant
        let environment: HostedEnvironment
        let space: Workspace
        let running: Task<Void, Never>
        let owner = Actor(principal: Principal(.shell(user: "olive")), roles: ["owner"])

        init(_ directory: TemporaryDirectory, places: [String] = ["backup"]) async throws {
            try InstallationTests.prepare(directory)
            var surroundings = InstallationTests.surroundings(directory, keyring: try InstallationTests.keyring(directory))
            for place in places {
                let store = try await FileSystemStore(directory: "\(directory.path)/\(place)")
                surroundings.backups.append(Destination(name: place, kind: .directory, address: place, store: store))
            }
            installation = try await Installation.open(surroundings)
            tenant = try await installation.tenants.create(
                slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: InstallationTests.shell)
            environment = try #require(try await installation.tenants.environments(of: tenant.id).first)
            space = try await installation.workspace(of: environment.id)
            try await space.collections.create(
                .init(
                    slug: "ships", name: "Ships", fields: [.init(key: "name", type: .text, required: true, unique: true)],
                    titleField: "name"), by: owner)
            running = Task { [restores = installation.restores] in await restores.run() }
            _ = try await #require(installation.ground.shipping).base(of: .environment(environment.id))
        }

        func record(_ name: String, in slug: String = "ships") async throws -> RecordID {
            try await space.records.create(["name": .string(name)], in: slug, by: owner).id
        }

        func names(in slug: String = "ships", of space: Workspace? = nil) async throws -> [String] {
            try await (space ?? self.space).records.list(in: slug, .init(sort: "name"), by: owner).records.compactMap {
                $0.values["name"]?.string
            }
        }

        /// A moment between two commits, on a clock that goes on.
        func moment() async throws -> Instant {
            let moment = installation.clock.now()
            while installation.clock.now() <= moment + .milliseconds(2) { await Task.yield() }
            return moment
        }

        func restore(_ order: RestoreOrder) async throws -> Restore {
            let operation = try await installation.restores.order(order, in: environment, by: owner)
            for try await update in space.operations.updates(of: operation.id) where update.state.isFinal { break }
            return try await installation.restores.find(operation.id, of: environment)
        }

        func close() async {
            running.cancel()
            await installation.close()
        }
    }

    @Test func `what was changed, deleted and made since is as it was, and undone as it is`() async throws {
        let directory = try TemporaryDirectory()
        let scene = try await Scene(directory)
        let ids = [try await scene.record("Alma"), try await scene.record("Bore"), try await scene.record("Cato")]
        let moment = try await scene.moment()
        // Two exchange their unique names, which must not be in each other's way.
        _ = try await scene.space.records.change(ids[0], in: "ships", ["name": "Dora"], ifVersion: nil, by: scene.owner)
        _ = try await scene.space.records.change(ids[1], in: "ships", ["name": "Alma"], ifVersion: nil, by: scene.owner)
        _ = try await scene.space.records.delete(ids[2], in: "ships", ifVersion: nil, by: scene.owner)
        _ = try await scene.record("Enno")
        let before = try await AuditHead.of(scene.space.database)

        let (_, differences) = try await scene.installation.recovery.preview(of: scene.environment, at: .moment(moment)) { _ in true }
        let ships = try #require(differences.first)
        #expect([ships.changed, ships.returned, ships.gone] == [2, 1, 1])
        #expect(Set(ships.samples.map(\.title)) == ["Alma", "Bore", "Cato", "Enno"])

        let restore = try await scene.restore(.init(.moment(moment), .inPlace(collections: nil)))
        #expect(restore.operation.state == .succeeded, "\(restore.operation.message)")
        #expect(restore.records == 3 && restore.changed == 4)
        #expect(try await scene.names() == ["Alma", "Bore", "Cato"])
        // The log went on, and says what was done.
        let after = try await AuditHead.of(scene.space.database)
        #expect(after.size > before.size)
        #expect(try await before.isBeginning(of: scene.space.database))
        // Version numbers go on: what a page that is still open has seen is stale.
        #expect(try await scene.space.records.find(ids[0], in: "ships", by: scene.owner).version == 3)
        #expect(try await scene.space.records.list(in: "ships", .init(search: "bore"), by: scene.owner).records.count == 1)

        let undone = try await scene.restore(try await scene.installation.restores.undoing(restore.operation.id, of: scene.environment))
        #expect(undone.operation.state == .succeeded, "\(undone.operation.message)")
        #expect(try await scene.names() == ["Alma", "Dora", "Enno"])
        await scene.close()
    }

    @Test func `a field that was removed comes back with its values, and a collection made since is set aside`() async throws {
        let directory = try TemporaryDirectory()
        let scene = try await Scene(directory)
        _ = try await scene.space.collections.addField(.init(key: "port", type: .text, indexed: true), to: "ships", by: scene.owner)
        let id = try await scene.record("Alma")
        _ = try await scene.space.records.change(id, in: "ships", ["name": "Alma", "port": "Kiel"], ifVersion: nil, by: scene.owner)
        let moment = try await scene.moment()
        _ = try await scene.space.collections.removeField("port", of: "ships", by: scene.owner)
        // Takes the number of the field that is gone.
        _ = try await scene.space.collections.addField(.init(key: "tons", type: .number, indexed: true), to: "ships", by: scene.owner)
        try await scene.space.collections.create(
            .init(slug: "ports", name: "Ports", fields: [.init(key: "name", type: .text)]), by: scene.owner)

        let restore = try await scene.restore(.init(.moment(moment), .inPlace(collections: nil)))
        #expect(restore.operation.state == .succeeded, "\(restore.operation.message)")
        #expect(try await scene.space.records.find(id, in: "ships", by: scene.owner).values["port"] == "Kiel")
        #expect(try await scene.space.collections.list(by: scene.owner).map(\.slug) == ["ships"])
        #expect(try await scene.space.records.list(in: "ships", .init(filter: "port = \"Kiel\""), by: scene.owner).records.count == 1)
        await scene.close()
    }

    @Test func `of two places, the one that is away is passed over`() async throws {
        let directory = try TemporaryDirectory()
        let scene = try await Scene(directory, places: ["near", "far"])
        _ = try await scene.record("Alma")
        let moment = try await scene.moment()
        _ = try await scene.record("Bore")
        let name = DatabaseName.environment(scene.environment.id)
        let destinations = try #require(scene.installation.ground.destinations)
        let lines = destinations.keeping(name)
        for line in lines { try await line.shipping.caughtUp(name) }

        // Where it was mounted, there is a file now.
        try FileManager.default.moveItem(atPath: directory.path + "/near", toPath: directory.path + "/unplugged")
        #expect(FileManager.default.createFile(atPath: directory.path + "/near", contents: nil))
        _ = try await scene.record("Cato")
        await #expect(throws: Shipping.NotShipped.self) { try await lines[0].shipping.caughtUp(name) }

        let restore = try await scene.restore(.init(.moment(moment), .inPlace(collections: nil)))
        #expect(restore.operation.state == .succeeded, "\(restore.operation.message)")
        #expect(try await scene.names() == ["Alma"])
        #expect(restore.place == "far")
        await scene.close()
    }

    @Test func `only the chosen collections go back`() async throws {
        let directory = try TemporaryDirectory()
        let scene = try await Scene(directory)
        let ports = try await scene.space.collections.create(
            .init(slug: "ports", name: "Ports", fields: [.init(key: "name", type: .text)], titleField: "name"), by: scene.owner)
        _ = try await scene.record("Kiel", in: "ports")
        _ = try await scene.record("Alma")
        let moment = try await scene.moment()
        _ = try await scene.record("Bremen", in: "ports")
        _ = try await scene.record("Bore")
        let restore = try await scene.restore(.init(.moment(moment), .inPlace(collections: [ports.id])))
        #expect(restore.operation.state == .succeeded, "\(restore.operation.message)")
        #expect(try await scene.names(in: "ports") == ["Kiel"])
        #expect(try await scene.names() == ["Alma", "Bore"])
        await scene.close()
    }

    @Test func `a copy beside has its own host and key, and the roles of today`() async throws {
        let directory = try TemporaryDirectory()
        let scene = try await Scene(directory)
        try await scene.space.roles.define("clerk", label: "Clerk", permissions: .init(everywhere: [.view]), by: scene.owner)
        _ = try await scene.record("Alma")
        let moment = try await scene.moment()
        _ = try await scene.record("Bore")
        try await scene.space.roles.remove("clerk", by: scene.owner)
        let restore = try await scene.restore(.init(.moment(moment), .beside(name: "before")))
        #expect(restore.operation.state == .succeeded, "\(restore.operation.message)")
        #expect(restore.copy == "acme-before" && restore.undo == nil)
        let copy = try #require(try await scene.installation.tenants.environment(label: "acme-before"))
        let space = try await scene.installation.workspace(of: copy.id)
        #expect(try await scene.names(of: space) == ["Alma"])
        #expect(try await space.records.list(in: "ships", .init(search: "alma"), by: scene.owner).records.count == 1)
        #expect(try await !space.roles.list(by: scene.owner).contains { $0.name == "clerk" })
        #expect(try await scene.names() == ["Alma", "Bore"])
        // One at a time, and it goes with its key.
        let second = try await scene.restore(.init(.moment(moment), .beside(name: "again")))
        #expect(second.operation.state == .failed)
        try await scene.installation.restores.remove(copy.id, of: scene.tenant.id, by: scene.owner, in: scene.environment)
        #expect(try await scene.installation.tenants.environment(label: "acme-before") == nil)
        #expect(try !scene.installation.keyring.contains(copy.databaseKey))
        await scene.close()
    }

    @Test func `who may not, can't; and what can't be restored is refused before anything is done`() async throws {
        let directory = try TemporaryDirectory()
        let scene = try await Scene(directory)
        let editor = Actor(principal: Principal(.shell(user: "erik")), roles: ["editor"])
        await #expect(throws: Refusal.self) {
            _ = try await scene.installation.restores.order(
                .init(.newest, .inPlace(collections: nil)), in: scene.environment, by: editor)
        }
        for moment in [scene.installation.clock.now() + .hours(1), Instant(seconds: 1)] {
            await #expect(throws: Refusal.self) {
                _ = try await scene.installation.restores.order(
                    .init(.moment(moment), .inPlace(collections: nil)), in: scene.environment, by: scene.owner)
            }
        }
        #expect(try await scene.installation.restores.list(of: scene.environment).isEmpty)
        await scene.close()
    }

    @Test func `a drill restores a moment and writes down what it took; one that fails says so`() async throws {
        let directory = try TemporaryDirectory()
        let scene = try await Scene(directory)
        for number in 1...5 { _ = try await scene.record("Ship \(number)") }
        #expect(try await scene.installation.drills.due().map(\.id) == [scene.environment.id])
        let shipping = try #require(scene.installation.ground.shipping)
        try await shipping.caughtUp(.environment(scene.environment.id))
        let drill = try #require(try await scene.installation.drills.run(scene.environment, by: InstallationTests.shell))
        #expect(drill.passed, "\(drill.failure ?? "")")
        #expect(drill.size > 0 && drill.took > .zero)
        #expect(try await scene.installation.drills.due().isEmpty)

        // Somebody changes a byte of every base.
        let store = try shipping.archive(of: .environment(scene.environment.id)).store
        let archive = try shipping.archive(of: .environment(scene.environment.id))
        for base in try await archive.catalogue().generations.flatMap(\.bases) {
            try await store.delete(base.data)
            try await store.put([UInt8](repeating: 7, count: 4096), at: base.data)
        }
        let failed = try #require(try await scene.installation.drills.run(scene.environment, by: InstallationTests.shell))
        #expect(!failed.passed)
        let alarms = try await scene.installation.control.read {
            try $0.value("SELECT count(*) FROM alarm WHERE rule = 'drill-failed'", as: Int.self)
        }
        #expect(alarms == 1)
        await scene.close()
    }
}

/// A log's head, to be found again in a longer log.
private struct AuditHead {
    let head: AuditLog.Portable

    static func of(_ database: any Database) async throws -> AuditHead {
        AuditHead(head: try await database.read { try AuditLog.head(in: $0) })
    }
    var size: UInt64 { head.size }
    func isBeginning(of database: any Database) async throws -> Bool {
        try await database.read { [head] in try AuditLog.head(at: head.size, in: $0) == head }
    }
}
