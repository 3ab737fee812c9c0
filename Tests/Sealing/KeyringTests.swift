import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Sealing

struct KeyringTests {
    private let ring: Ring
    init() throws { ring = try Ring() }

    @Test func `a sealed keyring gives nothing`() throws {
        let keyring = ring.keyring()
        #expect(keyring.isSealed)
        let isSealed: (any Error) -> Bool = { ($0 as? Refusal)?.code == "sealed" }
        #expect(performing: { try keyring.key(for: .control) }, throws: isSealed)
        #expect(performing: { try keyring.create(for: .control) }, throws: isSealed)
        #expect(performing: { try keyring.destroy(for: .control) }, throws: isSealed)
        #expect(performing: { try keyring.contains(.control) }, throws: isSealed)
        #expect(performing: { try keyring.subkey(for: .control, purpose: .mail) }, throws: isSealed)
        #expect(!FileManager.default.fileExists(atPath: ring.directory))
    }

    @Test func `a key outlives the process, and sealing forgets it`() throws {
        let owner = ring.environment()
        let keyring = try ring.unsealed(master())
        try keyring.create(for: owner)
        let key = try keyring.key(for: owner)
        #expect(key.count == 32)
        keyring.seal()
        #expect(throws: Refusal.self) { try keyring.key(for: owner) }
        try keyring.unseal(with: master())
        #expect(try keyring.key(for: owner) == key)
        #expect(try ring.unsealed(master()).key(for: owner) == key)
        #expect(try Set(keyring.owners()) == [owner])
    }

    @Test func `each owner has a key of its own, made once`() throws {
        let keyring = try ring.unsealed(master())
        let owners = [KeyOwner.control] + (0..<20).map { _ in ring.environment() }
        for owner in owners { try keyring.create(for: owner) }
        let keys = try Set(owners.map { hex(try keyring.key(for: $0)) })
        #expect(keys.count == owners.count)
        #expect(throws: SealingFault.keyExists(owner: "control")) { try keyring.create(for: .control) }
        #expect(try keys.contains(hex(ring.unsealed(master()).key(for: .control))))
    }

    @Test func `no file holds a key in the clear, and only we can read them`() throws {
        let keyring = try ring.unsealed(master())
        try keyring.create(for: .control)
        let key = try keyring.key(for: .control).withBytes { Data($0) }
        let masterBytes = try master().secret.withBytes { Data($0) }
        for (name, bytes) in try ring.files() {
            #expect(Data(bytes).range(of: key) == nil && Data(bytes).range(of: masterBytes) == nil)
            #expect(try mode(ring.directory + "/" + name) == 0o600)
        }
        #expect(try mode(ring.directory) == 0o700)
        #expect(try Set(ring.files().keys) == ["keyring", "control.key"])
    }

    @Test func `a destroyed key is gone from disk and memory`() throws {
        let keyring = try ring.unsealed(master())
        let owner = ring.environment()
        try keyring.create(for: owner)
        _ = try keyring.key(for: owner)
        try keyring.destroy(for: owner)
        #expect(try !keyring.contains(owner))
        #expect(throws: SealingFault.keyMissing(owner: "\(owner)")) { try keyring.key(for: owner) }
        #expect(throws: SealingFault.keyMissing(owner: "\(owner)")) { try keyring.destroy(for: owner) }
        #expect(try ring.files().count == 1)
    }

