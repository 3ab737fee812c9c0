import Vocabulary

/// What an authenticator says of one ceremony, signed or attested (WebAuthn section 6.1).
package struct AuthenticatorData: Sendable, Hashable {
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// UP: somebody touched it.
        package static let userPresent = Flags(rawValue: 1 << 0)
        /// UV: by PIN, finger or face it knew whom.
        package static let userVerified = Flags(rawValue: 1 << 2)
        /// BE: the credential may be copied to other devices. Never changes.
        package static let backupEligible = Flags(rawValue: 1 << 3)
        /// BS: it is copied now.
        package static let backedUp = Flags(rawValue: 1 << 4)
        /// AT
        package static let attestedCredential = Flags(rawValue: 1 << 6)
        /// ED
        package static let extensions = Flags(rawValue: 1 << 7)
    }

    /// Section 6.5.1.
    package struct AttestedCredential: Sendable, Hashable {
        package let aaguid: AAGUID
        package let id: [UInt8]
        package let publicKey: CredentialPublicKey
    }

    package let relyingPartyHash: [UInt8]
    package let flags: Flags
    package let signCount: UInt32
    package let credential: AttestedCredential?

    /// Longest that is read. A registration with an RSA key has some six hundred bytes.
    private static let longest = 4096

    package init(_ bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard bytes.count <= Self.longest else { throw .tooLong }
        guard bytes.count >= 37 else { throw .malformedAuthenticatorData }
        relyingPartyHash = Array(bytes[..<32])
        flags = Flags(rawValue: bytes[32])
        signCount = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = bytes[37...]
        credential = flags.contains(.attestedCredential) ? try Self.credential(&rest) : nil
        if flags.contains(.extensions) {
            // Signed, so they must be there and whole; none of them was asked for, so none is looked at.
            guard let (value, after) = try? CBORReader.readFirst(of: rest), value.map != nil else { throw .malformedAuthenticatorData }
            rest = after
        }
        guard rest.isEmpty else { throw .malformedAuthenticatorData }
    }

    private static func credential(_ rest: inout ArraySlice<UInt8>) throws(WebAuthnRefusal) -> AttestedCredential {
        guard rest.count >= 18, let aaguid = AAGUID(rest.prefix(16)) else { throw .malformedAuthenticatorData }
        let length = Int(rest[rest.startIndex + 16]) << 8 | Int(rest[rest.startIndex + 17])
        rest = rest.dropFirst(18)
        guard (1...CredentialID.longest).contains(length), rest.count >= length else { throw .malformedAuthenticatorData }
        let id = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        guard let (value, after) = try? CBORReader.readFirst(of: rest) else { throw .malformedAuthenticatorData }
        let key = try CredentialPublicKey(value, cose: Array(rest[rest.startIndex..<after.startIndex]))
        rest = after
        return AttestedCredential(aaguid: aaguid, id: id, publicKey: key)
    }

    /// BE and BS fit together (sections 7.1 step 17, 7.2 step 18).
    var hasPossibleBackupState: Bool { flags.contains(.backupEligible) || !flags.contains(.backedUp) }
}

/// The make of an authenticator, as it claims without proof; all zero where it would rather not say.
package struct AAGUID: Sendable, Hashable, LosslessStringConvertible {
    package let bytes: [UInt8]

    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    package init?(_ text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    package var description: String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        return text
    }
}

package enum CredentialID {
    /// Bytes (section 7.1).
    package static let longest = 1023
}
