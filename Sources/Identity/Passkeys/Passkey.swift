import Storage
import Vocabulary
import WebAuthn

package typealias PasskeyID = ID<Passkey>

/// A passkey that somebody registered: what its owner sees, and what judging an answer of it takes.
package struct Passkey: Sendable, Hashable {
    package let id: PasskeyID
    package let account: AccountID
    /// As its owner calls it; at first by its provider.
    package let name: String
    /// The authenticator's make, as it claims without proof.
    package let aaguid: AAGUID
    package let transports: [AuthenticatorTransport]
    /// It knew by PIN, finger or face whom it served when it was registered.
    package let userVerified: Bool
    /// It may be copied to its owner's other devices.
    package let backupEligible: Bool
    package let backedUp: Bool
    package let createdAt: Instant
    /// Nil until it signed in or confirmed something.
    package let lastUsedAt: Instant?
    let credential: CredentialRecord

    /// Most of them for one account.
    package static let limit = 20

    /// Who keeps it, for people. Nil where that isn't known surely.
    package var provider: String? { PasskeyProvider.name(of: aaguid) }

    var descriptor: CredentialDescriptor { CredentialDescriptor(id: credential.id, transports: transports) }

    /// RFC 8176: possession of a key, and a touch. `hwk` is never said: without attestation nobody knows. What may be copied is held by
    /// software.
    var methods: [String] { backupEligible ? ["pop", "user", "swk"] : ["pop", "user"] }
}

extension Passkey {
    static let columns: SQL = """
        passkey.id, passkey.account, passkey.name, passkey.aaguid, passkey.transports, passkey.user_verified, passkey.backup_eligible,
        passkey.backed_up, passkey.created_at, passkey.last_used_at, passkey.credential, passkey.public_key, passkey.sign_count,
        passkey_user.handle
        """

    init(row: Row) throws {
        guard let aaguid = AAGUID(try row.get(3, as: String.self)), let id = Base64URL.decode(try row.get(10, as: String.self)),
            let handle = Base64URL.decode(try row.get(13, as: String.self)), let count = UInt32(exactly: try row.get(12, as: Int64.self))
        else { throw StorageError.unexpectedColumn("passkey") }
        let names = try row.get(4, as: String.self).split(separator: " ")
        let eligible = try row.get(6, as: Bool.self)
        self.init(
            id: try row.get(0), account: try row.get(1), name: try row.get(2), aaguid: aaguid,
            transports: names.compactMap { AuthenticatorTransport(rawValue: String($0)) }, userVerified: try row.get(5),
            backupEligible: eligible, backedUp: try row.get(7), createdAt: try row.get(8), lastUsedAt: try row.get(9),
            credential: CredentialRecord(
                id: id, publicKey: try CredentialPublicKey(cose: try row.get(11)), signCount: count, backupEligible: eligible,
                userHandle: handle))
    }
}
