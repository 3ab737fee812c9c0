import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Sealing

@Suite(.enabled(if: SmallDisk.isPossible, "needs root and tmpfs"), .serialized) struct DiskFaultTests {
    private let disk: SmallDisk
    private let clock = ManualClock()
    private let entropy = SeededEntropy(seed: 21)
    private var directory: String { disk.path + "/keyring" }

    init() throws { disk = try SmallDisk() }

    private func keyring() throws -> Keyring {
        let keyring = Keyring(directory: directory, clock: clock, entropy: entropy, cached: 1)
        try keyring.unseal(with: master())
        return keyring
    }

    private func reason(_ fault: SealingFault?) -> String { fault.map { "\($0)" } ?? "" }

    @Test func `a full disk refuses a new key, says so, and leaves nothing behind`() throws {
        let keyring = try keyring()
        try keyring.create(for: .control)
        let before = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        disk.fill()
        let owner = KeyOwner.environment(EnvironmentID(at: clock.now(), entropy: entropy))
        let fault = #expect(throws: SealingFault.self) { try keyring.create(for: owner) }
        #expect(reason(fault).contains("the disk is full"))
        #expect(try !keyring.contains(owner))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == before)
        disk.empty()
        try keyring.create(for: owner)
    }

    @Test func `a disk that fills during a rotation leaves every key readable, before and after a restart`() async throws {
        let keyring = try keyring()
        let owners = [KeyOwner.control] + (0..<3).map { _ in KeyOwner.environment(EnvironmentID(at: clock.now(), entropy: entropy)) }
        for owner in owners { try keyring.create(for: owner) }
        let keys = try owners.map { try keyring.key(for: $0) }
        let (disk, new) = (disk, try master(2))
        let path = disk.path
        await #expect(throws: SealingFault.self) {
            try await keyring.rotateMaster(to: new) { step in
                if case .addLock(let owner) = step, owner == owners[2] {
                    let filler = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
                    let block = [UInt8](repeating: 0, count: 4096)
                    while write(filler, block, block.count) > 0 {}
                    close(filler)
                }
            }
        }
        #expect(try owners.map { try keyring.key(for: $0) } == keys)
        keyring.seal()
        let again = try self.keyring()
        #expect(try owners.map { try again.key(for: $0) } == keys)
        disk.empty()
        try await again.rotateMaster(to: new)
        #expect(try owners.map { try again.key(for: $0) } == keys)
        #expect(again.masterVersion == 2)
    }

    @Test func `a read-only keyring still opens and reads; changes are refused with the reason`() async throws {
        var made: Keyring? = try keyring()
        try made?.create(for: .control)
        let key = try made?.key(for: .control)
        made = nil
        try disk.remount(readOnly: true)
        let keyring = try keyring()
        #expect(try keyring.key(for: .control) == key)
        let owner = KeyOwner.environment(EnvironmentID(at: clock.now(), entropy: entropy))
        #expect(reason(#expect(throws: SealingFault.self) { try keyring.create(for: owner) }).contains("read-only"))
        #expect(throws: SealingFault.self) { try keyring.destroy(for: .control) }
        await #expect(throws: SealingFault.self) { try await keyring.rotateMaster(to: master(2)) }
        #expect(try keyring.key(for: .control) == key)
        #expect(keyring.masterVersion == 1)
    }

    @Test func `a new keyring on a full or read-only disk stays sealed`() throws {
        disk.fill()
        #expect(throws: SealingFault.self) { try keyring() }
        disk.empty()
        try disk.remount(readOnly: true)
        #expect(throws: SealingFault.self) { try keyring() }
        try disk.remount(readOnly: false)
        try keyring().create(for: .control)
    }
}

@Suite(.enabled(if: geteuid() != 0, "root is refused nothing")) struct PermissionFaultTests {
    @Test func `a keyring directory without write permission refuses a new key and reads old ones`() throws {
        let ring = try Ring()
        let keyring = try ring.unsealed(master())
        try keyring.create(for: .control)
        #expect(chmod(ring.directory, 0o500) == 0)
        #expect(throws: SealingFault.self) { try keyring.create(for: ring.environment()) }
        _ = try ring.unsealed(master()).key(for: .control)
        #expect(chmod(ring.directory, 0o700) == 0)
    }
}
