import TestSupport
import Testing
import Vocabulary

@testable import Sealing

@Suite struct SecretSharesTests {
    private let secret = Secret(SeededEntropy(seed: 4).bytes(32))

    @Test func `any three of five give the secret, in any order, and no two do`() throws {
        let shares = try #require(SecretShares.split(secret, into: 5, needing: 3)).enumerated().map {
            (number: $0.offset + 1, value: $0.element)
        }
        var tried = 0
        for set in 0..<32 {
            let chosen = shares.filter { set >> ($0.number - 1) & 1 == 1 }
            guard !chosen.isEmpty else { continue }
            tried += 1
            #expect((SecretShares.join(chosen.reversed()) == secret) == (chosen.count >= 3))
        }
        #expect(tried == 31)
    }

    @Test(arguments: [(1, 1), (1, 3), (255, 255), (2, 255)]) func `the borders hold`(needed: Int, count: Int) throws {
        let shares = try #require(SecretShares.split(secret, into: count, needing: needed))
        #expect(shares.count == count)
        let last = shares.enumerated().map { (number: $0.offset + 1, value: $0.element) }.suffix(needed)
        #expect(SecretShares.join(Array(last)) == secret)
    }

    @Test func `what makes no sense is refused`() throws {
        for (count, needed) in [(0, 0), (3, 0), (3, 4), (256, 2)] {
            #expect(SecretShares.split(secret, into: count, needing: needed) == nil)
        }
        let shares = try #require(SecretShares.split(secret, into: 2, needing: 2))
        #expect(SecretShares.join([]) == nil)
        #expect(SecretShares.join([(1, shares[0]), (1, shares[1])]) == nil)
        #expect(SecretShares.join([(1, shares[0]), (2, Secret([1]))]) == nil)
    }

    @Test func `two sharings of one secret have nothing in common`() throws {
        let (one, other) = (
            try #require(SecretShares.split(secret, into: 3, needing: 2)), try #require(SecretShares.split(secret, into: 3, needing: 2))
        )
        #expect(!zip(one, other).contains { $0 == $1 })
        #expect(SecretShares.join([(1, one[0]), (2, other[1])]) != secret)
    }
}

@Suite struct KeyringCopyTests {
    @Test func `a copy of a keyring is a keyring with the same keys`() throws {
        let ring = try Ring()
        let keyring = try ring.unsealed(try master())
        let owners = [KeyOwner.control, ring.environment(), ring.environment()]
        for owner in owners { try keyring.create(for: owner) }
        let text = try keyring.copy(note: "for a test").text
        let copy = try #require(KeyringCopy(text))
        #expect(copy.note == "for a test" && Set(copy.owners) == Set(owners))
        let (directory, key) = (ring.home.path + "/again", ring.home.path + "/again.key")
        #expect(try copy.write(toKeyring: directory, masterKey: key).isEmpty)
        let again = Keyring(directory: directory, clock: ring.clock, entropy: ring.entropy)
        try again.unseal(with: MasterKey.load(from: .file(key)))
        for owner in owners { #expect(try again.key(for: owner) == keyring.key(for: owner)) }
        #expect(try mode(directory) == 0o700 && mode(key) == 0o600)
    }

    @Test func `a copy with another master key makes no keyring`() throws {
        let ring = try Ring()
        let keyring = try ring.unsealed(try master())
        try keyring.create(for: .control)
        let text = try keyring.copy(note: "").text.withBytes { String(decoding: $0, as: UTF8.self) }
        let wrong = text.replacing(hex(try master().secret), with: hex(try master(2).secret))
        let copy = try #require(KeyringCopy(Secret(wrong)))
        #expect(throws: SealingFault.self) {
            try copy.write(toKeyring: ring.home.path + "/again", masterKey: ring.home.path + "/again.key")
        }
        #expect(KeyringCopy(Secret(Array(text.utf8.dropLast()))) == nil)
        #expect(KeyringCopy(Secret("")) == nil)
    }
}
