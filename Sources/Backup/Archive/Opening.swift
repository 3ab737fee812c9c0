import ObjectStores
import Vocabulary

/// The first object of a generation: of what, since when, and why the one before did not go on. Its hash begins the chain, so no segment of
/// another database or generation fits.
package struct Opening: Sendable, Hashable {
    /// Why a generation was begun.
    package enum Reason: String, Sendable, Hashable {
        /// There was no archive.
        case first
        /// Commits may have left the log before they were shipped: the server ran without shipping, the destination was away for too long, or
        /// another file took the database's place.
        case gap
        /// The log lacks commits that the archive has: it was put back, or its disk lost what it had promised to keep.
        case behind
    }

    /// `environment/…`
    package let database: String
    package let generation: UInt32
    /// In bytes.
    package let pageSize: Int
    package let openedAt: Instant
    package let reason: Reason
    /// Tells apart what would otherwise be the same: a generation that was deleted and one that took its number.
    let nonce: String

    private static let title = "holdfast-backup 1"

    package init(
        database: String, generation: UInt32, pageSize: Int, openedAt: Instant, reason: Reason, entropy: any Entropy = SystemEntropy()
    ) {
        self.database = database
        self.generation = generation
        self.pageSize = pageSize
        self.openedAt = openedAt
        self.reason = reason
        nonce = entropy.bytes(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    var bytes: [UInt8] {
        ArchiveText.bytes(
            Self.title,
            [
                ("database", database), ("generation", "\(generation)"), ("page-size", "\(pageSize)"),
                ("opened", "\(openedAt.microseconds)"),
                ("reason", reason.rawValue), ("nonce", nonce),
            ])
    }

    init(_ bytes: [UInt8], key: ObjectKey) throws(ArchiveFault) {
        let text = try ArchiveText(bytes, title: Self.title, key: key)
        database = try text.text("database")
        generation = try text.value("generation")
        pageSize = try text.value("page-size")
        openedAt = Instant(microseconds: try text.value("opened"))
        guard let reason = Reason(rawValue: try text.text("reason")), pageSize >= 512, pageSize <= 65_536, pageSize.nonzeroBitCount == 1
        else {
            throw .altered(key)
        }
        self.reason = reason
        nonce = try text.text("nonce")
    }

    /// Where the chain begins.
    package var start: ArchivePosition {
        ArchivePosition(generation: generation, ordinal: 0, hash: bytes.withUnsafeBytes(ChainHash.of))
    }
}
