import Audit
import Crypto
import Jobs
import Storage
import Vocabulary

extension Imports {
    /// Does the queued work of an operation, in batches of one transaction each, until it is finished or stopped. Called again after a crash
    /// (see `Operations.recover`), it goes on after the last batch that was committed.
    ///
    /// A refusal is written into the operation and is not thrown; what is thrown is the platform's own failure, also written down there.
    @discardableResult
    package func run(_ operation: OperationID) async throws -> ImportReport {
        let run = try await ImportRun(operation, workspace)
        try await workspace.operations.begin(operation)
        try await run.work()
        return try await workspace.database.read { try Self.report(operation, limit: Self.keptRefusals, $0) }
    }

    @discardableResult
    package func run(_ operation: Operation) async throws -> ImportReport { try await run(operation.id) }
}

/// One import at work.
private struct ImportRun {
    private let operation: OperationID
    private let workspace: Workspace
    private let upload: OperationID
    private let collection: Collection
    private let design: Design
    private let shape: ImportShape
    private let mode: ImportPlan.Mode
    private let mappings: [ImportPlan.Mapping]
    private let author: Author
    private let bytes: Int
    private let start: Counts

    private struct Counts: Sendable {
        var writing = false
        var rowsDone = 0
        var imported = 0
        var refused = 0
        var millisecond: Int64 = 0
    }

    init(_ operation: OperationID, _ workspace: Workspace) async throws {
        self = try await workspace.database.read { reader in
            try ImportRun(operation, workspace, reader)
        }
    }

    private init(_ operation: OperationID, _ workspace: Workspace, _ reader: any Reader) throws {
        let row = try reader.row(
            """
            SELECT r.upload, r.collection, r.plan, r.author, r.writing, r.rows_done, r.imported, r.refused, u.name, u.is_utf8, u.bytes
            FROM import_run r JOIN import_upload u ON u.id = r.upload WHERE r.operation = \(operation)
            """)
        guard let row else { throw Refusal.notFound("import") }
        self.operation = operation
        self.workspace = workspace
        let upload: OperationID = try row.get(0)
        self.upload = upload
        design = try workspace.designs.current(in: reader, of: workspace.database.name)
        guard let collection = try design.collection(row.get(1, as: CollectionID.self)), collection.deletedAt == nil,
            let plan = try ImportPlan.read(JSONReader.read(row.get(2, as: String.self).utf8))
        else { throw Refusal.notFound("collection") }
        self.collection = collection
        (mode, mappings) = plan
        author = try Author(stored: row.get(3))
        start = Counts(
            writing: try row.get(4), rowsDone: try row.get(5), imported: try row.get(6), refused: try row.get(7),
            millisecond: try Self.nextMillisecond(operation, reader))
        let first = try reader.value("SELECT bytes FROM import_chunk WHERE upload = \(upload) AND number = 0", as: [UInt8].self) ?? []
        shape = ImportShape(
            name: try row.get(8), sample: Array(first.prefix(ImportShape.sampleLength)), isUTF8: try row.get(9))
        bytes = try row.get(10)
    }

    /// The first one after the ids that earlier batches of this import gave.
    private static func nextMillisecond(_ operation: OperationID, _ reader: any Reader) throws -> Int64 {
        let last = try reader.value(
            "SELECT id FROM record WHERE number = (SELECT max(last_number) FROM import_batch WHERE operation = \(operation))",
            as: String.self)
        guard let digits = last?.replacing("-", with: "").prefix(12), let millisecond = Int64(digits, radix: 16) else { return 0 }
        return millisecond + 1
    }

    func work() async throws {
        do { try await workToTheEnd() } catch is OperationTakenOver {
            // Its end is the other node's to write.
        }
    }

    private func workToTheEnd() async throws {
        var counts = start
        do {
            if mode == .allOrNothing, !counts.writing {
                try await check()
                counts = Counts(writing: true)
            }
            try await write(&counts)
            try await end(.succeeded, counts, message: Self.summary(counts))
        } catch let taken as OperationTakenOver {
            throw taken
        } catch let cancellation as CancellationError {
            // When the server stops, the operation stays as it is and goes on later.
            guard try await workspace.operations.find(operation).isCancelling else { throw cancellation }
            try await stop(.cancelled, counts, because: "Stopped.")
        } catch let refusal as Refusal {
            try await stop(.failed, counts, because: refusal.message)
        } catch {
            try await stop(.failed, counts, because: "This failed because of a fault of the platform. Its operators have been told.")
            throw error
        }
    }

