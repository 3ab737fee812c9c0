import Identity
import Jobs
import Mail
import Storage
import Vocabulary

/// Mail to the vendor's operators about each automatic ban, as rows of its own transaction.
package struct BanAlarm: Sendable {
    /// Most bans in an hour that are told of one by one. A flood of attackers must not become a flood of mail.
    package static let mostInAnHour = 20

    private let outbox: Outbox
    private let plane: ControlPlane

    package init(_ outbox: Outbox, _ plane: ControlPlane) { (self.outbox, self.plane) = (outbox, plane) }

    func tell(of ban: Ban, in transaction: any Transaction) throws {
        // Nobody's network (RFC 5737, RFC 3849): the platform's own trials.
        guard !Self.documentation.contains(where: { $0.contains(ban.range.start) }) else { return }
        let now = plane.clock.now()
        let lately = try transaction.value(
            "SELECT count(*) FROM ban WHERE since > \(now - .hours(1)) AND reason <> 'by-hand'", as: Int.self)
        guard let lately, lately <= Self.mostInAnHour else { return }
        let isLast = lately == Self.mostInAnHour
        for address in try Staff.addresses(in: transaction) {
            let message = try Message(
                to: address, subject: "\(plane.product) banned \(ban.range) for \(ban.reason.title)",
                text: """
                    Hello,

                    \(ban.range) was banned by itself for \(ban.reason.title), until \(Ban.words(ban.until)). It is ban \(ban.strike) in a row.
                    \(isLast ? "\nThese were \(Self.mostInAnHour) bans within an hour. Of further ones no mail is sent until it is calmer.\n" : "")
                    See who is banned, and lift it if it was a mistake:

                    \(plane.origin)/bans

                    """)
            try outbox.add(.mail(message, once: "ban/\(ban.id)/\(address)", expiresAt: now + .days(1)), in: transaction, at: now)
        }
    }

    package static let documentation = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"].compactMap {
        AddressRange($0)
    }
}
