import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Sealing

struct RotationTests {
    private let ring: Ring
    private let owners: [KeyOwner]
    private let keys: [KeyOwner: Secret]
    private let old: MasterKey
    private let new: MasterKey

    init() throws {
        ring = try Ring(seed: 11)
        (old, new) = (try master(1), try master(2))
        let keyring = try ring.unsealed(old)
        var keys: [KeyOwner: Secret] = [:]
        owners = [.control] + (0..<4).map { [ring] _ in ring.environment() }
        for owner in owners {
            try keyring.create(for: owner)
            keys[owner] = try keyring.key(for: owner)
        }
        self.keys = keys
    }

    private func expectAll(_ keyring: Keyring, _ comment: Comment) {
        for owner in owners {
            #expect(throws: Never.self, comment) {
                let key = try keyring.key(for: owner)
                #expect(key == keys[owner], comment)
            }
        }
    }

    @Test func `after a rotation the new master key opens everything and the old one nothing`() async throws {
        let keyring = try ring.unsealed(old)
        try await keyring.rotateMaster(to: new)
        #expect(keyring.masterVersion == 2)
        expectAll(keyring, "same process")
        expectAll(try ring.unsealed(new), "next process")
        #expect(throws: SealingFault.wrongMasterKey(wanted: new.label, offered: old.label)) { try ring.unsealed(old) }
        for (name, bytes) in try ring.files() where name.hasSuffix(".key") { #expect(WrappedKey(bytes)?.wraps.count == 1) }
        try await keyring.rotateMaster(to: new)
    }

    private struct Crash: Error {}

    /// Steps of one rotation of five keys: announce, five second locks, the switch, five first locks, the end.
    private static let steps = 13

    @Test(arguments: 0..<steps) func `interrupted anywhere, it opens again and can be finished`(step: Int) async throws {
        let keyring = try ring.unsealed(old)
        let taken = Mutex(0)
        await #expect(throws: Crash.self) {
            try await keyring.rotateMaster(to: new) { _ in
                try taken.withLock { count in
                    if count == step { throw Crash() }
                    count += 1
                }
            }
        }
        // This process goes on.
        expectAll(keyring, "same process")
        keyring.seal()
        // Up to the switch the old master key opens all, and leaves the rotation as it is.
        if step <= 6 {
            let again = try ring.unsealed(old)
            expectAll(again, "old key")
            let late = ring.environment()
            try again.create(for: late)
            let key = try again.key(for: late)
            again.seal()
            if step > 0 { #expect(try ring.unsealed(new).key(for: late) == key) }
        } else {
            #expect(throws: SealingFault.self) { try ring.unsealed(old) }
        }
        // Once announced, the new one does too, and finishes it.
        if step == 0 {
            #expect(throws: SealingFault.self) { try ring.unsealed(new) }
            try await ring.unsealed(old).rotateMaster(to: new)
        }
        let finished = try ring.unsealed(new)
        expectAll(finished, "new key")
        #expect(finished.masterVersion == 2)
        #expect(try ring.keyring().manifest() == .settled(.init(new)))
        finished.seal()
        expectAll(try ring.unsealed(new), "settled")
        #expect(throws: SealingFault.self) { try ring.unsealed(old) }
    }

    @Test(arguments: [2, 6]) func `an interrupted rotation is resumed by asking again, or left for another key`(step: Int) async throws {
        let taken = Mutex(0)
        let keyring = try ring.unsealed(old)
        await #expect(throws: Crash.self) {
            try await keyring.rotateMaster(to: new) { _ in
                try taken.withLock { count in
                    if count == step { throw Crash() }
                    count += 1
                }
            }
        }
        let third = try master(3)
        try await keyring.rotateMaster(to: step == 2 ? new : third)
        keyring.seal()
        expectAll(try ring.unsealed(step == 2 ? new : third), "resumed")
        #expect(throws: SealingFault.self) { try ring.unsealed(old) }
    }

    @Test(arguments: [3, 9]) func `it is not resumed under another process's feet`(step: Int) async throws {
        let taken = Mutex(0)
        let keyring = try ring.unsealed(old)
        await #expect(throws: Crash.self) {
            try await keyring.rotateMaster(to: new) { _ in
                try taken.withLock { count in
                    if count == step { throw Crash() }
                    count += 1
                }
            }
        }
        let other = ring.keyring()
        #expect(throws: SealingFault.keyringInUse(path: ring.directory)) { try other.unseal(with: new) }
        #expect(other.isSealed)
        expectAll(keyring, "the first process")
        keyring.seal()
        try other.unseal(with: new)
        expectAll(other, "the second")
    }

    @Test func `the count of steps is right, and the last is the end`() async throws {
        let steps = Mutex<[Keyring.RotationStep]>([])
        try await ring.unsealed(old).rotateMaster(to: new) { step in steps.withLock { $0.append(step) } }
        let taken = steps.withLock { $0 }
        #expect(taken.count == Self.steps)
        #expect(taken.first == .announce && taken.last == .settle)
    }

    @Test func `a key that is not newer is refused`() async throws {
        let keyring = try ring.unsealed(old)
        let other = try master(1, seed: 70)
        await #expect(throws: SealingFault.masterKeyNotNewer(current: 1, offered: 1)) { try await keyring.rotateMaster(to: other) }
        try await keyring.rotateMaster(to: new)
        await #expect(throws: SealingFault.masterKeyNotNewer(current: 2, offered: 1)) { try await keyring.rotateMaster(to: old) }
        await #expect(throws: Refusal.self) { try await ring.keyring().rotateMaster(to: new) }
    }

    @Test func `it is refused while another process holds the keyring, and that one keeps working`() async throws {
        let (mine, other) = (try ring.unsealed(old), try ring.unsealed(old, cached: 1))
        await #expect(throws: SealingFault.keyringInUse(path: ring.directory)) { try await mine.rotateMaster(to: new) }
        expectAll(other, "the other")
        expectAll(mine, "mine")
        other.seal()
        try await mine.rotateMaster(to: new)
    }

    @Test func `a damaged key stops it before the switch, and the rest stays usable`() async throws {
        var bytes = try #require(try ring.files()["control.key"])
        bytes[40] ^= 1
        try ring.write(bytes, "control.key")
        let keyring = try ring.unsealed(old)
        await #expect(throws: SealingFault.keyDamaged(owner: "control")) { try await keyring.rotateMaster(to: new) }
        for owner in owners.dropFirst() { #expect(try keyring.key(for: owner) == keys[owner]) }
        keyring.seal()
        #expect(try ring.unsealed(old).masterVersion == 1)
    }

    @Test(.timeLimit(.minutes(5))) func `readers and makers of keys go on while it runs, three times over`() async throws {
        let keyring = try ring.unsealed(old, cached: 2, batch: 16)
        let more = (0..<60).map { _ in ring.environment() }
        for owner in more { try keyring.create(for: owner) }
        let expected = try Dictionary(uniqueKeysWithValues: more.map { ($0, try keyring.key(for: $0)) })
        let tally = Tally()
        let (entropy, clock) = (ring.entropy, ring.clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    repeat {
                        for owner in more.shuffled().prefix(20) {
                            #expect(try keyring.key(for: owner) == expected[owner])
                            tally.state.withLock { $0.reads += 1 }
                        }
                        let owner = KeyOwner.environment(EnvironmentID(at: clock.now(), entropy: entropy))
                        try keyring.create(for: owner)
                        let key = try keyring.key(for: owner)
                        if Bool.random() { try keyring.destroy(for: owner) } else { tally.state.withLock { $0.made[owner] = key } }
                        await Task.yield()
                    } while !tally.state.withLock { $0.isOver }
                }
            }
            defer { tally.state.withLock { $0.isOver = true } }
            for version in 2...4 { try await keyring.rotateMaster(to: master(version)) }
            tally.state.withLock { $0.isOver = true }
            try await group.waitForAll()
        }
        #expect(tally.state.withLock { $0.reads } > 0)
        keyring.seal()
        let after = try ring.unsealed(master(4), cached: 2)
        for (owner, key) in tally.state.withLock({ $0.made }).merging(expected, uniquingKeysWith: { first, _ in first }) {
            #expect(try after.key(for: owner) == key)
        }
    }

    private final class Tally: Sendable {
        struct State {
            var reads = 0
            var isOver = false
            var made: [KeyOwner: Secret] = [:]
        }
        let state = Mutex(State())
    }
}
