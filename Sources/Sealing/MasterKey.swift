import Crypto
import Foundation
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// Where the master key comes from. Never from beside the data it locks.
package enum MasterKeySource: Sendable, Hashable {
    /// A regular file of ours that nobody else can reach: mode `0600` or `0400`.
    case file(String)
    /// A credential that systemd passed (`LoadCredential=`, `LoadCredentialEncrypted=`). `directory` is the value of `CREDENTIALS_DIRECTORY`,
    /// read by whoever starts the server.
    case systemdCredential(name: String, directory: String)
}

/// The key that locks the keyring: 32 bytes and a version that grows with each rotation.
///
/// Text form: 64 hexadecimal digits (`openssl rand -hex 32`), after an optional version and colon; `2:0f3a…`. Without one the version is 1.
package struct MasterKey: Sendable, Equatable {
    package let version: Int
    package let secret: Secret

    /// Tells master keys apart without giving anything away: 16 hexadecimal digits.
    package var fingerprint: String { Hex.text(derive("fingerprint", length: 8)) }
    /// For messages: `version 2 (fingerprint 9f…)`.
    package var label: String { "version \(version) (fingerprint \(fingerprint))" }

    /// Nil unless 32 bytes and a version from 1.
    package init?(_ secret: Secret, version: Int = 1) {
        guard secret.count == 32, (1...999_999_999).contains(version) else { return nil }
        self.secret = secret
        self.version = version
    }

    /// - Throws: ``SealingFault``
    package static func load(from source: MasterKeySource) throws -> MasterKey {
        switch source {
        case .file(let path):
            return try read(path) { status in
                guard status.isRegular else { throw SealingFault.masterKeyNotRegular(path: path) }
                guard status.owner == geteuid() else { throw SealingFault.masterKeyForeign(path: path) }
                guard status.mode & 0o077 == 0 else { throw SealingFault.masterKeyExposed(path: path, mode: status.mode) }
            }
        case .systemdCredential(let name, let directory):
            guard !name.isEmpty, !name.hasPrefix("."), name.utf8.allSatisfy(isCredentialByte) else {
                throw SealingFault.credentialName(name)
            }
            let path = directory + "/" + name
            return try read(path) { status in
                guard status.isRegular else { throw SealingFault.masterKeyNotRegular(path: path) }
                guard status.owner == geteuid() || status.owner == 0 else { throw SealingFault.masterKeyForeign(path: path) }
                // systemd gives the service read access by an ACL, which shows as a group bit.
                guard status.mode & 0o037 == 0 else { throw SealingFault.masterKeyExposed(path: path, mode: status.mode) }
            }
        }
    }

    /// Makes a new master key file with mode `0600`. Whoever calls this decides that a key may be made here: development, or an
    /// operator's explicit command.
    /// - Throws: ``SealingFault`` `.masterKeyExists` whatever is at `path`.
    package static func create(at path: String, version: Int = 1, entropy: some Entropy) throws -> MasterKey {
        guard let key = MasterKey(Secret(entropy.bytes(32)), version: version) else {
            throw SealingFault.masterKeyMalformed(path: path, reason: "\(version) is no version")
        }
        let text = Array("\(version):".utf8) + key.secret.withBytes { Hex.digits(Array($0)) } + [UInt8(ascii: "\n")]
        guard try KeyFile.create(path, with: text) else { throw SealingFault.masterKeyExists(path: path) }
        return key
    }

    func derive(_ purpose: String, length: Int = 32) -> [UInt8] {
        secret.withBytes { bytes in
            let derived = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: bytes), info: Array("holdfast/master/\(purpose)".utf8), outputByteCount: length)
            return derived.withUnsafeBytes { Array($0) }
        }
    }

    private static func isCredentialByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func read(_ path: String, check: (KeyFile.Status) throws -> Void) throws -> MasterKey {
        guard var bytes = try KeyFile.read(path, limit: 1024, check: check) else { throw SealingFault.masterKeyMissing(path: path) }
        defer { bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        var text = bytes[...]
        while let last = text.last, last == 10 || last == 13 || last == 32 { text.removeLast() }
        var version = 1
        if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            guard let number = Int(String(decoding: text[..<colon], as: UTF8.self)), (1...999_999_999).contains(number) else {
                throw SealingFault.masterKeyMalformed(path: path, reason: "what stands before the colon is no version")
            }
            version = number
            text = text[(colon + 1)...]
        }
        guard !text.isEmpty else { throw SealingFault.masterKeyMalformed(path: path, reason: "it is empty") }
        guard text.count == 64 else { throw SealingFault.masterKeyMalformed(path: path, reason: "it has \(text.count) digits") }
        guard let decoded = Hex.bytes(text) else {
            throw SealingFault.masterKeyMalformed(path: path, reason: "it has other characters than hexadecimal digits")
        }
        guard Set(decoded).count > 4, let key = MasterKey(Secret(decoded), version: version) else {
            throw SealingFault.masterKeyMalformed(path: path, reason: "it is not random")
        }
        return key
    }
}

/// Hexadecimal digits, lower case.
enum Hex {
    static func digits(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: digits(bytes), as: UTF8.self) }

    static func bytes(_ digits: some Collection<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case 48...57: value = digit - 48
            case 65...70: value = digit - 55
            case 97...102: value = digit - 87
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
