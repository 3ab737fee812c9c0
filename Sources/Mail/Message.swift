import Vocabulary

/// One plain-text message to one person.
package struct Message: Sendable, Hashable {
    package static let longestSubject = 200
    package static let longestText = 256 * 1024

    package let to: MailAddress
    /// One line of 1–200 characters.
    package let subject: String
    /// Lines end with LF.
    package let text: String

    /// - Throws: ``Refusal`` `mail-address`, `mail-subject`, `mail-text`.
    package init(to address: String, subject: String, text: String) throws(Refusal) {
        try self.init(to: MailAddress(address), subject: subject, text: text)
    }

    package init(to address: MailAddress, subject: String, text: String) throws(Refusal) {
        guard let subject = Text.name(subject, limit: Self.longestSubject) else {
            throw .invalid("mail-subject", "A subject is one line of 1–\(Self.longestSubject) characters.", field: "subject")
        }
        guard text.utf8.count <= Self.longestText, !text.utf8.contains(0) else {
            throw .invalid("mail-text", "A message is text of at most \(Self.longestText / 1024) KiB.", field: "text")
        }
        (to, self.subject, self.text) = (address, subject, text)
    }
}

/// The envelope and headers that a message gets when it leaves.
package struct Posting: Sendable, Hashable {
    package let message: Message
    /// Without angle brackets: `<id>@<sender's domain>`. The same message tried twice has the same one, so that it can be recognised.
    package let messageID: String
    package let at: Instant

    package init(_ message: Message, messageID: String, at instant: Instant) {
        self.message = message
        self.messageID = messageID
        at = instant
    }
}

/// Takes messages out. Returns when the other side has taken responsibility for it.
package protocol Mailer: Sendable {
    /// `id` names this message; sent again after a failure, it carries the same `Message-ID`.
    /// - Throws: ``MailFault``
    func send(_ message: Message, id: String) async throws
}

package enum MailFault: Error, Sendable, Hashable {
    /// Trying again later may help. The reason is for the log; it holds no address.
    case temporary(reason: String)
    /// It never will: the server refused this recipient or this message.
    case permanent(reason: String)
    /// The settings contradict what is promised, such as plain text to another machine.
    case settings(reason: String)
}

extension MailFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .temporary(let reason), .permanent(let reason), .settings(let reason): reason
        }
    }
}
