// Moving: a live database becomes another one, row by row.
//
// It promises that the copy holds exactly what the original held at one moment, whatever is written meanwhile; that once the original is
// fenced no write can get into it by anybody's hand, since the database itself refuses it; and that giving up leaves the original as it
// was. It refuses to know what the tables mean, where the databases lie, and who switches over.
import Storage

/// What follows from rows and is not copied, such as an index over words: whoever keeps it makes it anew at the other place.
package protocol Derivation: Sendable {
    /// Tables that hold nothing else.
    var tables: Set<String> { get }

    /// Rows with `keys` were put in, changed or taken away, by table; in the same transaction.
    func follow(_ keys: [String: [RowKey]], in transaction: any Transaction) throws

    /// What of it can be counted, to compare both places.
    func counts(in reader: any Reader) throws -> [String: Int]
}

/// Where everything is rows.
package struct NothingDerived: Derivation {
    package init() {}
    package var tables: Set<String> { [] }
    package func follow(_ keys: [String: [RowKey]], in transaction: any Transaction) throws {}
    package func counts(in reader: any Reader) throws -> [String: Int] { [:] }
}

/// The values of a row's primary key, in the key's order.
package typealias RowKey = [Value]

/// Why a copy can't be made or trusted. The text is for the operator.
package enum MoveFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The two databases don't have the same tables.
    case schemasDiffer(String)
    /// A table that can't be followed: no primary key, or one that is neither text nor a whole number.
    case unfit(table: String)
    /// A row arrived otherwise than it was sent.
    case rowsDiffer(table: String)
    case digestsDiffer
    case auditDiffers
    /// Changes come faster than they can be copied.
    case tooBusy

    package var description: String {
        switch self {
        case .schemasDiffer(let what): "The two places don't have the same tables: \(what). Nothing was moved."
        case .unfit(let table): "The table \(table) has no key by which its rows can be followed. Nothing was moved."
        case .rowsDiffer(let table): "Rows of \(table) arrived otherwise than they were sent. The move was given up; nothing was lost."
        case .digestsDiffer: "The copy is not equal to the original. The move was given up; nothing was lost."
        case .auditDiffers: "The copy's audit log is not the original's. The move was given up; nothing was lost."
        case .tooBusy:
            "The environment is written to faster than it can be copied. The move was given up; try again at a quieter time."
        }
    }
}
