import Crypto
import Foundation
import Vocabulary

/// One owner's key as its file holds it: locked with one master key, or with two while the master key is being rotated.
///
/// Form: magic (8), key version (4), number of wraps (1); each wrap: master version (4), master fingerprint (8), nonce (12), ciphertext (32), tag (16).
/// Each wrap is bound to the owner, the key's version and the master's version.
struct WrappedKey: Equatable {
    struct Wrap: Equatable {
        let masterVersion: UInt32
        let fingerprint: [UInt8]
        let box: [UInt8]
    }

    private static let magic = Array("HOLDKEY1".utf8)
    private static let wrapLength = 4 + 8 + 12 + 32 + 16

    let keyVersion: UInt32
    let wraps: [Wrap]

    init(_ key: Secret, version: UInt32 = 1, of owner: KeyOwner, under masters: [MasterKey], entropy: any Entropy) throws {
        keyVersion = version
        wraps = try masters.map { master in
            let number = UInt32(master.version)
            let box = try Self.box(key, under: master, context: Self.context(owner, version, number), entropy: entropy)
            return Wrap(masterVersion: number, fingerprint: master.derive("fingerprint", length: 8), box: box)
        }
    }

    /// Nil for anything but a whole file of this form.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 13, Array(bytes[..<8]) == Self.magic else { return nil }
        keyVersion = Self.number(bytes[8..<12])
        let count = Int(bytes[12])
        guard (1...2).contains(count), bytes.count == 13 + count * Self.wrapLength else { return nil }
        wraps = (0..<count).map { index in
            let wrap = Array(bytes[(13 + index * Self.wrapLength)..<(13 + (index + 1) * Self.wrapLength)])
            return Wrap(masterVersion: Self.number(wrap[..<4]), fingerprint: Array(wrap[4..<12]), box: Array(wrap[12...]))
        }
    }

    var bytes: [UInt8] {
        var bytes = Self.magic + Self.bytes(keyVersion) + [UInt8(wraps.count)]
        for wrap in wraps { bytes += Self.bytes(wrap.masterVersion) + wrap.fingerprint + wrap.box }
        return bytes
    }

    func isLocked(with master: MasterKey) -> Bool {
        let fingerprint = master.derive("fingerprint", length: 8)
        return wraps.contains { $0.fingerprint == fingerprint }
    }

    /// Nil if none of `masters` locks it, or if it is not authentic.
    func key(of owner: KeyOwner, under masters: [MasterKey]) -> Secret? {
        for master in masters {
            let fingerprint = master.derive("fingerprint", length: 8)
            for wrap in wraps where wrap.fingerprint == fingerprint && wrap.masterVersion == UInt32(master.version) {
                let context = Self.context(owner, keyVersion, wrap.masterVersion)
                if let key = Self.open(wrap.box, under: master, context: context) { return key }
            }
        }
        return nil
    }

    static func box(_ key: Secret, under master: MasterKey, context: [UInt8], entropy: any Entropy) throws -> [UInt8] {
        let nonce = try AES.GCM.Nonce(data: entropy.bytes(12))
        let box = try key.withBytes { key in
            try AES.GCM.seal(key, using: SymmetricKey(data: master.derive("wrap")), nonce: nonce, authenticating: context)
        }
        return Array(nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    static func open(_ box: [UInt8], under master: MasterKey, context: [UInt8]) -> Secret? {
        guard
            let sealed = try? AES.GCM.SealedBox(combined: box),
            var opened = try? AES.GCM.open(sealed, using: SymmetricKey(data: master.derive("wrap")), authenticating: context)
        else { return nil }
        defer { opened.resetBytes(in: opened.startIndex..<opened.endIndex) }
        return opened.count == 32 ? Secret(opened) : nil
    }

    private static func context(_ owner: KeyOwner, _ keyVersion: UInt32, _ masterVersion: UInt32) -> [UInt8] {
        Array("holdfast/keyring/1\0\(owner)\0\(keyVersion)\0\(masterVersion)".utf8)
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