    /// Reads the whole file without keeping anything but what is refused.
    private func check() async throws {
        try await workspace.database.write { [operation, operations = workspace.operations] in
            try operations.requireOurs(operation, in: $0)
            try $0.run("DELETE FROM import_refusal WHERE operation = \(operation)")
            try $0.run("UPDATE import_run SET refused = 0 WHERE operation = \(operation)")
        }
        var source = try ImportSource(workspace.database, upload, shape, collection, mappings, skip: 0)
        var seen: [Int: [Digest16: Int]] = [:]
        var refused = 0
        while var batch = try await source.next() {
            try await checkpoint()
            let task = try batchTask()
            let rows = batch.rows
            let resolved = try await workspace.database.read { try task.resolve(rows, $0) }
            batch.refused += resolved.refused
            for row in resolved.good {
                for unique in row.uniques {
                    let digest = Digest16(unique.value)
                    if let line = seen[unique.field]?[digest] {
                        let field = collection.fields[unique.field]
                        batch.refused.append(
                            RefusedLine(
                                line: row.line, reasons: [.init(field: field.key, message: "The same \(field.label) is in line \(line).")]))
                    } else {
                        seen[unique.field, default: [:]][digest] = row.line
                    }
                }
            }
            let kept = Array(batch.refused.sorted { $0.line < $1.line }.prefix(max(0, Imports.keptRefusals - refused)))
            refused += batch.refused.count
            let (done, total, operation) = (batch.bytesDone, refused, operation)
            try await workspace.database.write { [operations = workspace.operations] transaction in
                try operations.requireOurs(operation, in: transaction)
                try Self.keep(kept, of: operation, transaction)
                try transaction.run("UPDATE import_run SET refused = \(total) WHERE operation = \(operation)")
                try advance(to: done, message: "Checking before anything is imported.", transaction)
            }
        }
        guard refused == 0 else {
            let lines = refused == 1 ? "1 line" : "\(refused) lines"
            throw Refusal.invalid("lines-refused", "Nothing was imported: \(lines) can't be kept. Correct the file and send it again.")
        }
        try await workspace.database.write { [operation, operations = workspace.operations] in
            try operations.requireOurs(operation, in: $0)
            try $0.run("UPDATE import_run SET writing = 1 WHERE operation = \(operation)")
        }
    }

    private func write(_ counts: inout Counts) async throws {
        var source = try ImportSource(workspace.database, upload, shape, collection, mappings, skip: counts.rowsDone)
        var next = try await source.next()
        while let batch = next {
            try await checkpoint()
            // The next chunk is read while this one is written.
            async let written = store(batch, counts)
            let following = try await source.next()
            counts = try await written
            next = following
        }
    }

    private func store(_ batch: ImportSource.Batch, _ before: Counts) async throws -> Counts {
        let task = try batchTask()
        let (operation, principal, offset) = (operation, author.principal, mode == .allOrNothing ? bytes : 0)
        return try await workspace.database.write { [workspace, collection, mode, author] transaction in
            try workspace.operations.requireOurs(operation, in: transaction)
            let current = try workspace.designs.current(in: transaction, of: workspace.database.name).collection(collection.id)
            guard let current, current.deletedAt == nil, current.version == collection.version else {
                throw Refusal.conflict("collection-changed", "The collection was changed while the file was imported.")
            }
            _ = author
            let outcome = try task.store(batch.rows, firstMillisecond: before.millisecond, transaction)
            let refused = (batch.refused + outcome.refused).sorted { $0.line < $1.line }
            if mode == .allOrNothing, let first = refused.first {
                let reason = first.reasons.first?.message ?? ""
                throw Refusal.conflict("lines-refused", "Line \(first.line) can't be kept any more: \(reason) Nothing of the file stays.")
            }
            var counts = before
            counts.rowsDone = batch.rowsDone
            counts.imported += outcome.imported
            counts.refused += refused.count
            counts.millisecond = outcome.nextMillisecond
            try Self.keep(Array(refused.prefix(max(0, Imports.keptRefusals - before.refused))), of: operation, transaction)
            if let numbers = outcome.numbers, let first = outcome.first, let last = outcome.last {
                try transaction.run(
                    """
                    INSERT INTO import_batch (operation, first_number, last_number)
                    VALUES (\(operation), \(numbers.lowerBound), \(numbers.upperBound))
                    """)
                let event = AuditEvent.recordsImported(
                    operation: operation, collection: collection.id, count: outcome.imported, first: first, last: last,
                    digest: outcome.digest)
                try workspace.audit.record(event, by: principal, at: task.now, in: transaction)
            }
            try transaction.run(
                """
                UPDATE import_run SET rows_done = \(counts.rowsDone), imported = \(counts.imported), refused = \(counts.refused)
                WHERE operation = \(operation)
                """)
            try advance(to: offset + batch.bytesDone, message: Self.summary(counts), transaction)
            return counts
        }
    }

