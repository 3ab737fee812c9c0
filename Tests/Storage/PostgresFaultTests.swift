import Foundation
import Glibc
import Storage
import TestSupport
import Testing
import Vocabulary

@testable import StoragePostgres

/// What goes wrong between us and the server, and in the server.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PostgresFaultTests {
    private static let key = Secret((0..<32).map { UInt8($0) })

    private static func database(_ engine: PostgresEngine, _ name: DatabaseName = .control) async throws -> any Database {
        try await engine.create(name, key: key, schema: notes) { _ in }
        return try await engine.open(name, schema: notes) { key }
    }

    /// Over TCP with a password.
    private static func overTCP(
        _ place: PostgresPlace, host: String = "127.0.0.1", user: String = PostgresCluster.user,
        password: Secret? = PostgresCluster.password
    ) -> PostgresOptions {
        var options = PostgresOptions(host: host, port: place.cluster.port, user: user, prefix: place.prefix)
        options.connections = 8
        options.sharedTemplates = "shared"
        options.password = { password }
        return options
    }

    private static func refusal(_ options: PostgresOptions) async -> String {
        do {
            await (try await PostgresEngine.start(options)).shutdown()
            return "started"
        } catch StorageError.failed(let text) {
            return text
        } catch StorageError.unsafeEngine(let text) {
            return "unsafe: " + text
        } catch {
            return "\(error)"
        }
    }

    // MARK: Getting in

    @Test func `a wrong or missing password is refused, and the message says so`() async throws {
        let place = try PostgresPlace()
        #expect(await Self.refusal(Self.overTCP(place)) == "started")
        let wrong = await Self.refusal(Self.overTCP(place, password: Secret("wrong")))
        #expect(wrong.contains("28P01") && wrong.contains("password authentication failed"), "\(wrong)")
        let missing = await Self.refusal(Self.overTCP(place, password: nil))
        #expect(missing.contains("password"), "\(missing)")
        var unreadable = Self.overTCP(place)
        unreadable.password = { throw Stop() }
        #expect(await Self.refusal(unreadable).contains("can't be read"))
    }

    @Test func `a server with another authority's certificate or another name is refused`() async throws {
        let place = try PostgresPlace()
        var options = Self.overTCP(place, host: "localhost")
        options.tls = .verifyFull
        options.tlsAuthorities = place.cluster.folder + "/server.crt"
        #expect(await Self.refusal(options) == "started")
        options.host = "127.0.0.1"
        let otherName = await Self.refusal(options)
        #expect(otherName.contains("does not match host name"), "\(otherName)")
        options.host = "localhost"
        options.tlsAuthorities = nil
        let unknown = await Self.refusal(options)
        #expect(unknown.contains("certificate verify failed"), "\(unknown)")
        options.tlsAuthorities = "/nowhere/ca.pem"
        #expect(await Self.refusal(options).contains("/nowhere/ca.pem"))
    }

    @Test func `a server that does not answer, and a database that is not there, are named`() async throws {
        let place = try PostgresPlace()
        var options = Self.overTCP(place)
        options.reconnecting = .milliseconds(50)
        options.maintenanceDatabase = "absent"
        let absent = await Self.refusal(options)
        #expect(absent.contains("absent"), "\(absent)")
        options.port = 1
        let silent = await Self.refusal(options)
        #expect(silent.contains("refused"), "\(silent)")
    }

    @Test func `a superuser, and a role that may not make databases, are refused`() async throws {
        let place = try PostgresPlace()
        var options = place.cluster.options(prefix: place.prefix)
        options.user = "postgres"
        #expect(await Self.refusal(options).contains("superuser"))
        options.user = "idle"
        #expect(await Self.refusal(options).contains("CREATEDB"))
    }

    @Test func `a server that is too old is refused`() throws {
        #expect(throws: StorageError.unsafeEngine("PostgreSQL 15 or newer is needed; this server is 14.12.")) {
            try ServerVersion.check(140_012)
        }
        for number: Int32 in [150_000, 150_018, 170_002] { try ServerVersion.check(number) }
    }

    // MARK: Connections that break

    @Test(arguments: [CuttingProxy.Cut.before, .afterAnswer])
    func `a connection that is cut during COMMIT leaves it in doubt, whatever came of it`(cut: CuttingProxy.Cut) async throws {
        let place = try PostgresPlace()
        let proxy = try CuttingProxy(to: place.cluster.port)
        defer { proxy.stop() }
        var options = Self.overTCP(place)
        options.port = proxy.port
        options.tls = .disable
        let engine = try await PostgresEngine.start(options)
        let database = try await Self.database(engine)
        // The first write of a connection brings the text of this statement along, in one packet with COMMIT.
        proxy.arm("UPDATE commit_position", cut)
        await #expect(throws: StorageError.inDoubt) {
            try await database.write { try $0.run("INSERT INTO note (body) VALUES ('doubtful')") }
        }
        #expect(proxy.count == 1)
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('after')") }
        #expect(try await database.read { try $0.bodies() } == (cut == .before ? ["after"] : ["doubtful", "after"]))
        await engine.shutdown()
    }

    @Test func `a connection that is cut before COMMIT is replaced, and everything happens once`() async throws {
        let place = try PostgresPlace()
        let proxy = try CuttingProxy(to: place.cluster.port)
        defer { proxy.stop() }
        var options = Self.overTCP(place)
        options.port = proxy.port
        options.tls = .disable
        let engine = try await PostgresEngine.start(options)
        let database = try await Self.database(engine)
        for cut in [CuttingProxy.Cut.before, .afterAnswer] {
            proxy.arm("INSERT INTO note", cut)
            let runs = Counter()
            try await database.write {
                runs.increment()
                try $0.run("INSERT INTO note (body) VALUES (\("\(cut)"))")
            }
            #expect(runs.value == 2)
            proxy.arm("SELECT body FROM note ORDER BY id", cut)
            _ = try await database.read { try $0.bodies() }
        }
        #expect(try await database.read { try $0.bodies() } == ["before", "afterAnswer"])
        await engine.shutdown()
    }

    @Test func `a read without a transaction is repeated where its connection is cut`() async throws {
        let place = try PostgresPlace()
        let proxy = try CuttingProxy(to: place.cluster.port)
        defer { proxy.stop() }
        var options = Self.overTCP(place)
        options.port = proxy.port
        options.tls = .disable
        let engine = try await PostgresEngine.start(options)
        let database = try await Self.database(engine)
        try await database.write { try $0.run("INSERT INTO note (body, stars) VALUES ('needle', 3), ('hay', 0)") }
        @Sendable func stars(_ word: String) async throws -> Int? {
            try await database.read { try $0.value("SELECT stars FROM note WHERE body = \(word)", as: Int.self) }
        }
        for (number, cut) in [CuttingProxy.Cut.before, .afterAnswer].enumerated() {
            for _ in 0..<4 { #expect(try await stars("hay") == 0) }
            proxy.arm("needle", cut)
            #expect(try await stars("needle") == 3)
            #expect(proxy.count == number + 1)
        }
        await engine.shutdown()
    }

    @Test func `reads that wait on no thread count as much as those that do`() async throws {
        let place = try PostgresPlace()
        let engine = try await place.start { $0.connections = 8 }
        let database = try await Self.database(engine)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for turn in 0..<400 {
                if turn >= 40 { try await group.next() }
                group.addTask {
                    if turn % 10 == 0 {
                        let seconds = 0.02
                        _ = try await database.read { try $0.row("SELECT pg_sleep(CAST(\(seconds) AS double precision))") }
                    } else {
                        #expect(try await database.read { try $0.count() } == 0)
                    }
                    #expect(engine.openConnections <= 6)
                }
            }
            try await group.waitForAll()
        }
        await engine.shutdown()
    }

    @Test func `after the server's restart everything goes on by itself`() async throws {
        let cluster = try PostgresCluster("fsync=on")
        defer { cluster.stop() }
        let place = try PostgresPlace(cluster)
        let engine = try await place.start { $0.reconnecting = .seconds(10) }
        let database = try await Self.database(engine)
        let running = Counter()
        let written = try await withThrowingTaskGroup(of: [String].self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var acknowledged: [String] = []
                    for number in 0..<60 {
                        let body = "\(writer).\(number)"
                        do {
                            try await database.write { try $0.run("INSERT INTO note (body) VALUES (\(body))") }
                            acknowledged.append(body)
                        } catch StorageError.inDoubt {
                        }
                        running.increment()
                    }
                    return acknowledged
                }
            }
            while running.value < 40 { try await Task.sleep(for: .milliseconds(1)) }
            try cluster.restart()
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let found = try await database.read { try $0.bodies() }
        #expect(Set(found).count == found.count)
        #expect(Set(written).subtracting(found) == [])
        #expect(written.count > 150)
        await engine.shutdown()
    }

    @Test func `a server that takes no writes says so, and takes them again by itself`() async throws {
        let cluster = try PostgresCluster()
        defer { cluster.stop() }
        let place = try PostgresPlace(cluster)
        let engine = try await place.start()
        let database = try await Self.database(engine)
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('before')") }
        try cluster.administer("ALTER SYSTEM SET default_transaction_read_only = on")
        try cluster.administer("SELECT pg_reload_conf()")
        try await Self.until {
            do {
                try await database.write { try $0.run("INSERT INTO note (body) VALUES (\("\(SystemEntropy().words().0)"))") }
                return false
            } catch {
                return error as? StorageError == .readOnly
            }
        }
        #expect(try await database.read { try $0.count() } >= 1)
        try cluster.administer("ALTER SYSTEM RESET default_transaction_read_only")
        try cluster.administer("SELECT pg_reload_conf()")
        try await Self.until {
            do {
                try await database.write { try $0.run("INSERT INTO note (body) VALUES (\("\(SystemEntropy().words().0)"))") }
                return true
            } catch {
                return false
            }
        }
        await engine.shutdown()
    }

    private static func until(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<400 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it did not come about")
    }

    @Test(.enabled(if: geteuid() == 0, "a small disk is mounted, which needs root"))
    func `a full disk refuses the write and keeps what it had`() async throws {
        let cluster = try PostgresCluster("autovacuum=off")
        defer { cluster.stop() }
        let disk = cluster.folder + "/disk"
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
        // A tablespace belongs to the server's user.
        let owner = try #require(try FileManager.default.attributesOfItem(atPath: cluster.folder)[.ownerAccountID] as? NSNumber)
        let mount = try ChildProcess("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=2m,mode=700,uid=\(owner)", "tmpfs", disk])
        _ = mount.readToEnd()
        #expect(mount.wait() == .exited(0))
        defer { umount2(disk, Int32(MNT_DETACH)) }
        try cluster.administer("CREATE TABLESPACE small LOCATION '\(disk)'")
        try cluster.administer("GRANT CREATE ON TABLESPACE small TO holdfast")
        try cluster.administer("ALTER ROLE holdfast SET default_tablespace = small")
        let place = try PostgresPlace(cluster)
        let engine = try await place.start()
        let database = try await Self.database(engine)
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('first')") }
        await #expect(throws: StorageError.full) {
            try await database.write { transaction in
                for number in 0..<100_000 {
                    let body = (0..<40).map { _ in String(SystemEntropy().words().0, radix: 36) }.joined()
                    try transaction.run("INSERT INTO note (body) VALUES (\("\(number) \(body)"))")
                }
            }
        }
        #expect(try await database.read { try $0.bodies() } == ["first"])
        await engine.shutdown()
    }

    // MARK: Many databases

    @Test func `a hundred databases share twenty connections, and a handle never gives another's row`() async throws {
        let place = try PostgresPlace()
        let engine = try await place.start { $0.connections = 20 }
        let count = 100
        let databases = try await withThrowingTaskGroup(of: (Int, any Database).self) { group in
            for number in 0..<count {
                group.addTask {
                    let name = someEnvironment()
                    // The same id and the same shape everywhere; only the text tells them apart.
                    try await engine.create(name, key: Self.key, schema: notes) {
                        try $0.run("INSERT INTO note (id, body, stars) VALUES (1, \("tenant \(number)"), 0)")
                    }
                    return (number, try await engine.open(name, schema: notes) { Self.key })
                }
            }
            return try await group.reduce(into: [Int: any Database]()) { $0[$1.0] = $1.1 }
        }
        var seed = SystemRandomNumberGenerator()
        let order = (0..<1500).map { _ in Int.random(in: 0..<count, using: &seed) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (turn, number) in order.enumerated() {
                if turn >= 32 { try await group.next() }
                guard let database = databases[number] else { continue }
                group.addTask {
                    if turn % 5 == 0 { try await database.write { try $0.run("UPDATE note SET stars = stars + 1 WHERE id = 1") } }
                    if turn % 7 == 0 { _ = try? await database.write { _ in throw Stop() } }
                    let body = try await database.read { try $0.value("SELECT body FROM note WHERE id = 1", as: String.self) }
                    #expect(body == "tenant \(number)")
                    #expect(engine.openConnections <= 18)
                }
            }
            try await group.waitForAll()
        }
        let used = try place.cluster.administer("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE '\(place.prefix.text)%'")
        #expect(Int(used.trimmed) ?? 99 <= 18)
        var stars = 0
        for database in databases.values { stars += try await database.read { try $0.value("SELECT stars FROM note", as: Int.self) ?? 0 } }
        #expect(stars == order.indices.count { $0 % 5 == 0 })
        await engine.shutdown()
    }

    // MARK: Several nodes

    @Test func `two nodes that write to one database take turns, and each sees what the other did`() async throws {
        let place = try PostgresPlace()
        let nodes = [try await place.start(), try await place.start()]
        let first = try await Self.database(nodes[0])
        let second = try await nodes[1].open(.control, schema: notes) { Self.key }
        try await first.write { try $0.run("INSERT INTO note (id, body, stars) VALUES (1, 'shared', 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for turn in 0..<200 {
                group.addTask {
                    // Read, then write what was read: right only where nobody comes between.
                    try await (turn % 2 == 0 ? first : second).write { transaction in
                        let stars = try transaction.value("SELECT stars FROM note WHERE id = 1", as: Int.self) ?? 0
                        try transaction.run("UPDATE note SET stars = \(stars + 1) WHERE id = 1")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await second.read { try $0.value("SELECT stars FROM note", as: Int.self) } == 200)
        #expect(try await first.position() == second.position())
        try await nodes[0].destroy(.control)
        await #expect(throws: StorageError.missing) { try await second.read { try $0.count() } }
        for node in nodes { await node.shutdown() }
    }

    @Test func `nodes that open at once with a newer schema migrate once`() async throws {
        let place = try PostgresPlace()
        let nodes = [try await place.start(), try await place.start(), try await place.start()]
        _ = try await Self.database(nodes[0])
        let grown = Schema(name: "notes", [firstNote, Migration("note_0002", ["ALTER TABLE note ADD COLUMN colour TEXT"])])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { _ = try await node.open(.control, schema: grown) { Self.key } } }
            try await group.waitForAll()
        }
        for node in nodes { await node.shutdown() }
    }

    @Test func `what an interrupted creation left is swept away, but not what another node is making`() async throws {
        let place = try PostgresPlace()
        let leftover = "\(place.prefix.text)_new_left"
        try place.cluster.administer("CREATE DATABASE \(leftover) OWNER holdfast")
        let hasBegun = Counter()
        let isOver = Counter()
        let busy = try await place.start()
        #expect(try place.cluster.administer("SELECT 1 FROM pg_database WHERE datname = '\(leftover)'").isEmpty)
        async let making: Void = busy.create(.control, key: Self.key, schema: notes) { _ in
            hasBegun.increment()
            while isOver.value == 0 { rest() }
        }
        while hasBegun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let other = try await place.start()
        isOver.increment()
        try await making
        #expect(try await other.exists(.control))
        await busy.shutdown()
        await other.shutdown()
    }

    @Test func `a numeric is whole or real as it is, and text sorts by its bytes`() async throws {
        let place = try PostgresPlace()
        let engine = try await place.start()
        let database = try await Self.database(engine)
        let texts = [
            "0", "7", "-7", "10000", "123456789012345678", "9223372036854775807", "-9223372036854775808", "0.5", "-0.25", "0.00001",
            "12345.678",
            "1e30", "100000000000000000000", "0.1",
        ]
        for text in texts {
            let value = try await database.read { try $0.value("SELECT CAST(CAST(\(text) AS text) AS numeric)", as: Value.self) }
            let expected: Value = Int64(text).map { .integer($0) } ?? .real(Double(text) ?? .nan)
            #expect(value == expected, "\(text)")
        }
        let words = ["b", "B", "a", "ä", "A", "_", "é", "z", "😀"]
        try await database.write { for word in words { try $0.run("INSERT INTO note (body) VALUES (\(word))") } }
        let sorted = try await database.read { try $0.rows("SELECT body FROM note ORDER BY body").map { try $0.get(0, as: String.self) } }
        #expect(sorted == words.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        await engine.shutdown()
    }
}
