import Ledger

/// What is wrong with a log. Each one means that somebody or something changed what had been written.
package enum AuditFault: Error, Sendable, Hashable {
    /// A file that is no export of a log, or is cut off or mangled at this line (from 1).
    case malformed(line: Int)
    /// The log's tree in the database is missing or can't be read.
    case treeMissing
    case entryMissing(UInt64)
    /// There are entries that the log does not count.
    case entryUncounted(UInt64)
    /// The columns by which an entry is found don't say what its body says.
    case entryMislabelled(UInt64)
    /// The tree over the entries is another than the one that the database remembers.
    case treeDiffers
    /// The entries up to a checkpoint don't give the root that was signed.
    case rootDiffers(size: UInt64)
    /// A checkpoint speaks of more entries than there are: the log was cut or rolled back.
    case rolledBack(signed: UInt64, found: UInt64)
    /// A checkpoint that its key did not sign.
    case forged(size: UInt64)
    /// A text that is no checkpoint.
    case checkpointMalformed(UInt64)
    /// A checkpoint of another log.
    case foreign(origin: String)
    /// A checkpoint stands where another one belongs, or twice.
    case checkpointMisplaced(UInt64)
    /// An export lacks checkpoints that its first line counts.
    case checkpointsMissing(expected: Int, found: Int)
    /// Entries after the last checkpoint of an export; nothing vouches for them.
    case unsigned(entries: UInt64)
    /// A stored tile has other hashes than the entries.
    case tileDiffers(level: Int, index: UInt64)
    /// The object store lacks a tile that its checkpoint covers, or holds one of another size.
    case publishedTileMissing(level: Int, index: UInt64)
    /// A published tile has other hashes than the tiles below it, or than the log.
    case publishedTileDiffers(level: Int, index: UInt64)
    /// The published tiles together don't give the root that was published.
    case publishedRootDiffers(size: UInt64)
    /// The file's key is not the one that was asked for.
    case foreignKey(String)
}

extension AuditFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let line): "line \(line) is not part of an audit export"
        case .treeMissing: "the log's tree is missing"
        case .entryMissing(let seq): "entry \(seq) is missing"
        case .entryUncounted(let seq): "entry \(seq) stands beyond the log's end"
        case .entryMislabelled(let seq): "entry \(seq) is filed under other facts than it holds"
        case .treeDiffers: "the entries give another tree than the one on record"
        case .rootDiffers(let size): "the first \(size) entries are not those that were signed"
        case .rolledBack(let signed, let found): "\(signed) entries were signed, \(found) are here: the log was cut or rolled back"
        case .forged(let size): "the checkpoint at \(size) was not signed by this log's key"
        case .checkpointMalformed(let size): "the checkpoint at \(size) can't be read"
        case .foreign(let origin): "a checkpoint belongs to another log, \(origin)"
        case .checkpointMisplaced(let size): "the checkpoint at \(size) stands in a wrong place"
        case .checkpointsMissing(let expected, let found): "\(expected) checkpoints were exported, \(found) are here"
        case .unsigned(let entries): "\(entries) entries after the last checkpoint are vouched for by nobody"
        case .tileDiffers(let level, let index): "tile \(level)/\(index) has other hashes than the entries"
        case .publishedTileMissing(let level, let index): "published tile \(level)/\(index) is missing"
        case .publishedTileDiffers(let level, let index): "published tile \(level)/\(index) has other hashes than the log"
        case .publishedRootDiffers(let size): "the published tiles are not those of the \(size) entries that were signed"
        case .foreignKey(let key): "signed with another key than the expected one: \(key)"
        }
    }
}
