import Foundation
import Sealing
import TestSupport
import Vocabulary

/// A keyring in a directory of its own, with the master key that opens it.
final class Ring: Sendable {
    let home: TemporaryDirectory
    let clock = ManualClock()
    let entropy: SeededEntropy
    var directory: String { home.path + "/keyring" }

    init(seed: UInt64 = 1) throws {
        home = try TemporaryDirectory()
        entropy = SeededEntropy(seed: seed)
    }

    /// One file at a time, so that a rotation can be interrupted between any two.
    func keyring(cached: Int = 1024, batch: Int = 1) -> Keyring {
        Keyring(directory: directory, clock: clock, entropy: entropy, cached: cached, batch: batch)
    }

    func unsealed(_ master: MasterKey, cached: Int = 1024, batch: Int = 1) throws -> Keyring {
        let keyring = keyring(cached: cached, batch: batch)
        try keyring.unseal(with: master)
        return keyring
    }

    func environment() -> KeyOwner { .environment(EnvironmentID(at: clock.now(), entropy: entropy)) }

    /// Every file of the keyring with its content.
    func files() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            files[name] = try Array(Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
        }
        return files
    }

    func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: directory + "/" + name)) }
}

func master(_ version: Int = 1, seed: UInt64 = 7) throws -> MasterKey {
    guard let key = MasterKey(Secret(SeededEntropy(seed: seed + UInt64(version)).bytes(32)), version: version) else {
        throw Missing("a master key")
    }
    return key
}

struct Missing: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

func hex(_ secret: Secret) -> String { secret.withBytes { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() } }

func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}
