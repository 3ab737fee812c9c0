import Audit
import Sealing
import Storage
import Tenants
import Vocabulary

extension OwnCopies {
    /// More are a mailing list.
    package static let recipientsMost = 8
    /// In characters: whoever has the file can try passphrases for ever.
    package static let shortestPassphrase = 16
    private static let longestPassphrase = 1000

    /// Whom the files of an environment are sealed to; nobody set any where it is empty.
    package func recipients(of environment: EnvironmentID) async throws -> [AgeRecipient] {
        try await parts.control.read { reader in
            try reader.rows("SELECT recipient FROM own_copy_recipient WHERE environment = \(environment) ORDER BY added_at, recipient")
                .compactMap { AgeRecipient(try $0.get(0, as: String.self)) }
        }
    }

    /// Seals the files that are made from now on to these, and to nobody else. With none, they are kept under the environment's key.
    /// - Throws: ``Refusal`` `recipient`, `recipients`.
    package func setRecipients(_ texts: [String], in environment: HostedEnvironment, by principal: Principal) async throws {
        let recipients = try parse(texts)
        let now = parts.clock.now()
        let event = AuditEvent.ownCopyRecipientsSet(environment: environment.id, recipients: recipients.count)
        // The customer's own log first: nothing is sealed to somebody of whom it doesn't tell.
        let database = try await parts.workspaces(environment.id).database
        try await database.write { [audit = parts.audit] in try audit.record(event, by: principal, at: now, in: $0) }
        try await parts.control.write { [watched = parts.watched] transaction in
            try transaction.run("DELETE FROM own_copy_recipient WHERE environment = \(environment.id)")
            for recipient in recipients {
                try transaction.run(
                    """
                    INSERT INTO own_copy_recipient (environment, recipient, added_at) VALUES (\(environment.id), \(recipient.description), \(now))
                    """)
            }
            try watched.record(event, by: principal, at: now, in: transaction)
        }
    }

    /// In the order given, each once.
    func parse(_ texts: [String]) throws -> [AgeRecipient] {
        var recipients: [AgeRecipient] = []
        for text in texts {
            // One that nobody could ever open would be found out too late.
            guard let recipient = AgeRecipient(text), (try? recipient.lock(Secret(parts.entropy.bytes(16)), entropy: parts.entropy)) != nil
            else {
                throw Refusal.invalid("recipient", "\(AgeFault.recipient(text)). 'age-keygen' makes one.", field: "recipients")
            }
            if !recipients.contains(recipient) { recipients.append(recipient) }
        }
        guard recipients.count <= Self.recipientsMost else {
            throw Refusal.invalid("recipients", "Give at most \(Self.recipientsMost) recipients.", field: "recipients")
        }
        return recipients
    }

    static func check(passphrase: String) throws -> Secret {
        guard (shortestPassphrase...longestPassphrase).contains(passphrase.count) else {
            throw Refusal.invalid(
                "passphrase",
                "A passphrase has at least \(shortestPassphrase) characters: whoever finds the file can try others as long as they like.",
                field: "passphrase")
        }
        // A terminal could not be given it again.
        guard !passphrase.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
            throw Refusal.invalid("passphrase", "A passphrase is one line of text.", field: "passphrase")
        }
        return Secret(Array(passphrase.utf8))
    }

    /// `k7f2-9x3m-…`: 120 random bits in letters and digits that nobody mixes up.
    package static func passphrase(_ entropy: any Entropy) -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        let letters = entropy.bytes(24).map { alphabet[Int($0 & 31)] }
        return stride(from: 0, to: letters.count, by: 4).map { String(letters[$0..<$0 + 4]) }.joined(separator: "-")
    }
}
