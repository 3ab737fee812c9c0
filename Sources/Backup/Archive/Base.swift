import ObjectStores
import Vocabulary

/// A copy of a whole database file, byte for byte, taken while the database was in use.
///
/// Its pages may be of different moments: together with the entries from ``first`` to ``usable`` they belong together. So a base keeps no
/// writer waiting, however long it takes.
package struct Base: Sendable, Hashable {
    package let generation: UInt32
    /// All entries up to this one are in the copy.
    package let first: UInt64
    /// The earliest entry that can be restored with it.
    package let usable: UInt64
    package let begunAt: Instant
    /// After this, nothing of the copy changed any more.
    package let endedAt: Instant
    /// Of the copy, in bytes.
    package let size: UInt64
    package let digest: ContentDigest
    /// The copy's object.
    package let data: ObjectKey

    private static let title = "holdfast-base 1"

    package init(
        generation: UInt32, first: UInt64, usable: UInt64, begunAt: Instant, endedAt: Instant, size: UInt64, digest: ContentDigest,
        data: ObjectKey
    ) {
        self.generation = generation
        self.first = first
        self.usable = usable
        self.begunAt = begunAt
        self.endedAt = endedAt
        self.size = size
        self.digest = digest
        self.data = data
    }

    var bytes: [UInt8] {
        ArchiveText.bytes(
            Self.title,
            [
                ("generation", "\(generation)"), ("first", "\(first)"), ("usable", "\(usable)"), ("begun", "\(begunAt.microseconds)"),
                ("ended", "\(endedAt.microseconds)"), ("size", "\(size)"), ("sha256", "\(digest)"), ("data", "\(data)"),
            ])
    }

    init(_ bytes: [UInt8], key: ObjectKey) throws(ArchiveFault) {
        let text = try ArchiveText(bytes, title: Self.title, key: key)
        generation = try text.value("generation")
        first = try text.value("first")
        usable = try text.value("usable")
        begunAt = Instant(microseconds: try text.value("begun"))
        endedAt = Instant(microseconds: try text.value("ended"))
        size = try text.value("size")
        guard let hash = ChainHash(try text.text("sha256")), let digest = ContentDigest(bytes: hash.bytes),
            let data = ObjectKey(try text.text("data"))
        else { throw .altered(key) }
        self.digest = digest
        self.data = data
    }
}
