import Dispatch
import Sealing
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Cluster

@Suite("A keyring that nodes share")
struct KeyShelfTests {
    /// One node's keyring over the shared database.
    struct Node {
        let clock = HandClock()
        let wire: Wire
        let shelf: DatabaseKeyShelf
        let keyring: Keyring

        init(_ database: any Database, turns: any Turns, master: MasterKey?) async throws {
            wire = Wire(database)
            shelf = try await DatabaseKeyShelf(wire, place: "the test's keyring", lease: CacheLease(clock: clock), turns: turns)
            keyring = Keyring(shelf: shelf, clock: SystemClock(), entropy: SystemEntropy(), batch: 2)
            shelf.listen { [keyring] invalidation in
                switch invalidation {
                case .key(let owner): keyring.forget(KeyOwner(owner))
                case .everything: keyring.forget(nil)
                default: break
                }
            }
            if let master { try await unseal(master) }
        }

        func unseal(_ master: MasterKey) async throws { try await apart { try $0.unseal(with: master) } }

        /// Off the cooperative pool, as the contract of shelves asks.
        func apart<T: Sendable>(_ body: @escaping @Sendable (Keyring) throws -> T) async throws -> T {
            try await keyring.apart(body)
        }
    }

    static func master(_ version: Int = 1) throws -> MasterKey {
        try #require(MasterKey(Secret(SystemEntropy().bytes(32)), version: version))
    }
    static func owner() -> KeyOwner { .environment(EnvironmentID(at: SystemClock().now(), entropy: SystemEntropy())) }

    let engine: TestEngine
    let database: any Database
    let turns = LocalTurns()

    init() async throws {
        engine = try await TestEngine()
        database = try await engine.database(.keyring, schema: DatabaseKeyShelf.schema)
    }

    @Test func `a key made on one node opens on the other`() async throws {
        let master = try Self.master()
        let (here, there) = (try await Node(database, turns: turns, master: master), try await Node(database, turns: turns, master: master))
        let owner = Self.owner()
        try await here.apart { try $0.create(for: owner) }
        try await there.shelf.catchUp()
        #expect(try there.keyring.key(for: owner) == here.keyring.key(for: owner))
    }

    @Test func `who is asked for what another node has just made looks again, however sure it is`() async throws {
        let master = try Self.master()
        let (here, there) = (try await Node(database, turns: turns, master: master), try await Node(database, turns: turns, master: master))
        let owner = Self.owner()
        try await here.apart { try $0.create(for: owner) }
        await there.keyring.refresh()
        #expect(throws: SealingFault.keyMissing(owner: "\(owner)")) { try there.keyring.key(for: owner) }
        await there.keyring.refresh(for: owner)
        #expect(try there.keyring.key(for: owner) == here.keyring.key(for: owner))
    }

    @Test func `while keys are made, those that are there are given`() async throws {
        let (owner, master) = (Self.owner(), try Self.master())
        // By a clock that goes on: a moment of doubt would be seen.
        let shelf = try await DatabaseKeyShelf(database, place: "the test's keyring", lease: .alone(), turns: turns)
        let keyring = Keyring(shelf: shelf, clock: SystemClock(), entropy: SystemEntropy(), batch: 2)
        try await keyring.apart { try $0.unseal(with: master) }
        try await keyring.apart { try $0.create(for: owner) }
        let isOver = Atomic(false)
        async let asking = keyring.apart { keyring in
            var asked = 0
            while !isOver.load(ordering: .relaxed) {
                _ = try keyring.key(for: owner)
                asked += 1
            }
            return asked
        }
        for _ in 0..<30 { try await keyring.apart { try $0.create(for: Self.owner()) } }
        isOver.store(true, ordering: .relaxed)
        #expect(try await asking > 0)
    }

    @Test func `a destroyed key is gone on both when they look, and after a second in any case`() async throws {
        let master = try Self.master()
        let (here, there) = (try await Node(database, turns: turns, master: master), try await Node(database, turns: turns, master: master))
        let owner = Self.owner()
        try await here.apart { try $0.create(for: owner) }
        try await there.shelf.catchUp()
        _ = try there.keyring.key(for: owner)
        try await here.apart { try $0.destroy(for: owner) }
        #expect(throws: SealingFault.keyMissing(owner: "\(owner)")) { try here.keyring.key(for: owner) }
        there.clock.advance(by: .seconds(1))
        #expect(throws: Keyring.away) { try there.keyring.key(for: owner) }
        try await there.shelf.catchUp()
        #expect(throws: SealingFault.keyMissing(owner: "\(owner)")) { try there.keyring.key(for: owner) }
    }

    @Test func `a node with another master key does not start`() async throws {
        _ = try await Node(database, turns: turns, master: Self.master())
        let stranger = try await Node(database, turns: turns, master: nil)
        let wrong = try Self.master()
        var isRefused = false
        do { try await stranger.unseal(wrong) } catch SealingFault.wrongMasterKey { isRefused = true }
        #expect(isRefused)
        #expect(stranger.keyring.isSealed)
    }