    @Test func `the wrong master key is recognised, by both fingerprints`() throws {
        try ring.unsealed(master()).create(for: .control)
        let (right, wrong) = (try master(), try master(1, seed: 99))
        let keyring = ring.keyring()
        let fault = #expect(throws: SealingFault.wrongMasterKey(wanted: right.label, offered: wrong.label)) {
            try keyring.unseal(with: wrong)
        }
        let text = "\(try #require(fault))"
        #expect(text.contains(right.fingerprint) && text.contains(wrong.fingerprint))
        #expect(keyring.isSealed)
        // The same bytes under another version are another key: its wraps are bound to the version.
        #expect(throws: SealingFault.self) { try keyring.unseal(with: try #require(MasterKey(right.secret, version: 2))) }
        try keyring.unseal(with: right)
    }

    @Test func `a truncated or flipped key file is damaged, wherever it is`() throws {
        try ring.unsealed(master()).create(for: .control)
        let good = try #require(try ring.files()["control.key"])
        let damaged = SealingFault.keyDamaged(owner: "control")
        for index in good.indices {
            var bad = good
            bad[index] ^= 0x10
            try ring.write(bad, "control.key")
            #expect(throws: damaged, "byte \(index)") { try ring.unsealed(master()).key(for: .control) }
            try ring.write(Array(good[..<index]), "control.key")
            #expect(throws: damaged, "cut at \(index)") { try ring.unsealed(master()).key(for: .control) }
        }
        try ring.write(good + [0], "control.key")
        #expect(throws: damaged) { try ring.unsealed(master()).key(for: .control) }
        try ring.write([UInt8](repeating: 0, count: 1_000_000), "control.key")
        #expect(throws: SealingFault.self) { try ring.unsealed(master()).key(for: .control) }
        try ring.write(good, "control.key")
        _ = try ring.unsealed(master()).key(for: .control)
    }

    @Test func `the key files of two environments can't be swapped`() throws {
        let (first, second) = (ring.environment(), ring.environment())
        let keyring = try ring.unsealed(master())
        try keyring.create(for: first)
        try keyring.create(for: second)
        let files = try ring.files()
        let names = files.keys.filter { $0.hasPrefix("environment-") }.sorted()
        try ring.write(try #require(files[names[0]]), names[1])
        try ring.write(try #require(files[names[1]]), names[0])
        for owner in [first, second] {
            #expect(throws: SealingFault.keyDamaged(owner: "\(owner)")) { try ring.unsealed(master()).key(for: owner) }
        }
    }

    @Test func `a key file of another installation is refused`() throws {
        let other = try Ring(seed: 2)
        try other.unsealed(master(1, seed: 50)).create(for: .control)
        _ = try ring.unsealed(master())
        try ring.write(try #require(try other.files()["control.key"]), "control.key")
        #expect(throws: SealingFault.keyDamaged(owner: "control")) { try ring.unsealed(master()).key(for: .control) }
    }

    @Test(arguments: [
        "", "holdfast-keyring 1\n", "holdfast-keyring 2\nsettled 1 0011223344556677\n", "holdfast-keyring 1\nsettled 0 0011223344556677\n",
        "holdfast-keyring 1\nsettled 1 00112233445566\n", "holdfast-keyring 1\nsettled 1 001122334455667g\n",
        "holdfast-keyring 1\nsettled 1 0011223344556677",
        "holdfast-keyring 1\nsettled 1 0011223344556677\n\n", "holdfast-keyring 1\nrotating 1 0011223344556677 2 0011223344556677 00\n",
        "\u{0}",
    ])
    func `a damaged manifest is refused and left alone`(text: String) throws {
        try ring.unsealed(master()).create(for: .control)
        try ring.write(Array(text.utf8), "keyring")
        #expect(throws: SealingFault.manifestDamaged(path: ring.directory)) { try ring.unsealed(master()) }
        #expect(try ring.files()["keyring"] == Array(text.utf8))
    }

    @Test func `keys without a manifest don't become a new keyring`() throws {
        try ring.unsealed(master()).create(for: .control)
        try FileManager.default.removeItem(atPath: ring.directory + "/keyring")
        #expect(throws: SealingFault.manifestMissing(path: ring.directory)) { try ring.unsealed(master()) }
    }

    @Test func `a directory that others can reach, or that is none, is refused`() throws {
        _ = try ring.unsealed(master())
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: ring.directory)
        #expect(throws: SealingFault.keyringExposed(path: ring.directory, mode: 0o750)) { try ring.unsealed(master()) }
        let file = ring.home.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        #expect(throws: SealingFault.keyringForeign(path: file)) {
            try Keyring(directory: file, clock: ring.clock, entropy: ring.entropy).unseal(with: master())
        }
        let link = ring.home.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: ring.directory)
        #expect(throws: SealingFault.keyringForeign(path: link)) {
            try Keyring(directory: link, clock: ring.clock, entropy: ring.entropy).unseal(with: master())
        }
    }

    @Test func `a key file that is a link is not followed`() throws {
        let keyring = try ring.unsealed(master())
        try keyring.create(for: .control)
        let path = ring.directory + "/control.key"
        try FileManager.default.moveItem(atPath: path, toPath: ring.home.path + "/moved")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: ring.home.path + "/moved")
        #expect(throws: SealingFault.self) { try ring.unsealed(master()).key(for: .control) }
    }

    @Test func `a small memory still finds every key`() throws {
        let keyring = try ring.unsealed(master(), cached: 4)
        let owners = (0..<64).map { _ in ring.environment() }
        for owner in owners { try keyring.create(for: owner) }
        let keys = try owners.map { try keyring.key(for: $0) }
        for (owner, key) in zip(owners, keys).shuffled() { #expect(try keyring.key(for: owner) == key) }
        #expect(keyring.state.withLock { $0.recent.count } <= 4)
    }

    @Test func `subkeys follow RFC 5869, differ by purpose and by owner`() throws {
        let key = Secret(Array(0..<32))
        let environment = try #require(KeyOwner("environment/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"))
        #expect(
            hex(Subkey.derive(from: key, owner: .control, purpose: .database))
                == "5ada2d2e5706848f0ac82e9d1a1b846ed6698c9a7f71982ed01bcf152090a107")
        #expect(
            hex(Subkey.derive(from: key, owner: environment, purpose: .mail))
                == "e00967aafb0f917f6bab9123f7f14691c6862f0f7815d5243b377f37eaab59e9")
        let all = KeyPurpose.allCases.flatMap { purpose in
            [KeyOwner.control, environment].map { hex(Subkey.derive(from: key, owner: $0, purpose: purpose)) }
        }
        #expect(Set(all).count == 2 * KeyPurpose.allCases.count)
    }

    @Test func `an owner reads back from its text, and nothing else does`() {
        let owner = ring.environment()
        #expect(KeyOwner("\(owner)") == owner)
        #expect(KeyOwner("control") == .control)
        for text in ["", "Control", "environment/", "environment/x", "environment/../control"] { #expect(KeyOwner(text) == nil) }
    }
}
