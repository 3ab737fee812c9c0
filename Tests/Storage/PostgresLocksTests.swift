import Storage
import Synchronization
import TestSupport
import Testing

@testable import StoragePostgres

@Suite("Locks and news of nodes on one server")
struct PostgresLocksTests {
    let place: PostgresPlace
    let options: PostgresOptions

    init() throws {
        place = try PostgresPlace()
        options = place.cluster.options(prefix: place.prefix)
    }

    @Test func `a lock is one node's until it is given back`() throws {
        let (here, there) = (PostgresLocks(options), PostgresLocks(options))
        let mine = try #require(try here.take("leader"))
        #expect(try here.take("leader") == nil, "nor a second time on the same node, whose connection would get it")
        #expect(try there.take("leader") == nil)
        #expect(try there.take("other") != nil)
        #expect(mine.isHeld())
        mine.giveBack()
        #expect(!mine.isHeld())
        let theirs = try #require(try there.take("leader"))
        mine.giveBack()
        #expect(theirs.isHeld())
    }

    @Test func `installations on one server don't share locks`() throws {
        let mine = try PostgresLocks(options).take("leader")
        var other = options
        other.prefix = PostgresCluster.somePrefix()
        #expect(mine != nil)
        #expect(try PostgresLocks(other).take("leader") != nil)
    }

    @Test func `a lock is lost with its connection, and can be had again`() throws {
        let (here, there) = (PostgresLocks(options), PostgresLocks(options))
        let mine = try #require(try here.take("leader"))
        try place.cluster.administer(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_locks
            WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = \(here.number(of: "leader"))
            """)
        #expect(!mine.isHeld())
        let theirs = try #require(try there.take("leader"))
        #expect(try here.take("leader") == nil)
        theirs.giveBack()
        let again = try #require(try here.take("leader"))
        mine.giveBack()
        #expect(again.isHeld(), "what was lost takes nothing back")
    }

    @Test func `closing lets go of everything`() throws {
        let (here, there) = (PostgresLocks(options), PostgresLocks(options))
        let mine = try #require(try here.take("leader"))
        here.close()
        #expect(!mine.isHeld())
        // The server learns of it when it reads from the connection.
        var theirs: PostgresLocks.Lock?
        while theirs == nil { theirs = try there.take("leader") }
        #expect(theirs?.isHeld() == true)
    }

    @Test func `who can't be asked holds nothing`() throws {
        var nowhere = options
        nowhere.host = place.cluster.folder + "/nowhere"
        #expect(throws: StorageError.overloaded) { _ = try PostgresLocks(nowhere).take("leader") }
    }

    @Test(.timeLimit(.minutes(5))) func `news arrives with the commit, and once after each connecting`() async throws {
        let engine = try await place.start()
        let schema = Schema(name: "control", [Migration("news", ["CREATE TABLE news (id BIGINT PRIMARY KEY)"])])
        let key = PostgresCluster.password
        try await engine.create(.control, key: key, schema: schema) { _ in }
        let database = try await engine.open(.control, schema: schema) { key }
        let news = PostgresNews(options, in: .control)
        let (heard, continuation) = AsyncStream<Void>.makeStream()
        let listening = OwnThread {
            news.listen { continuation.yield() }
            continuation.finish()
        }
        var iterator = heard.makeAsyncIterator()
        await iterator.next()
        struct Change: Error {}
        await #expect(throws: Change.self) {
            try await database.write { transaction in
                try transaction.run("NOTIFY holdfast")
                throw Change()
            }
        }
        try await database.write { transaction in
            try transaction.run("INSERT INTO news (id) VALUES (1)")
            try transaction.run("NOTIFY holdfast")
        }
        await iterator.next()
        #expect(try await database.read { try $0.rows("SELECT id FROM news").count } == 1)
        try place.cluster.administer(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(place.prefix.text)_control' AND query LIKE 'LISTEN%'"
        )
        await iterator.next()
        news.stop()
        await listening.value
        await engine.shutdown()
    }
}
