import Audit
import Foundation
import Jobs
import ObjectStores
import OwnCopies
import Records
import Sealing
import Storage
import StorageSQLite
import TestSupport
import Testing
import Vocabulary

@testable import Tenants
@testable import Wiring

/// Files for the customer to keep, in a whole installation.
@Suite struct OwnCopyTests {
    private struct Scene {
        let directory: TemporaryDirectory
        let clock: ManualClock
        let installation: Installation
        let store: FileSystemStore
        let environment: HostedEnvironment
        let space: Workspace
        let running: Task<Void, Never>
        let owner = Actor(principal: Principal(.shell(user: "olive")), roles: ["owner"])

        var copies: OwnCopies { installation.ownCopies }
        var folder: String { "environment/\(environment.id)/own-copies/" }

        init() async throws {
            directory = try TemporaryDirectory()
            clock = ManualClock()
            try InstallationTests.prepare(directory)
            var surroundings = InstallationTests.surroundings(directory, keyring: try InstallationTests.keyring(directory))
            store = try await FileSystemStore(directory: directory.path + "/objects")
            surroundings.objects = store
            surroundings.clock = clock
            installation = try await Installation.open(surroundings)
            let tenant = try await installation.tenants.create(
                slug: "acme", name: "Acme", edition: "team", region: "eu-north", by: InstallationTests.shell)
            environment = try #require(try await installation.tenants.environments(of: tenant.id).first)
            space = try await installation.workspace(of: environment.id)
            try await space.collections.create(
                .init(slug: "ships", name: "Ships", fields: [.init(key: "name", type: .text), .init(key: "tons", type: .number)]), by: owner
            )
            for (name, tons) in [("Alma", 12), ("Bore", 2048)] {
                _ = try await space.records.create(["name": .string(name), "tons": .integer(Int64(tons))], in: "ships", by: owner)
            }
            running = Task { [copies = installation.ownCopies] in await copies.run() }
        }

        /// Made and written down, or why not.
        @discardableResult
        func make() async throws -> Jobs.Operation {
            let operation = try await copies.order(in: environment, by: InstallationTests.shell)
            for try await update in space.operations.updates(of: operation.id) where update.state.isFinal { return update }
            throw StorageError.failed("it never ended")
        }

        func newest() async throws -> OwnCopy {
            try #require(try await copies.list(of: environment.id).first { $0.failure == nil })
        }

        func fetch(_ copy: OwnCopy, for wish: OwnCopies.Wish) async throws -> [UInt8] {
            var bytes: [UInt8] = []
            for try await piece in try await copies.fetch(copy.id, of: environment, for: wish, by: InstallationTests.shell).content {
                bytes += piece
            }
            return bytes
        }

        func events(_ name: String) async throws -> Int {
            try await space.database.read {
                try $0.value("SELECT count(*) FROM audit_entry WHERE event = \(name)", as: Int.self) ?? 0
            }
        }

        func close() async {
            running.cancel()
            await installation.close()
        }
    }

    private let passphrase = "a passphrase of some length"

