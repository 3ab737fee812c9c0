import TestSupport
import Testing
import Vocabulary

@testable import Sealing

struct SealerTests {
    private let key = Secret(Array(0..<32))
    private let environment = KeyOwner.environment(EnvironmentID(at: Instant(seconds: 1), entropy: SeededEntropy(seed: 5)))
    private var sealer: Sealer { Sealer(key: key, entropy: SeededEntropy(seed: 9)) }
    private var context: SealingContext { SealingContext(environment, object: "totp/1", version: 3) }

    @Test(arguments: [0, 1, 20, 65_536]) func `what was sealed opens again`(size: Int) throws {
        let plain = Secret(SeededEntropy(seed: 3).bytes(size))
        let sealed = try sealer.seal(plain, context: context)
        #expect(sealed.count == size + Sealer.overhead)
        #expect(try sealer.open(sealed, context: context) == plain)
    }

    @Test func `two seals of the same value differ`() throws {
        let sealer = Sealer(key: key)
        #expect(try sealer.seal(Secret("same"), context: context) != sealer.seal(Secret("same"), context: context))
    }

    @Test func `it opens for no other environment, object, version or key`() throws {
        let sealed = try sealer.seal(Secret("seed"), context: context)
        let other = KeyOwner.environment(EnvironmentID(at: Instant(seconds: 1), entropy: SeededEntropy(seed: 6)))
        let foreign = [
            SealingContext(other, object: "totp/1", version: 3), SealingContext(.control, object: "totp/1", version: 3),
            SealingContext(environment, object: "totp/2", version: 3), SealingContext(environment, object: "totp/1", version: 4),
            SealingContext(environment, object: "totp/", version: 13),
        ]
        for context in foreign { #expect(throws: SealingFault.notAuthentic) { try sealer.open(sealed, context: context) } }
        #expect(throws: SealingFault.notAuthentic) { try Sealer(key: Secret(Array(1..<33))).open(sealed, context: context) }
        #expect(throws: SealingFault.notAuthentic) { try Sealer(key: key, keyVersion: 2).open(sealed, context: context) }
    }

    @Test func `every flipped bit and every cut is noticed`() throws {
        let sealed = try sealer.seal(Secret("seed"), context: context)
        for index in sealed.indices {
            for bit in 0..<8 {
                var bad = sealed
                bad[index] ^= 1 << bit
                #expect(throws: SealingFault.notAuthentic) { try sealer.open(bad, context: context) }
            }
            #expect(throws: SealingFault.notAuthentic) { try sealer.open(Array(sealed[..<index]), context: context) }
        }
        #expect(throws: SealingFault.notAuthentic) { try sealer.open(sealed + [0], context: context) }
    }

    @Test func `a key of another length than 32 seals nothing`() {
        for length in [0, 15, 31, 33] {
            #expect(throws: SealingFault.self) {
                try Sealer(key: Secret([UInt8](repeating: 7, count: length))).seal(Secret("x"), context: context)
            }
        }
    }
}
