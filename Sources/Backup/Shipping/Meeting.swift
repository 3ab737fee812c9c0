import Crypto
import Storage
import StorageSQLite
import Vocabulary

/// Whether a database goes on where its archive ends. Found out while nothing is committed, and never guessed: where it can't be proved, a new
/// generation begins.
struct Meeting: Sendable {
    enum Outcome: Sendable, Equatable {
        case continues
        case begins(Opening.Reason)
    }

    let outcome: Outcome
    /// In bytes.
    let pageSize: Int
    /// Of the log; nil where it is empty.
    let salts: [UInt8]?
    /// The first frame that the archive doesn't have.
    let nextFrame: UInt32
    /// Whether the archive is still in the log that its last entry was in.
    let isSameLog: Bool
    /// The last frames of the commits that the archive doesn't have.
    let commits: [UInt32]
    /// Nothing in the log was committed later.
    let changedAt: Instant

    /// What every database of ours has.
    private static let pageSize = 4096

    /// - Parameters:
    ///   - sequence: the database's position now.
    ///   - mustBegin: a new generation begins also where the archive could go on.
    init(_ files: DatabaseFiles, _ tail: ArchiveTail?, sequence: UInt64, mustBegin: Bool = false) throws {
        let log = try WriteAheadLog(files.log)
        let header = try log?.header()
        let ends = try log.flatMap { log in try header.map { try log.commits($0).map(\.lastFrame) } } ?? []
        salts = header?.salts
        pageSize = header?.pageSize ?? Self.pageSize
        changedAt = Instant(microseconds: log?.changedAt() ?? 0)

        var (outcome, nextFrame, isSameLog) = (Outcome.begins(.first), UInt32(1), false)
        if let tail {
            if mustBegin || tail.generation.opening.pageSize != pageSize {
                outcome = .begins(.gap)
            } else if let header, let log, let mark = tail.mark, mark.starts(with: header.salts) {
                let isThere = try ends.last ?? 0 >= tail.lastFrame && log.mark(of: tail.lastFrame, pageSize: pageSize) == mark
                if isThere { (outcome, nextFrame, isSameLog) = (.continues, tail.lastFrame + 1, true) } else { outcome = .begins(.behind) }
            } else {
                // Another log, or none: it began when all before it was in the file.
                outcome = try Self.joins(files, tail, sequence: sequence, inLog: UInt64(ends.count)) ? .continues : .begins(.gap)
            }
        }
        (self.outcome, self.nextFrame, self.isSameLog) = (outcome, nextFrame, isSameLog)
        commits = ends.filter { $0 >= nextFrame }
    }

    /// Whether nothing is missing between the archive's end and the beginning of the log. Every commit is counted in the database itself, so
    /// its position says how many there were before those in the log.
    private static func joins(_ files: DatabaseFiles, _ tail: ArchiveTail, sequence: UInt64, inLog count: UInt64) throws -> Bool {
        guard tail.mark == nil else { return !tail.isWithinCommit && tail.sequence > 0 && tail.sequence + count == sequence }
        // A generation that was only opened says nothing yet.
        if tail.generation.bases.isEmpty { return true }
        // Nothing was committed since it began: then the file is its base.
        let file = try OpenFile(files.file)
        guard let base = tail.generation.bases.first(where: { $0.first == 0 }), base.size == UInt64(try file.size()) else { return false }
        var hash = SHA256()
        for offset in stride(from: 0, to: Int(base.size), by: 1 << 20) {
            hash.update(data: try file.read(offset, min(1 << 20, Int(base.size) - offset)))
        }
        return Array(hash.finalize()) == base.digest.bytes
    }
}
