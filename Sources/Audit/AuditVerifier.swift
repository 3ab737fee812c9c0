import Ledger
import Storage
import Vocabulary

/// Checks a log without trusting whoever holds it.
///
/// What it needs is the public key, and for a roll-back a checkpoint that somebody kept elsewhere: a log that was put back as a
/// whole, checkpoints included, looks like its own past in everything else.
package struct AuditVerifier: Sendable {
    package struct Report: Sendable {
        package let origin: String
        package let entries: UInt64
        package let root: TreeHash
        /// Checkpoints that hold.
        package let checkpoints: Int
        /// Entries younger than the last checkpoint. In a database that is usual, in an export a fault.
        package let unsigned: UInt64
        /// The key that was believed.
        package let key: NoteKey?
        package let faults: [AuditFault]

        package var holds: Bool { faults.isEmpty }

        /// The same with what else was found about this log.
        package func adding(_ more: [AuditFault]) -> Report {
            Report(
                origin: origin, entries: entries, root: root, checkpoints: checkpoints, unsigned: unsigned, key: key, faults: faults + more)
        }
    }

    /// The key to believe. Nil: the one that an export brings along, which proves only that the file agrees with itself.
    private let key: NoteKey?
    /// Signed checkpoints that were kept elsewhere.
    private let kept: [String]

    package init(key: NoteKey?, kept: [String] = []) {
        self.key = key
        self.kept = kept
    }

    /// Checks the log in a database. The key is needed, since a database brings none along.
    package func verify(_ database: any Database) async throws -> Report {
        let start = try await database.read { reader in
            (
                frontier: try? AuditLog.frontier(in: reader),
                first: try reader.value("SELECT min(seq) FROM audit_entry", as: Int64?.self).flatMap(\.self),
                last: try reader.value("SELECT max(seq) FROM audit_entry", as: Int64?.self).flatMap(\.self),
                checkpoints: try reader.rows("SELECT size, hashes, note FROM audit_checkpoint ORDER BY size")
            )
        }
        var check = AuditCheck(key: key)
        for row in start.checkpoints { check.expect(row) }
        for note in kept { check.expect(kept: note) }
        guard let frontier = start.frontier else {
            check.faults.append(.treeMissing)
            return check.report(tailAllowed: true)
        }
        check.takeRoot(tiles: true)
        var next: UInt64 = 0
        while next < frontier.size {
            let first = Int64(clamping: next)
            let end = Int64(clamping: min(frontier.size, next + 5000))
            let rows = try await database.read { reader in
                try reader.rows("SELECT seq, at, event, actor, body FROM audit_entry WHERE seq >= \(first) AND seq < \(end) ORDER BY seq")
            }
            guard try check.take(rows, from: next, to: UInt64(end)) else { return check.report(tailAllowed: true) }
            next = UInt64(end)
        }
        if let first = start.first, first < 0 { check.faults.append(.entryUncounted(UInt64(clamping: first))) }
        if let last = start.last, last >= Int64(clamping: frontier.size) { check.faults.append(.entryUncounted(UInt64(clamping: last))) }
        if check.frontier != frontier { check.faults.append(.treeDiffers) }
        try await compareTiles(database, check: &check)
        return check.report(tailAllowed: true)
    }

    /// Checks an export, given whole as bytes (a mapped file will do).
    package func verify(export bytes: UnsafeRawBufferPointer) -> Report {
        var lines = AuditLines(bytes)
        guard let header = lines.next(), let value = try? JSONReader.read(header.bytes), value["holdfast-audit"] == .integer(1),
            value.object?.count == 5, value.text.utf8.elementsEqual(header.bytes), let origin = value["origin"]?.string,
            let size = value["size"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let checkpoints = value["checkpoints"]?.integer, let own = value["key"]?.string.flatMap({ NoteKey($0) })
        else {
            var check = AuditCheck(key: key)
            check.faults.append(.malformed(line: 1))
            return check.report(tailAllowed: false)
        }
        var check = AuditCheck(key: key ?? own)
        if let key, own != key { check.faults.append(.foreignKey(own.description)) }
        if origin != (key ?? own).name { check.faults.append(.foreign(origin: origin)) }
        for note in kept { check.expect(kept: note) }

        var inEntries = false
        var last: UInt64?
        var seen = 0
        while let line = lines.next() {
            if line.starts(with: "{\"actor\":") {
                if !inEntries { check.takeRoot(tiles: false) }
                inEntries = true
                check.take(leaf: .leaf(line.bytes))
            } else if !inEntries, line.starts(with: "{\"checkpoint\":"), let value = try? JSONReader.read(line.bytes),
                let note = value["checkpoint"]?.string, value.text.utf8.elementsEqual(line.bytes)
            {
                let size = check.expect(note: note)
                if let size, size <= last ?? 0 { check.faults.append(.checkpointMisplaced(size)) }
                last = size ?? last
                seen += 1
            } else {
                check.faults.append(.malformed(line: line.number))
                return check.report(tailAllowed: false)
            }
        }
        if !inEntries { check.takeRoot(tiles: false) }
        if !lines.endsWhole { check.faults.append(.malformed(line: lines.number)) }
        if seen != checkpoints { check.faults.append(.checkpointsMissing(expected: Int(clamping: checkpoints), found: seen)) }
        if check.frontier.size != size { check.faults.append(.rolledBack(signed: size, found: check.frontier.size)) }
        return check.report(tailAllowed: false)
    }

    private func compareTiles(_ database: any Database, check: inout AuditCheck) async throws {
        let stored = try await database.read { reader in
            try reader.rows("SELECT level, place, hashes FROM audit_tile").map { row in
                (level: try row.get(0, as: Int.self), index: try row.get(1, as: Int64.self), bytes: try row.get(2, as: [UInt8].self))
            }
        }
        for tile in stored {
            guard let index = UInt64(exactly: tile.index), check.tiles[.init(level: tile.level, index: index)]?.bytes == tile.bytes else {
                check.faults.append(.tileDiffers(level: tile.level, index: UInt64(clamping: tile.index)))
                continue
            }
        }
    }
}
