import ObjectStores

/// What is wrong with an archive, or with what was asked of it. Never left unsaid: an archive that has a gap says where.
package enum ArchiveFault: Error, Sendable, Hashable {
    /// An object that others build on is not there.
    case missing(ObjectKey)
    /// An object ends early.
    case torn(ObjectKey)
    /// An object is not what was written.
    case altered(ObjectKey)
    /// An object is whole, but belongs elsewhere: in another generation, at another position, after other entries.
    case misplaced(ObjectKey)
    /// Entries are missing between two that are there.
    case gap(generation: UInt32, after: UInt64, before: UInt64)
    /// The archive ends before a position that it is known to have had.
    case stale(expected: ArchivePosition, newest: UInt64)
    /// The archive has other entries up to a position than it is known to have had.
    case rewritten(ArchivePosition)
    /// Somebody else wrote where this writer was about to.
    case contested(ObjectKey)
    /// Written by a newer release.
    case newerFormat(ObjectKey)
    /// There is nothing to restore from, or nothing as early as that.
    case tooEarly
    /// Between the end of a generation and the first moment of the next, nobody knows what was committed.
    case unrecorded(generation: UInt32)
    /// There is no such commit.
    case noCommit(generation: UInt32, ordinal: UInt64)
}

extension ArchiveFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let key): "\(key) is missing from the archive"
        case .torn(let key): "\(key) ends early: it was cut, or not written whole"
        case .altered(let key): "\(key) is not what was written: its hash is another one"
        case .misplaced(let key): "\(key) is whole, but does not belong there"
        case .gap(let generation, let after, let before):
            "entries \(after + 1) to \(before - 1) of generation \(generation) are missing"
        case .stale(let expected, let newest):
            "the archive ends at entry \(newest) of generation \(expected.generation), but it once had entry \(expected.ordinal): this is an old copy"
        case .rewritten(let position):
            "the entries up to \(position.ordinal) of generation \(position.generation) are not those that were written"
        case .contested(let key): "\(key) was written by somebody else: two servers ship to one archive"
        case .newerFormat(let key): "\(key) was written by a newer release"
        case .tooEarly: "the archive does not reach back that far"
        case .unrecorded(let generation): "that moment lies after the end of generation \(generation), where shipping was broken off"
        case .noCommit(let generation, let ordinal): "generation \(generation) has no commit \(ordinal)"
        }
    }
}
