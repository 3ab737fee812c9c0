import Audit
import Jobs
import Storage
import Vocabulary

/// A file that is staged, in pages of the encrypted database, until it is imported or a day has passed.
package struct ImportUpload: Sendable {
    package let id: OperationID
    package let name: String
    package let bytes: Int
    package let createdAt: Instant
    package let createdBy: Author
    let isUTF8: Bool
}

/// Imports of CSV and JSON Lines. Needs `import` in the collection; a new collection needs `design` as well.
package struct Imports: Sendable {
    let workspace: Workspace

    package static let kind = "import"
    package static let keptRefusals = 10_000
    static let chunkLength = 384 * 1024
    static let uploadLife = Duration.hours(24)
    static let uploadsLimit = 20

    static let migrations: [Migration] = [
        Migration("records_0006_imports") { dialect in
            let tail: SQL = dialect == .sqlite ? " STRICT" : ""
            let integer: SQL = dialect == .sqlite ? "INTEGER" : "BIGINT"
            let blob: SQL = dialect == .sqlite ? "BLOB" : "BYTEA"
            return [
                """
                CREATE TABLE import_upload (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL, bytes \(integer) NOT NULL, is_utf8 \(integer) NOT NULL, author TEXT NOT NULL,
                    created_at \(integer) NOT NULL, complete \(integer) NOT NULL
                )
                """ + tail,
                """
                CREATE TABLE import_chunk (
                    upload TEXT NOT NULL, number \(integer) NOT NULL, bytes \(blob) NOT NULL, PRIMARY KEY (upload, number)
                )
                """ + tail,
                """
                CREATE TABLE import_run (
                    operation TEXT PRIMARY KEY, upload TEXT NOT NULL, collection TEXT NOT NULL, plan TEXT NOT NULL, author TEXT NOT NULL,
                    writing \(integer) NOT NULL, rows_done \(integer) NOT NULL, imported \(integer) NOT NULL, refused \(integer) NOT NULL
                )
                """ + tail,
                """
                CREATE TABLE import_batch (
                    operation TEXT NOT NULL, first_number \(integer) NOT NULL, last_number \(integer) NOT NULL,
                    PRIMARY KEY (operation, first_number)
                )
                """ + tail,
                """
                CREATE TABLE import_refusal (
                    operation TEXT NOT NULL, line \(integer) NOT NULL, reasons TEXT NOT NULL, PRIMARY KEY (operation, line)
                )
                """ + tail,
            ]
        }
    ]

    /// Stages a file. Refused beyond `limit` bytes; nothing of it stays then.
    package func upload<Bytes: AsyncSequence & Sendable>(
        name: String, _ bytes: Bytes, limit: Int = 1 << 30, by actor: Actor
    ) async throws -> ImportUpload where Bytes.Element == [UInt8] {
        guard let name = Text.name(name, limit: 200) else {
            throw Refusal.invalid("file-name", "Give the file a name of at most 200 characters.", field: "name")
        }
        let id = try await begin(name, by: actor)
        do {
            var check = UTF8Check()
            var pending: [UInt8] = []
            var (count, number) = (0, 0)
            for try await piece in bytes {
                count += piece.count
                guard count <= limit else {
                    throw Refusal(.tooLarge, "file-too-large", "The file is larger than \(limit) bytes. Divide it.")
                }
                check.read(piece)
                pending.append(contentsOf: piece)
                while pending.count >= Self.chunkLength {
                    try await store(Array(pending.prefix(Self.chunkLength)), number, of: id)
                    pending.removeFirst(Self.chunkLength)
                    number += 1
                }
            }
            if !pending.isEmpty { try await store(pending, number, of: id) }
            guard count > 0 else { throw Refusal.invalid("empty-file", "The file is empty.", field: "file") }
            let isUTF8 = check.isValid && check.isComplete
            try await workspace.database.write { [count] in
                try $0.run("UPDATE import_upload SET bytes = \(count), is_utf8 = \(isUTF8), complete = 1 WHERE id = \(id)")
            }
        } catch {
            try await workspace.database.write { try Self.forget(id, in: $0) }
            throw error
        }
        return try await find(id, by: actor)
    }

    package func find(_ upload: OperationID, by actor: Actor) async throws -> ImportUpload {
        try await workspace.read(by: actor) { reader, design in try Self.find(upload, reader, design, by: actor) }
    }

    /// - Parameter slug: the collection it is meant for, if there is one already.
    package func preview(_ upload: OperationID, for slug: String? = nil, by actor: Actor) async throws -> ImportPreview {
        try await workspace.read(by: actor) { reader, design in
            let found = try Self.find(upload, reader, design, by: actor)
            let collection = try slug.map { try design.collection($0, for: .import, by: actor) }
            let sample = try Self.sample(of: upload, reader)
            let shape = ImportShape(name: found.name, sample: sample, isUTF8: found.isUTF8)
            return shape.preview(of: sample, isWhole: sample.count == found.bytes, bytes: found.bytes, for: collection)
        }
    }

    /// A plan that takes the preview's suggestions: into `slug` if given, else into a new collection named `name`.
    package func suggestedPlan(_ upload: OperationID, slug: String?, name: String?, by actor: Actor) async throws -> ImportPlan {
        let preview = try await preview(upload, for: slug, by: actor)
        if let slug { return ImportPlan(preview, into: try await workspace.collections.find(slug, by: actor)) }
        let name = name ?? "import"
        var taken: Set<String> = []
        let key = FieldKey.suggestion(for: name, number: 1, taken: &taken).replacing("_", with: "-")
        return ImportPlan(preview, newSlug: Text.isSlug(name) ? name : key, name: name)
    }

    /// Checks the plan, makes the collection if it is a new one, and queues the work. ``run(_:)`` does it.
    package func start(_ upload: OperationID, _ plan: ImportPlan, by actor: Actor) async throws -> Operation {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let found = try Self.find(upload, transaction, design, by: actor)
            let collection: Collection
            switch plan.target {
            case .existing(let slug): collection = try design.collection(slug, for: .import, by: actor)
            case .new(let draft):
                try design.require(.import, by: actor)
                collection = try workspace.collections.create(draft, in: transaction, design, by: actor)
            }
            try plan.check(for: collection)
            let sample = try Self.sample(of: upload, transaction)
            let shape = ImportShape(name: found.name, sample: sample, isUTF8: found.isUTF8)
            if shape.format == .csv {
                let columns = shape.preview(of: sample, isWhole: sample.count == found.bytes, bytes: found.bytes, for: nil).columns
                _ = try ImportPreparer(collection, names: columns.map(\.name), mappings: plan.mappings)
            }
            let busy = try transaction.value("SELECT 1 FROM import_run WHERE upload = \(upload)", as: Int64.self)
            guard busy == nil else { throw Refusal.conflict("import-started", "This file is being imported already.") }
            let operation = try workspace.operations.start(
                Self.kind, total: found.bytes * (plan.mode == .allOrNothing ? 2 : 1), message: "Waiting to start.", by: actor.principal,
                in: transaction)
            try transaction.run(
                """
                INSERT INTO import_run (operation, upload, collection, plan, author, writing, rows_done, imported, refused)
                VALUES (\(operation.id), \(upload), \(collection.id), \(plan.stored.text), \(Author(actor.principal).text), 0, 0, 0, 0)
                """)
            let event = AuditEvent.importStarted(operation: operation.id, collection: collection.id)
            try workspace.audit.record(event, by: actor.principal, at: workspace.clock.now(), in: transaction)
            return operation
        }
    }

    /// Asks a queued or running import to stop. What was imported stays, unless it was to be all or nothing.
    package func cancel(_ operation: OperationID, by actor: Actor) async throws {
        try await requireVisible(operation, by: actor)
        let state = try await workspace.operations.cancel(operation).state
        guard state == .cancelled else { return }
        try await workspace.database.write { transaction in
            let upload = try transaction.value("SELECT upload FROM import_run WHERE operation = \(operation)", as: String.self)
            if let upload = upload.flatMap({ OperationID($0) }) { try Self.forget(upload, in: transaction) }
        }
    }

    /// Long work, newest first: one's own, and what goes into collections that the actor may design.
    ///
    /// - Parameters:
    ///   - before: continues after the last one of a page.
    ///   - after: goes back to what came before the first one of a page. Not together with `before`.
    package func operations(
        before: OperationID? = nil, after: OperationID? = nil, limit: Int = 50, by actor: Actor
    ) async throws -> [Operation] {
        let visible = try await workspace.read(by: actor) { _, design -> SQL? in
            if design.allows(actor, .design) { return nil }
            let own: SQL = "id IN (SELECT operation FROM import_run WHERE author = \(Author(actor.principal).text))"
            let designed = design.collections.filter { design.allows(actor, .design, in: $0.id) }
            guard !designed.isEmpty else { return own }
            let ids = designed.map { "\($0.id)" as SQL }.joined()
            return "(\(own) OR id IN (SELECT operation FROM import_run WHERE collection IN (\(ids))))"
        }
        return try await workspace.operations.list(where: visible, before: before, after: after, limit: limit)
    }

    /// The import as its starter, or whoever may design the collection that it goes into, sees it.
    package func operation(_ id: OperationID, by actor: Actor) async throws -> Operation {
        try await requireVisible(id, by: actor)
        return try await workspace.operations.find(id)
    }

    /// - Parameter limit: how many refused lines to name.
    package func report(_ operation: OperationID, limit: Int = keptRefusals, by actor: Actor) async throws -> ImportReport {
        try await requireVisible(operation, by: actor)
        return try await workspace.database.read { try Self.report(operation, limit: limit, $0) }
    }

    /// Forgets an upload that will not be imported.
    package func discard(_ upload: OperationID, by actor: Actor) async throws {
        try await workspace.write(by: actor) { transaction, design in
            _ = try Self.find(upload, transaction, design, by: actor)
            let state = try transaction.value(
                "SELECT o.state FROM import_run r JOIN operation o ON o.id = r.operation WHERE r.upload = \(upload)", as: String.self)
            guard state.flatMap(Operation.State.init(rawValue:))?.isFinal != false else {
                throw Refusal.conflict("import-started", "This file is being imported. Stop the import first.")
            }
            try Self.forget(upload, in: transaction)
        }
    }

    static func report(_ operation: OperationID, limit: Int, _ reader: any Reader) throws -> ImportReport {
        let run = try reader.row("SELECT collection, imported, refused FROM import_run WHERE operation = \(operation)")
        guard let run else { throw Refusal.notFound("import") }
        let lines = try reader.rows(
            "SELECT line, reasons FROM import_refusal WHERE operation = \(operation) ORDER BY line LIMIT \(min(max(limit, 0), keptRefusals))"
        ).map { row in
            RefusedLine(line: try row.get(0), reasons: Refusal.FieldProblem.read(try row.get(1)))
        }
        return ImportReport(
            operation: operation, collection: try run.get(0), imported: try run.get(1), refused: try run.get(2), lines: lines)
    }

    static func forget(_ upload: OperationID, in transaction: any Transaction) throws {
        try transaction.run("DELETE FROM import_chunk WHERE upload = \(upload)")
        try transaction.run("DELETE FROM import_upload WHERE id = \(upload)")
    }

    private func requireVisible(_ operation: OperationID, by actor: Actor) async throws {
        try await workspace.read(by: actor) { reader, design in
            let run = try reader.row("SELECT collection, author FROM import_run WHERE operation = \(operation)")
            guard let run else { throw Refusal.notFound("import") }
            let isOwn = try run.get(1, as: String.self) == Author(actor.principal).text
            guard try isOwn || design.allows(actor, .design, in: run.get(0)) else { throw Refusal.notFound("import") }
        }
    }

    private func begin(_ name: String, by actor: Actor) async throws -> OperationID {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            guard design.permissions(of: actor).allowsAnywhere(.import) else { throw AccessRefused(permission: .import, collection: nil) }
            let now = workspace.clock.now()
            let running: SQL =
                "SELECT r.upload FROM import_run r JOIN operation o ON o.id = r.operation WHERE o.state IN ('queued', 'running')"
            let old = try transaction.rows(
                "SELECT id FROM import_upload WHERE created_at < \(now - Self.uploadLife) AND id NOT IN (\(running))")
            for row in old { try Self.forget(try row.get(0), in: transaction) }
            let count = try transaction.value("SELECT count(*) FROM import_upload", as: Int.self) ?? 0
            guard count < Self.uploadsLimit else {
                throw Refusal.conflict("too-many-uploads", "\(Self.uploadsLimit) files wait to be imported. Import or discard one first.")
            }
            let id = OperationID(at: now, entropy: workspace.entropy)
            try transaction.run(
                """
                INSERT INTO import_upload (id, name, bytes, is_utf8, author, created_at, complete)
                VALUES (\(id), \(name), 0, 0, \(Author(actor.principal).text), \(now), 0)
                """)
            return id
        }
    }

    private func store(_ bytes: [UInt8], _ number: Int, of upload: OperationID) async throws {
        try await workspace.database.write {
            try $0.run("INSERT INTO import_chunk (upload, number, bytes) VALUES (\(upload), \(number), \(bytes))")
        }
    }

    /// Each person's uploads are their own.
    private static func find(_ upload: OperationID, _ reader: any Reader, _ design: Design, by actor: Actor) throws -> ImportUpload {
        let row = try reader.row(
            "SELECT name, bytes, created_at, author, is_utf8 FROM import_upload WHERE id = \(upload) AND complete = 1")
        guard let row, try row.get(3, as: String.self) == Author(actor.principal).text,
            design.permissions(of: actor).allowsAnywhere(.import)
        else { throw Refusal.notFound("upload") }
        return ImportUpload(
            id: upload, name: try row.get(0), bytes: try row.get(1), createdAt: try row.get(2), createdBy: try Author(stored: row.get(3)),
            isUTF8: try row.get(4))
    }

    private static func sample(of upload: OperationID, _ reader: any Reader) throws -> [UInt8] {
        let bytes = try reader.value("SELECT bytes FROM import_chunk WHERE upload = \(upload) AND number = 0", as: [UInt8].self) ?? []
        return Array(bytes.prefix(ImportShape.sampleLength))
    }
}

extension Refusal.FieldProblem {
    static func text(_ problems: [Refusal.FieldProblem]) -> String {
        JSONValue.array(problems.map { [.string($0.field), .string($0.message)] }).text
    }

    static func read(_ text: String) -> [Refusal.FieldProblem] {
        let list = (try? JSONReader.read(text.utf8))?.array ?? []
        return list.compactMap { pair in
            guard let pair = pair.array, pair.count == 2, let field = pair[0].string, let message = pair[1].string else { return nil }
            return .init(field: field, message: message)
        }
    }
}
