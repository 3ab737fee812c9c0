import Storage
import TestSupport
import Testing
import Vocabulary

@testable import Cluster

@Suite("What nodes remember")
struct CoherenceTests {
    let engine: TestEngine
    let database: any Database
    let here: Gatekeeper
    let there: Gatekeeper
    let robin = account()

    init() async throws {
        engine = try await TestEngine()
        database = try await engine.database(.control, schema: Gatekeeper.schema)
        (here, there) = (Gatekeeper(database), Gatekeeper(database))
        for node in [here, there] { try await node.coherence.catchUp() }
        try await here.admit(robin)
        try await there.coherence.catchUp()
        #expect(await here.admits(robin) == true)
        #expect(await there.admits(robin) == true)
    }

    @Test func `what is taken away is forgotten here when the change returns`() async throws {
        try await here.expel(robin)
        #expect(await here.admits(robin) == false)
    }

    @Test func `the other node forgets it when it looks`() async throws {
        try await here.expel(robin)
        try await there.coherence.catchUp()
        #expect(await there.admits(robin) == false)
    }

    @Test func `nothing else is forgotten`() async throws {
        let kim = account()
        try await here.admit(kim)
        try await there.coherence.catchUp()
        #expect(await there.admits(kim) == true)
        try await here.expel(robin)
        try await there.coherence.catchUp()
        #expect(there.known[kim] == true)
        #expect(there.known[robin] == nil)
    }

    @Test func `a node that is told nothing and doesn't look believes nothing after a second`() async throws {
        try await here.expel(robin)
        there.clock.advance(by: .milliseconds(999))
        #expect(await there.admits(robin) == true)
        there.clock.advance(by: .milliseconds(1))
        #expect(await there.admits(robin) == false)
    }

    @Test func `a node that can't reach the database admits nobody after a second`() async throws {
        there.wire.isCut.withLock { $0 = true }
        await #expect(throws: Wire.Cut.self) { try await there.coherence.catchUp() }
        there.clock.advance(by: .seconds(1))
        #expect(await there.admits(robin) == nil)
        there.wire.isCut.withLock { $0 = false }
        try await there.coherence.catchUp()
        #expect(await there.admits(robin) == true)
    }

    @Test func `a look that takes long renews no longer than from its beginning`() async throws {
        let lease = CacheLease(clock: there.clock)
        #expect(!lease.isValid)
        let began = lease.begin()
        there.clock.advance(by: .milliseconds(900))
        lease.renew(fromLookBegunAt: began)
        #expect(lease.isValid)
        there.clock.advance(by: .milliseconds(100))
        #expect(!lease.isValid)
    }

    @Test func `a look that began before a change says nothing about it`() async throws {
        let lease = CacheLease.alone(clock: there.clock)
        let began = lease.begin()
        there.clock.advance(by: .microseconds(1))
        lease.doubt()
        lease.renew(fromLookBegunAt: began)
        #expect(!lease.isValid)
        lease.renew(fromLookBegunAt: lease.begin())
        #expect(lease.isValid)
    }

    @Test func `an older look that ends late takes nothing back`() async throws {
        let lease = CacheLease(clock: there.clock)
        let early = lease.begin()
        there.clock.advance(by: .milliseconds(500))
        lease.renew(fromLookBegunAt: lease.begin())
        lease.renew(fromLookBegunAt: early)
        there.clock.advance(by: .milliseconds(700))
        #expect(lease.isValid)
    }

    @Test func `a change whose own look fails leaves nothing to believe`() async throws {
        // Committed, and then the wire is cut before this node has looked.
        here.clock.advance(by: .microseconds(1))
        here.coherence.lease.doubt()
        #expect(await here.admits(robin) == true, "from the database")
        here.wire.isCut.withLock { $0 = true }
        #expect(await here.admits(robin) == nil)
    }

    @Test func `what was rolled back invalidates nothing`() async throws {
        struct Change: Error {}
        await #expect(throws: Change.self) {
            try await here.coherence.write { [coherence = here.coherence, robin] transaction in
                try coherence.note(.account(robin), in: transaction)
                throw Change()
            }
        }
        #expect(here.coherence.lease.isValid)
        try await there.coherence.catchUp()
        #expect(there.known[robin] == true)
    }

    @Test func `a value read before a change and kept after it is dropped`() async throws {
        let generation = there.known.generation
        let answer = try await there.wire.read { [robin] in try $0.row("SELECT 1 FROM pass WHERE account = \(robin)") != nil }
        try await here.expel(robin)
        try await there.coherence.catchUp()
        there.known.insert(answer, for: robin, readAt: generation)
        #expect(await there.admits(robin) == false)
    }

    @Test func `whoever missed more than is kept forgets everything`() async throws {
        let kim = account()
        try await here.admit(kim)
        #expect(await there.admits(kim) == true)
        for _ in 0..<Int(Invalidations.kept / 100) {
            try await database.write { transaction in
                for _ in 0..<100 {
                    try Invalidations.note(.session(SessionID(at: SystemClock().now(), entropy: SystemEntropy())), in: transaction)
                }
            }
        }
        try await here.expel(robin)
        try await there.coherence.catchUp()
        #expect(there.known.count == 0)
        let kept = try await database.read { try $0.value("SELECT count(*) FROM invalidation", as: Int64.self) }
        #expect(kept == Invalidations.kept)
    }

    @Test func `a number that went back is another history`() async throws {
        try await database.write { transaction in
            try transaction.run("DELETE FROM invalidation")
            try transaction.run("UPDATE epoch SET number = 0")
        }
        try await there.coherence.catchUp()
        #expect(there.known.count == 0)
        try await here.admit(account())
        try await there.coherence.catchUp()
        #expect(there.coherence.lease.isValid)
    }

    @Test func `changes of many nodes at once are all seen`() async throws {
        let people = (0..<40).map { _ in account() }
        for person in people { try await here.admit(person) }
        try await there.coherence.catchUp()
        for person in people { #expect(await there.admits(person) == true) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, person) in people.enumerated() {
                group.addTask { try await (number % 2 == 0 ? here : there).expel(person) }
                group.addTask { try await there.coherence.catchUp() }
            }
            try await group.waitForAll()
        }
        try await there.coherence.catchUp()
        for person in people { #expect(await there.admits(person) == false) }
    }

    @Test(arguments: [
        Invalidation.session(SessionID(at: SystemClock().now(), entropy: SystemEntropy())), .account(account()), .rights,
        .environment(EnvironmentID(at: SystemClock().now(), entropy: SystemEntropy())), .signingKeys, .key("control"), .masterKey,
        .everything,
    ])
    func `an invalidation is read as it was written`(_ invalidation: Invalidation) {
        #expect(Invalidation(invalidation.description) == invalidation)
    }

    @Test(arguments: ["", "planet/mars", "account/robin", "session", "environment/"])
    func `a word of a newer release concerns everything`(_ text: String) {
        #expect(Invalidation(text) == .everything)
    }
}
