import Crypto
import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Sealing

/// docs/formats/keyring.md, read by somebody who has nothing but that page.
struct FormatTests {
    @Test func `the format's page is enough to open a key`() throws {
        let ring = try Ring()
        let keyring = try ring.unsealed(master())
        let owner = ring.environment()
        try keyring.create(for: owner)
        let key = try keyring.key(for: owner)
        let bytes = try #require(try ring.files().first { $0.key.hasPrefix("environment-") }?.value)

        #expect(bytes.count == 13 + 72)
        #expect(Array(bytes[0..<13]) == Array("HOLDKEY1".utf8) + [0, 0, 0, 1, 1])
        #expect(Array(bytes[13..<17]) == [0, 0, 0, 1])
        let masterKey = try master().secret.withBytes { SymmetricKey(data: $0) }
        func derived(_ info: String, _ count: Int) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: masterKey, info: Data(info.utf8), outputByteCount: count)
        }
        #expect(derived("holdfast/master/fingerprint", 8).withUnsafeBytes { Array($0) } == Array(bytes[17..<25]))
        let box = try AES.GCM.SealedBox(combined: Data(bytes[25...]))
        let bound = Data("holdfast/keyring/1\u{0}\(owner)\u{0}1\u{0}1".utf8)
        #expect(try Secret(AES.GCM.open(box, using: derived("holdfast/master/wrap", 32), authenticating: bound)) == key)
    }

    @Test func `the manifest reads back in all three states`() throws {
        let (from, to) = (KeyringManifest.Master(try master(1)), KeyringManifest.Master(try master(2)))
        let locked = SeededEntropy(seed: 1).bytes(60)
        for manifest in [KeyringManifest.settled(from), .rotating(from: from, to: to, locked: locked), .retiring(from: from, to: to)] {
            #expect(KeyringManifest(manifest.bytes) == manifest)
            for cut in 0..<manifest.bytes.count { #expect(KeyringManifest(Array(manifest.bytes[..<cut])) == nil) }
        }
    }

    @Test func `a rotation's box opens for no other pair of master keys`() throws {
        let (from, to) = (KeyringManifest.Master(try master(1)), KeyringManifest.Master(try master(2)))
        let box = try WrappedKey.box(
            master(1).secret, under: master(2), context: KeyringManifest.context(from: from, to: to), entropy: SeededEntropy(seed: 2))
        #expect(try WrappedKey.open(box, under: master(2), context: KeyringManifest.context(from: from, to: to)) == master(1).secret)
        #expect(try WrappedKey.open(box, under: master(2), context: KeyringManifest.context(from: to, to: from)) == nil)
        #expect(try WrappedKey.open(box, under: master(3), context: KeyringManifest.context(from: from, to: to)) == nil)
    }

    @Test func `half-written files of a dead process are no keys, and go with the next rotation`() async throws {
        let ring = try Ring()
        let keyring = try ring.unsealed(master())
        try keyring.create(for: .control)
        try ring.write([1, 2, 3], "control.key.4711.draft")
        try ring.write([], "keyring.4711.draft")
        try ring.write([9], "environment-0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.key.4711.draft")
        keyring.seal()
        try keyring.unseal(with: master())
        #expect(try keyring.owners() == [.control])
        try await keyring.rotateMaster(to: master(2))
        #expect(try Set(ring.files().keys) == ["keyring", "control.key"])
    }
}