    @Test func `of two first starts with different master keys one wins`() async throws {
        let (here, there) = (try await Node(database, turns: turns, master: nil), try await Node(database, turns: turns, master: nil))
        let (one, two) = (try Self.master(), try Self.master())
        try await here.unseal(one)
        // It has not looked since: what it believes to be empty is not.
        await #expect(throws: SealingFault.keyringInUse(path: "the test's keyring")) { try await there.unseal(two) }
        #expect(there.keyring.isSealed)
    }

    @Test func `a rotation on one node is followed by another that was given the new key`() async throws {
        let (old, new) = (try Self.master(), try Self.master(2))
        let (here, there) = (try await Node(database, turns: turns, master: old), try await Node(database, turns: turns, master: old))
        let owners = (0..<5).map { _ in Self.owner() }
        for owner in owners { try await here.apart { try $0.create(for: owner) } }
        let keys = try owners.map { try here.keyring.key(for: $0) }
        try await here.keyring.rotateMaster(to: new)
        try await there.shelf.catchUp()
        try await there.apart { try $0.follow(with: [new]) }
        #expect(there.keyring.masterVersion == 2)
        #expect(try owners.map { try there.keyring.key(for: $0) } == keys)
        let late = Self.owner()
        try await there.apart { try $0.create(for: late) }
        try await here.shelf.catchUp()
        #expect(try here.keyring.key(for: late) == there.keyring.key(for: late))
    }

    @Test func `a node that lacks the new key seals itself, and opens when it gets it`() async throws {
        let (old, new) = (try Self.master(), try Self.master(2))
        let (here, there) = (try await Node(database, turns: turns, master: old), try await Node(database, turns: turns, master: old))
        let owner = Self.owner()
        try await here.apart { try $0.create(for: owner) }
        try await here.keyring.rotateMaster(to: new)
        try await there.shelf.catchUp()
        await #expect(throws: SealingFault.self) { try await there.apart { try $0.follow(with: []) } }
        #expect(there.keyring.isSealed)
        try await there.apart { try $0.follow(with: [new]) }
        #expect(try there.keyring.key(for: owner) == here.keyring.key(for: owner))
    }

    @Test func `a key made in the middle of another node's rotation has the locks it needs, or is not made`() async throws {
        let (old, new) = (try Self.master(), try Self.master(2))
        let (here, there) = (try await Node(database, turns: turns, master: old), try await Node(database, turns: turns, master: old))
        let (first, unaware, unable, able) = (Self.owner(), Self.owner(), Self.owner(), Self.owner())
        try await here.apart { try $0.create(for: first) }
        let outcomes = Mutex<[String]>([])
        let made: @Sendable (KeyOwner) -> Void = { owner in
            do {
                try there.keyring.create(for: owner)
                outcomes.withLock { $0.append("made") }
            } catch let refusal as Refusal { outcomes.withLock { $0.append(refusal.code) } } catch {
                outcomes.withLock { $0.append("\(error)") }
            }
        }
        try await here.keyring.rotateMaster(to: new) { step in
            guard case .addLock = step, outcomes.withLock({ $0.isEmpty }) else { return }
            made(unaware)
            try there.look()
            try there.keyring.follow(with: [])
            made(unable)
            try there.keyring.follow(with: [new])
            made(able)
        }
        #expect(outcomes.withLock { $0 } == ["keyring-changing", "keyring-changing", "made"])
        try await there.shelf.catchUp()
        try await there.apart { try $0.follow(with: [new]) }
        try await here.shelf.catchUp()
        for node in [here, there] {
            #expect(Set(try node.keyring.owners()) == [first, able])
            for owner in [first, able] { _ = try node.keyring.key(for: owner) }
        }
        #expect(there.keyring.masterVersion == 2)
    }

    @Test func `two rotations at once: one is refused`() async throws {
        let master = try Self.master()
        let here = try await Node(database, turns: turns, master: master)
        try await here.apart { try $0.create(for: .control) }
        let turn = try #require(turns.take("keyring"))
        let new = try Self.master(2)
        await #expect(throws: SealingFault.keyringInUse(path: "the test's keyring")) { try await here.keyring.rotateMaster(to: new) }
        turn.giveBack()
        try await here.keyring.rotateMaster(to: new)
        #expect(here.keyring.masterVersion == 2)
    }

    @Test func `an interrupted rotation is finished by the next start with the new key`() async throws {
        struct Crash: Error {}
        let (old, new) = (try Self.master(), try Self.master(2))
        let owner = Self.owner()
        do {
            let here = try await Node(database, turns: turns, master: old)
            try await here.apart { try $0.create(for: owner) }
            await #expect(throws: Crash.self) { try await here.keyring.rotateMaster(to: new) { if $0 == .switchOver { throw Crash() } } }
        }
        let next = try await Node(database, turns: turns, master: new)
        #expect(next.keyring.masterVersion == 2)
        _ = try next.keyring.key(for: owner)
        let another = try await Node(database, turns: turns, master: nil)
        await #expect(throws: SealingFault.self) { try await another.unseal(old) }
    }
}

extension KeyShelfTests.Node {
    /// From a thread that may wait.
    func look() throws {
        let done = DispatchSemaphore(value: 0)
        let fault = Mutex<(any Error)?>(nil)
        Task {
            do { try await shelf.catchUp() } catch { fault.withLock { $0 = error } }
            done.signal()
        }
        done.wait()
        if let error = fault.withLock({ $0 }) { throw error }
    }
}
