import Storage
import Vocabulary

/// A block of addresses that is refused for a while.
package struct Ban: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        /// The offence that was one too many.
        case offence(Offence)
        case byHand
    }

    package let id: BanID
    package let range: AddressRange
    package let reason: Reason
    /// The how manyth in a row, from 1.
    package let strike: Int
    package let since: Instant
    package let until: Instant
    package let liftedAt: Instant?
    /// Who lifted it: an account's identifier, `shell/root`, `platform/guard`.
    package let liftedBy: String?

    package func isInForce(at now: Instant) -> Bool { liftedAt == nil && now < until }

    package var length: Duration { until - since }

    /// `2026-11-21, 18:01:57 UTC`.
    package static func words(_ moment: Instant) -> String {
        let text = moment.description
        return "\(text.prefix(10)), \(text.dropFirst(11).prefix(8)) UTC"
    }
}

extension Ban.Reason {
    package init?(_ text: String) {
        if text == "by-hand" {
            self = .byHand
        } else if let offence = Offence(rawValue: text) {
            self = .offence(offence)
        } else {
            return nil
        }
    }

    package var name: String {
        switch self {
        case .offence(let offence): offence.rawValue
        case .byHand: "by-hand"
        }
    }

    package var title: String {
        switch self {
        case .offence(let offence): offence.title
        case .byHand: "an operator's reason"
        }
    }
}

extension Ban {
    static let columns: SQL = "id, addresses, reason, strike, since, until, lifted_at, lifted_by"

    init(row: Row) throws {
        id = try row.get(0)
        guard let range = AddressRange(try row.get(1, as: String.self)) else { throw StorageError.unexpectedColumn("ban.addresses") }
        self.range = range
        // A reason of a newer release: the ban holds all the same.
        reason = Reason(try row.get(2, as: String.self)) ?? .byHand
        strike = try row.get(3)
        since = try row.get(4)
        until = try row.get(5)
        liftedAt = try row.get(6)
        liftedBy = try row.get(7)
    }
}

extension AddressRange {
    /// What a person typed.
    /// - Throws: ``Refusal`` `address-range`
    package static func typed(_ text: String) throws -> AddressRange {
        guard let range = AddressRange(text.filter { !$0.isWhitespace }) else {
            throw Refusal.invalid(
                "address-range", "Give one address or a range, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48.", field: "addresses")
        }
        return range
    }
}
