import Mail
import Vocabulary

/// Something to be carried out of the platform after the transaction that it is part of.
package struct OutboxJob: Sendable, Hashable {
    /// Says which carrier takes it, such as `mail`.
    package let kind: String
    /// Sealed while it waits and erased when it has been delivered: it may hold single-use links.
    package let payload: JSONValue
    /// A second job with the same one is not added, whatever became of the first.
    package let once: String?
    /// Not tried after this: a link that has expired needn't be sent.
    package let expiresAt: Instant?

    package init(kind: String, payload: JSONValue, once: String? = nil, expiresAt: Instant? = nil) {
        self.kind = kind
        self.payload = payload
        self.once = once
        self.expiresAt = expiresAt
    }

    package static func mail(_ message: Message, once: String? = nil, expiresAt: Instant? = nil) -> OutboxJob {
        let payload: JSONValue = [
            "to": .string(message.to.description), "subject": .string(message.subject), "text": .string(message.text),
        ]
        return OutboxJob(kind: "mail", payload: payload, once: once, expiresAt: expiresAt)
    }
}

/// A job on its way.
package struct Parcel: Sendable, Hashable {
    /// The same in each attempt: the other side can tell a repetition by it.
    package let id: String
    package let kind: String
    package let payload: JSONValue
    /// From 1.
    package let attempt: Int
}

/// Takes one kind of job to where it goes.
package protocol OutboxCarrier: Sendable {
    /// Returns when the other side has it. May be called again for the same parcel if the process ends in between.
    /// - Throws: ``Undeliverable`` where trying again can't help; anything else is tried again later.
    func deliver(_ parcel: Parcel) async throws
}

/// Ends a job at once. The reason is kept and logged: no addresses, no content.
package struct Undeliverable: Error, Sendable, Hashable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}

/// Carries jobs of kind `mail`.
package struct MailCarrier: OutboxCarrier {
    private let mailer: any Mailer

    package init(_ mailer: any Mailer) { self.mailer = mailer }

    package func deliver(_ parcel: Parcel) async throws {
        guard case .object(let members) = parcel.payload, case .string(let to) = members["to"],
            case .string(let subject) = members["subject"],
            case .string(let text) = members["text"], let message = try? Message(to: to, subject: subject, text: text)
        else { throw Undeliverable("the message could not be read") }
        do {
            try await mailer.send(message, id: parcel.id)
        } catch let fault as MailFault {
            if case .permanent(let reason) = fault { throw Undeliverable(reason) }
            throw fault
        }
    }
}
