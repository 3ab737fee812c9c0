import Crypto
import Foundation
import Vocabulary

/// Files in the age format, version 1 (https://c2sp.org/age): what is sealed here is opened by `age`, and the other way round.
///
/// Every chunk of 64 KiB is sealed with its number and whether it is the last, so nothing can be left out, added, put elsewhere or cut off unnoticed.
package enum AgeFile {
    static let heading = "age-encryption.org/v1"
    /// In bytes.
    static let chunk = 65_536
    static let tag = 16
    static let nonce = 16
    /// In bytes; no header of ours or of a reasonable other is longer.
    static let longestHeader = 65_536

    /// A whole content that is in memory.
    package static func seal(_ content: some Collection<UInt8>, to locks: [any AgeLock], entropy: any Entropy) throws -> [UInt8] {
        var sealing = try AgeSealing(to: locks, entropy: entropy)
        return try sealing.beginning + sealing.seal(content) + sealing.finish()
    }

    /// - Throws: ``AgeFault``
    package static func open(_ file: [UInt8], with openers: [any AgeOpener]) throws -> [UInt8] {
        var opening = AgeOpening(with: openers)
        return try opening.open(file) + opening.finish()
    }

    /// Whether it looks like one.
    package static func isOne(_ file: [UInt8]) -> Bool { file.starts(with: "\(heading)\n".utf8) }

    static func header(_ file: [UInt8]) throws -> (stanzas: [AgeStanza], end: Int, macInput: [UInt8], mac: [UInt8]) {
        guard isOne(file) else { throw AgeFault.notAge }
        var lines: [String] = []
        var start = heading.utf8.count + 1
        while true {
            guard start < longestHeader else { throw AgeFault.malformed }
            guard let end = file[start..<min(file.count, longestHeader)].firstIndex(of: 10) else { throw AgeFault.torn }
            guard let line = String(validating: file[start..<end], as: UTF8.self) else { throw AgeFault.malformed }
            if line.hasPrefix("---") {
                guard line.hasPrefix("--- "), let mac = AgeStanza.bytes(String(line.dropFirst(4))), mac.count == 32 else {
                    throw AgeFault.malformed
                }
                var rest = lines[...]
                var stanzas: [AgeStanza] = []
                while !rest.isEmpty { stanzas.append(try AgeStanza(&rest)) }
                guard !stanzas.isEmpty else { throw AgeFault.malformed }
                return (stanzas, end + 1, Array(file[..<(start + 3)]), mac)
            }
            lines.append(line)
            start = end + 1
        }
    }

    static func open(_ piece: ArraySlice<UInt8>, _ key: SymmetricKey, _ counter: UInt64, isLast: Bool) -> Data? {
        guard let box = try? ChaChaPoly.SealedBox(combined: nonce(counter, isLast: isLast) + piece) else { return nil }
        return try? ChaChaPoly.open(box, using: key)
    }

    static func headerKey(_ fileKey: Secret) -> SymmetricKey { derive(fileKey, salt: [], "header") }
    static func payloadKey(_ fileKey: Secret, nonce: [UInt8]) -> SymmetricKey { derive(fileKey, salt: nonce, "payload") }

    private static func derive(_ fileKey: Secret, salt: [UInt8], _ purpose: String) -> SymmetricKey {
        fileKey.withBytes { bytes in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: bytes), salt: salt, info: Array(purpose.utf8), outputByteCount: 32)
        }
    }

    /// 11 bytes of counter, and 1 for the last chunk.
    static func nonce(_ counter: UInt64, isLast: Bool) -> [UInt8] {
        [0, 0, 0] + withUnsafeBytes(of: counter.bigEndian) { Array($0) } + [isLast ? 1 : 0]
    }
}

/// Seals a content piece by piece; holds one chunk.
package struct AgeSealing: Sendable {
    /// What a file begins with.
    package let beginning: [UInt8]
    private let key: SymmetricKey
    private var counter: UInt64 = 0
    private var waiting: [UInt8] = []

    package init(to locks: [any AgeLock], entropy: any Entropy) throws {
        let fileKey = Secret(entropy.bytes(16))
        let stanzas = try locks.map { try $0.lock(fileKey, entropy: entropy).lines }.joined()
        let header = "\(AgeFile.heading)\n\(stanzas)---"
        let mac = HMAC<SHA256>.authenticationCode(for: Array(header.utf8), using: AgeFile.headerKey(fileKey))
        let nonce = entropy.bytes(16)
        beginning = Array("\(header) \(AgeStanza.text(Array(mac)))\n".utf8) + nonce
        key = AgeFile.payloadKey(fileKey, nonce: nonce)
    }

    /// What can be written by now. The last chunk is kept until it is known to be the last.
    package mutating func seal(_ bytes: some Collection<UInt8>) throws -> [UInt8] {
        waiting += bytes
        var sealed: [UInt8] = []
        var start = 0
        while waiting.count - start > AgeFile.chunk {
            sealed += try box(waiting[start..<start + AgeFile.chunk], isLast: false)
            start += AgeFile.chunk
        }
        waiting.removeFirst(start)
        return sealed
    }

    package mutating func finish() throws -> [UInt8] {
        defer { waiting = [] }
        return try box(waiting[...], isLast: true)
    }

    private mutating func box(_ chunk: ArraySlice<UInt8>, isLast: Bool) throws -> [UInt8] {
        let box = try ChaChaPoly.seal(chunk, using: key, nonce: .init(data: AgeFile.nonce(counter, isLast: isLast)))
        counter += 1
        return Array(box.ciphertext) + Array(box.tag)
    }
}