    @Test func `what is downloaded opens with the passphrase and holds everything`() async throws {
        let scene = try await Scene()
        #expect(try await scene.make().state == .succeeded)
        let copy = try await scene.newest()
        #expect(copy.records == 2 && copy.sealing == .environment)
        let file = try await scene.fetch(copy, for: .passphrase(passphrase))
        let plain = try AgeFile.open(file, with: [AgePassphrase(Secret(passphrase))])
        #expect(UInt64(plain.count) == copy.plainSize)
        let content = try PlainContent(plain)
        #expect(
            try content.rows("SELECT name, tons FROM ships ORDER BY name") == [
                [.text("Alma"), .integer(12)], [.text("Bore"), .integer(2048)],
            ])
        #expect(try content.rows("SELECT value FROM _about WHERE name = 'environment'") == [[.text("acme")]])
        #expect(try await scene.events("own_copy_made") == 1)
        #expect(try await scene.events("own_copy_fetched") == 1)
        #expect(throws: AgeFault.noKey) { try AgeFile.open(file, with: [AgePassphrase(Secret("another of the same length"))]) }
        // Nothing is left of making it.
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.copies.parts.scratch).isEmpty)
        await scene.close()
    }

    @Test func `with recipients it is sealed to them from the beginning, and to nobody else`() async throws {
        let scene = try await Scene()
        let own = try AgeIdentity(secret: Secret(SeededEntropy(seed: 4).bytes(32)))
        try await scene.copies.setRecipients(["\(own.recipient)", "\(own.recipient)"], in: scene.environment, by: InstallationTests.shell)
        #expect(try await scene.copies.recipients(of: scene.environment.id) == [own.recipient])
        try await scene.make()
        let copy = try await scene.newest()
        #expect(copy.sealing == .recipients)
        let file = try await scene.fetch(copy, for: .asKept)
        #expect(ContentDigest(of: file).description == copy.digest)
        #expect(try PlainContent(AgeFile.open(file, with: [own])).rows("SELECT count(*) FROM ships") == [[.integer(2)]])
        await #expect(throws: Refusal.self) { _ = try await scene.fetch(copy, for: .passphrase(passphrase)) }
        await scene.close()
    }

    @Test func `what can't be sealed is refused before anything is read`() async throws {
        let scene = try await Scene()
        try await scene.make()
        let copy = try await scene.newest()
        let wishes: [(OwnCopies.Wish, String)] = [
            (.passphrase("too short"), "passphrase"), (.passphrase("several\nlines of some length"), "passphrase"), (.asKept, "passphrase"),
            (.recipients([]), "passphrase"), (.recipients(["age1nobody"]), "recipient"),
        ]
        for (wish, code) in wishes {
            await #expect { _ = try await scene.fetch(copy, for: wish) } throws: { ($0 as? Refusal)?.code == code }
        }
        await #expect {
            try await scene.copies.setRecipients(["ssh-ed25519 AAAA"], in: scene.environment, by: InstallationTests.shell)
        } throws: {
            ($0 as? Refusal)?.code == "recipient"
        }
        await #expect {
            _ = try await scene.copies.find(OwnCopyID(at: copy.at, entropy: SystemEntropy()), of: scene.environment.id)
        } throws: {
            ($0 as? Refusal)?.kind == .notFound
        }
        let reader = Actor(principal: scene.owner.principal, roles: ["reader"])
        await #expect(throws: Refusal.self) { try await scene.copies.require(reader, in: scene.environment.id) }
        #expect(try await scene.events("own_copy_fetched") == 0)
        await scene.close()
    }

    @Test func `a file that is missing, torn or changed is not handed out`() async throws {
        let scene = try await Scene()
        try await scene.make()
        let copy = try await scene.newest()
        let key = try #require(ObjectKey("\(scene.folder)\(copy.id).age"))
        var bytes = try await scene.store.bytes(of: key, atMost: 1 << 24)
        let whole = bytes
        bytes[bytes.count / 2] ^= 1
        for (content, code) in [(bytes, "own-copy-damaged"), (Array(whole.dropLast()), "own-copy-damaged"), ([], "own-copy-lost")] {
            try await scene.store.delete(key)
            if !content.isEmpty { try await scene.store.put(content, at: key) }
            await #expect { _ = try await scene.fetch(copy, for: .passphrase(passphrase)) } throws: {
                ($0 as? Refusal)?.code == code && ($0 as? Refusal)?.kind == .gone
            }
        }
        await scene.close()
    }

    @Test func `the newest few are kept, and what a crash left goes`() async throws {
        let scene = try await Scene()
        let stray = try #require(ObjectKey("\(scene.folder)00000000-0000-7000-8000-000000000009.age"))
        try await scene.store.put([1, 2, 3], at: stray)
        var made: [OwnCopyID] = []
        for _ in 0..<(OwnCopies.kept + 2) {
            scene.clock.advance(by: .days(7))
            try await scene.make()
            made.append(try await scene.newest().id)
        }
        let kept = try await scene.copies.list(of: scene.environment.id).map(\.id)
        #expect(kept == made.suffix(OwnCopies.kept).reversed())
        let stored = try await scene.store.all(scene.folder).map { "\($0.key)" }
        #expect(Set(stored) == Set(kept.map { "\(scene.folder)\($0).age" }))
        await #expect { _ = try await scene.copies.find(made[0], of: scene.environment.id) } throws: { ($0 as? Refusal)?.kind == .notFound }
        await scene.close()
    }

    @Test func `one that can't be made is written down, raises an alarm and is tried again after a day`() async throws {
        let scene = try await Scene()
        // A file where the folder of all environments has to be.
        try Data().write(to: URL(fileURLWithPath: scene.directory.path + "/objects/environment"))
        let failed = try await scene.make()
        #expect(failed.state == .failed && failed.message.contains("could not be stored"))
        #expect(try await scene.copies.list(of: scene.environment.id).first?.failure != nil)
        let alarms = try await scene.installation.control.read {
            try $0.value("SELECT count(*) FROM alarm WHERE rule = 'own-copy-failed'", as: Int.self)
        }
        #expect(alarms == 1)
        #expect(try await scene.copies.due().isEmpty)
        scene.clock.advance(by: .days(1) + .seconds(1))
        #expect(try await scene.copies.due().map(\.id) == [scene.environment.id])
        try FileManager.default.removeItem(atPath: scene.directory.path + "/objects/environment")
        #expect(try await scene.make().state == .succeeded)
        #expect(try await scene.copies.list(of: scene.environment.id).first?.failure == nil)
        await scene.close()
    }

    @Test func `one that can't even be begun keeps no other from its turn`() async throws {
        let scene = try await Scene()
        let other = try await scene.installation.tenants.create(
            slug: "zinnia", name: "Zinnia", edition: "team", region: "eu-north", by: InstallationTests.shell)
        let zinnia = try #require(try await scene.installation.tenants.environments(of: other.id).first)
        try await scene.installation.tenants.destroyDatabases(of: scene.environment.id)
        scene.clock.advance(by: .days(15))
        #expect(try await scene.copies.due().first?.id == scene.environment.id)
        await OwnCopyRounds(scene.installation).round()
        let operations = try await scene.installation.operations(of: zinnia.id)
        #expect(try await operations.list(kind: OwnCopies.kind, limit: 1).count == 1)
        await scene.close()
    }

    @Test func `a file over the limit is not made, and one at a time is`() async throws {
        let scene = try await Scene()
        var parts = scene.copies.parts
        parts.longest = 40_000
        let small = OwnCopies(parts)
        // Nobody works on this one yet.
        let left = try await small.order(in: scene.environment, by: InstallationTests.shell)
        await #expect { try await scene.copies.order(in: scene.environment, by: InstallationTests.shell) } throws: {
            ($0 as? Refusal)?.code == "own-copy-running"
        }
        try await scene.space.operations.cancel(left.id)
        let running = Task { await small.run() }
        let operation = try await small.order(in: scene.environment, by: InstallationTests.shell)
        for try await update in scene.space.operations.updates(of: operation.id) where update.state.isFinal {
            #expect(update.state == .failed && update.message.contains("larger than"), "\(update.message)")
        }
        #expect(try await scene.store.all(scene.folder).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: parts.scratch).isEmpty)
        #expect(try await scene.make().state == .succeeded)
        running.cancel()
        await scene.close()
    }

    @Test func `what a removed environment had goes with it`() async throws {
        let scene = try await Scene()
        try await scene.make()
        let id = scene.environment.id
        try await scene.installation.control.write { try $0.run("DELETE FROM environment WHERE id = \(id)") }
        try await scene.copies.forgetGone()
        #expect(try await scene.copies.list(of: id).isEmpty)
        #expect(try await scene.store.all(scene.folder).isEmpty)
        await scene.close()
    }

    @Test func `what is no longer there is made again`() async throws {
        let scene = try await Scene()
        scene.clock.advance(by: .days(8))
        try await scene.make()
        #expect(try await scene.copies.forgetLost() == 0)
        #expect(try await scene.copies.due().isEmpty)
        for object in try await scene.store.all(scene.folder) { try await scene.store.delete(object.key) }
        #expect(try await scene.copies.forgetLost() == 1)
        #expect(try await scene.copies.due().map(\.id) == [scene.environment.id])
        await scene.close()
    }

    @Test func `each week has one turn, in a slot of the environment's own`() async throws {
        let scene = try await Scene()
        #expect(try await scene.copies.due().isEmpty, "what was just made has nothing in it")
        let begun = scene.clock.now()
        var last: OwnCopy?
        var turns: [Instant] = []
        let schedule = OwnCopySchedule(scene.environment)
        for hour in 0..<(24 * 7 * 6) {
            let now = begun + .hours(hour)
            guard schedule.isDue(after: last, at: now) else { continue }
            turns.append(now)
            last = OwnCopy(
                id: OwnCopyID(at: now, entropy: SystemEntropy()), environment: scene.environment.id, at: now, sealing: .environment,
                took: .zero)
        }
        #expect((5...6).contains(turns.count))
        for (one, next) in zip(turns.dropFirst(), turns.dropFirst(2)) { #expect(next - one == .days(7)) }
        #expect(schedule.next(after: nil, at: begun) >= begun + .days(1))
        await scene.close()
    }

    @Test func `who leaves gets one more, can fetch it in the window, and it is destroyed at its end`() async throws {
        let scene = try await Scene()
        try await scene.make()
        scene.clock.advance(by: .seconds(60))
        let tenant = scene.environment.tenant
        _ = try await scene.installation.departures.begin(tenant, on: nil, reason: "", by: InstallationTests.shell)
        #expect(try await scene.copies.due().map(\.id) == [scene.environment.id])
        scene.clock.advance(by: .seconds(60))
        try await scene.make()
        #expect(try await scene.copies.due().isEmpty)
        #expect(try await !scene.fetch(scene.newest(), for: .passphrase(passphrase)).isEmpty)
        scene.clock.advance(by: .days(15))
        await scene.installation.departures.round()
        #expect(try await scene.installation.tenants.leaving(tenant)?.stage == .gone)
        #expect(try await scene.store.all("environment/").isEmpty)
        try await scene.copies.forgetGone()
        #expect(try await scene.copies.list(of: scene.environment.id).isEmpty)
        await scene.close()
    }
}