    /// What was imported stays and is counted; an import that was to be whole is taken back.
    private func stop(_ state: Operation.State, _ counts: Counts, because reason: String) async throws {
        guard mode == .allOrNothing else {
            let report = try await workspace.database.read { [operation] in try Imports.report(operation, limit: 0, $0) }
            let kept = report.imported == 0 ? "Nothing was imported." : "\(report.imported) records were imported before that, and stay."
            let counts = Counts(imported: report.imported, refused: report.refused)
            return try await end(state, counts, message: "\(reason) \(kept)")
        }
        let taken = try await takeBack()
        let suffix = taken == 0 ? "" : " \(taken) records that were imported already have been taken back."
        try await end(state, Counts(refused: counts.refused), message: reason + suffix)
    }

    private func takeBack() async throws -> Int {
        let ranges = try await workspace.database.read { [operation] in
            try $0.rows("SELECT first_number, last_number FROM import_batch WHERE operation = \(operation) ORDER BY first_number DESC").map
            {
                (try $0.get(0, as: Int64.self), try $0.get(1, as: Int64.self))
            }
        }
        var taken = 0
        for (first, last) in ranges {
            let now = workspace.clock.now()
            taken += try await workspace.database.write { [workspace, operation, collection, author] transaction in
                try workspace.operations.requireOurs(operation, in: transaction)
                let search: SQL = transaction.dialect == .sqlite ? "rowid" : "number"
                try transaction.run("DELETE FROM record_search WHERE \(search) BETWEEN \(first) AND \(last)")
                try transaction.run("DELETE FROM record_version WHERE number BETWEEN \(first) AND \(last)")
                let count = try transaction.run("DELETE FROM record WHERE number BETWEEN \(first) AND \(last)")
                try transaction.run("DELETE FROM import_batch WHERE operation = \(operation) AND first_number = \(first)")
                try transaction.run("UPDATE import_run SET imported = 0 WHERE operation = \(operation)")
                let event = AuditEvent.importTakenBack(operation: operation, collection: collection.id, count: count)
                try workspace.audit.record(event, by: author.principal, at: now, in: transaction)
                return count
            }
        }
        return taken
    }

    private func end(_ state: Operation.State, _ counts: Counts, message: String) async throws {
        let now = workspace.clock.now()
        let result: JSONValue = [
            "collection": .string(collection.slug), "imported": .integer(Int64(counts.imported)),
            "refused": .integer(Int64(counts.refused)),
        ]
        try await workspace.database.write { [workspace, operation, upload, collection, author] transaction in
            try workspace.operations.requireOurs(operation, in: transaction)
            let event = AuditEvent.importFinished(
                operation: operation, collection: collection.id, imported: counts.imported, refused: counts.refused)
            try workspace.audit.record(event, by: author.principal, at: now, in: transaction)
            try Imports.forget(upload, in: transaction)
            try transaction.run("DELETE FROM import_batch WHERE operation = \(operation)")
            try Operations.finish(operation, state, message: message, result: result, at: now, in: transaction)
        }
        workspace.operations.announce(operation)
    }

    private func checkpoint() async throws {
        try Task.checkCancellation()
        guard try await !workspace.operations.find(operation).isCancelling else { throw CancellationError() }
    }

    private func batchTask() throws -> ImportBatch {
        ImportBatch(collection: collection, design: design, author: author, now: workspace.clock.now(), entropy: workspace.entropy)
    }

    private func advance(to done: Int, message: String, _ transaction: any Transaction) throws {
        try transaction.run("UPDATE operation SET done = \(done), message = \(message) WHERE id = \(operation) AND state = 'running'")
        workspace.operations.announce(operation)
    }

    private static func keep(_ lines: [RefusedLine], of operation: OperationID, _ transaction: any Transaction) throws {
        for line in lines {
            try transaction.run(
                """
                INSERT INTO import_refusal (operation, line, reasons) VALUES (\(operation), \(line.line), \(Refusal.FieldProblem.text(line.reasons)))
                ON CONFLICT (operation, line) DO NOTHING
                """)
        }
    }

    private static func summary(_ counts: Counts) -> String {
        let records = counts.imported == 1 ? "1 record" : "\(counts.imported) records"
        guard counts.refused > 0 else { return "Imported \(records)." }
        return "Imported \(records); \(counts.refused == 1 ? "1 line was" : "\(counts.refused) lines were") refused."
    }
}

/// Enough of a digest to tell values apart, and no more memory.
private struct Digest16: Hashable {
    private let high: UInt64
    private let low: UInt64

    init(_ value: Value) {
        let bytes = Array(SHA256.hash(data: Array("\(value)".utf8)))
        high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
