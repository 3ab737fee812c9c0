import Storage
import Vocabulary

/// One entry as it is read: what happened, who did it, when.
package struct AuditEntry: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: AuditField

        package init(name: String, value: AuditField) {
            self.name = name
            self.value = value
        }

        /// The value as text, for people.
        package var text: String {
            switch value {
            case .name(let text), .reference(let text): text
            case .number(let number): String(number)
            }
        }
    }

    /// The entry's place in the log, from 0.
    package let seq: UInt64
    package let at: Instant
    /// The event's name in the catalogue.
    package let event: String
    /// `account:…`, `client:…`, `shell:…`, `platform:…` or `anonymous`.
    package let actor: String
    package let fields: [Field]
    package let session: String?
    package let network: String?
    package let request: String?
    /// The line whose hash is the tree's leaf.
    package let body: String

    /// The account that acted, if a person did.
    package var account: AccountID? {
        actor.hasPrefix("account:") ? AccountID(actor.dropFirst("account:".count)) : nil
    }

    /// What happened in plain words.
    package var title: String { AuditEvent.title(named: event) }

    /// Reads a body. Nil where it is none: whoever shows entries shows the body then.
    package init?(body: String) {
        guard let value = try? JSONReader.read(body.utf8), let actor = value["actor"]?.string, let at = value["at"]?.integer,
            let event = value["event"]?.string, let seq = value["seq"]?.integer, seq >= 0, let fields = value["fields"]?.object
        else { return nil }
        self.seq = UInt64(seq)
        self.at = Instant(microseconds: at)
        self.event = event
        self.actor = actor
        self.fields = fields.sorted { $0.key < $1.key }.compactMap { name, value in
            guard let value = AuditField(value) else { return nil }
            return Field(name: name, value: value)
        }
        session = value["session"]?.string
        network = value["network"]?.string
        request = value["request"]?.string
        self.body = body
    }
}

extension AuditField {
    fileprivate init?(_ value: JSONValue) {
        if let text = value["name"]?.string {
            self = .name(text)
        } else if let text = value["reference"]?.string {
            self = .reference(text)
        } else if let number = value["number"]?.integer {
            self = .number(number)
        } else {
            return nil
        }
    }
}
