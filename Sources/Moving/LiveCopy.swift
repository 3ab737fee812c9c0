import Storage

/// Makes a database that is in use equal to another one, and stops it at the moment when that is so.
///
/// ```swift
/// var copy = LiveCopy(from: original, to: empty, following: derivation)
/// try await copy.begin()
/// let digest = try await copy.run()      // writes go on
/// try await copy.finish()                // fenced: equal for good
/// ```
package struct LiveCopy: Sendable {
    package struct Progress: Sendable, Hashable {
        package var rows = 0
        package var bytes = 0
        package var rounds = 0
        /// How many rounds in a row left more behind than they may: writers are faster. They had better be slowed down.
        package var lagging = 0

        package init() {}
    }

    private let source: any Database
    private let target: any Database
    private let derivation: any Derivation
    private let pace: MovePace
    private let report: @Sendable (Progress) async throws -> Void
    private let spoil: @Sendable ([[Value]]) -> [[Value]]
    private var relations: [Relation] = []
    private var seen: Int64 = 0
    package private(set) var progress = Progress()

    /// - Parameters:
    ///   - target: has the schema and no rows (``clear(_:except:)``).
    ///   - report: told after each step; what it throws ends the copying.
    ///   - spoil: stands between reading and writing the rows, to see a probe notice a copier that loses some.
    package init(
        from source: any Database, to target: any Database, following derivation: any Derivation = NothingDerived(),
        pace: MovePace = MovePace(), spoil: @escaping @Sendable ([[Value]]) -> [[Value]] = { $0 },
        report: @escaping @Sendable (Progress) async throws -> Void = { _ in }
    ) {
        self.source = source
        self.target = target
        self.derivation = derivation
        self.pace = pace
        self.spoil = spoil
        self.report = report
    }

    /// For a new database that is to become a copy: takes away the rows that its schema brings along.
    package static func clear(_ transaction: any Transaction, except derived: Set<String>) throws {
        for relation in try Relation.all(in: transaction, except: derived).reversed() {
            try transaction.run("DELETE FROM \(relation.name)")
        }
    }

    /// Begins to note what changes.
    /// - Throws: ``MoveFault`` `.schemasDiffer`, `.unfit`.
    package mutating func begin() async throws {
        let derived = derivation.tables
        relations = try await source.read { try Relation.all(in: $0, except: derived) }
        let there = Set(try await target.read { try Relation.all(in: $0, except: derived) })
        let odd = there.symmetricDifference(relations).map(\.name.text)
        guard odd.isEmpty else { throw MoveFault.schemasDiffer(Set(odd).sorted().joined(separator: ", ")) }
        try await source.write { [relations] in try ChangeCapture.install(relations, in: $0) }
    }

    /// Copies everything, then what changed meanwhile, until little changes in a round and both places were found equal. Writes go on.
    /// - Throws: ``MoveFault`` `.digestsDiffer`, `.rowsDiffer`, `.tooBusy`; what the databases throw.
    package mutating func run() async throws -> RowsDigest {
        try await copyAll()
        progress.lagging = 0
        while progress.lagging < pace.roundsMax {
            let portion = try await step(from: nil, digesting: true)
            if let digest = portion.digest {
                try await compare(digest, portion.counts)
                try await catchUp()
                return digest
            }
        }
        throw MoveFault.tooBusy
    }

    private mutating func copyAll() async throws {
        var place: Portion.Place? = .init(table: 0)
        while let start = place {
            place = try await step(from: start).place
            guard progress.lagging < pace.roundsMax else { throw MoveFault.tooBusy }
        }
    }

    /// The comparison takes as long as a reading of everything; what came meanwhile is fetched before anybody has to wait.
    package mutating func catchUp() async throws {
        progress.lagging = 0
        while progress.lagging < pace.roundsMax {
            let began = ContinuousClock.now
            let portion = try await step(from: nil, confirming: true)
            if portion.isUpToDate, portion.changes <= pace.short || ContinuousClock.now - began <= pace.brief { return }
        }
        throw MoveFault.tooBusy
    }

    private func compare(_ digest: RowsDigest, _ counts: [String: Int]) async throws {
        let found = try await target.read { [relations, derivation] in
            (try RowsDigest(relations, in: $0), try derivation.counts(in: $0))
        }
        guard found.0 == digest, found.1 == counts else { throw MoveFault.digestsDiffer }
    }

    /// Fences the original, and fetches the rest. Nothing can be written there from now on, and everything that was is at the copy.
    ///
    /// Whoever can keep writers waiting does so before.
    package mutating func finish() async throws { _ = try await finish(unless: { false }) }

    /// As ``finish()``, but false once `isLate` says so, which is asked after each step; the fence then stands (``openFence()``).
    package mutating func finish(unless isLate: () -> Bool) async throws -> Bool {
        try await source.write { try ChangeCapture.fence(in: $0) }
        return try await settle(unless: isLate)
    }

    /// What is left to do behind the fence.
    private mutating func settle(unless isLate: () -> Bool) async throws -> Bool {
        while true {
            if isLate() { return false }
            let portion = try await step(from: nil, confirming: true)
            if portion.isUpToDate, portion.changes == 0 { break }
        }
        let position = try await source.position()
        try await target.write { [relations] transaction in
            try Self.advanceIdentities(of: relations, in: transaction)
            // Whoever remembers a position must not meet it again with other content.
            let sequence = Int64(clamping: position.sequence)
            try transaction.run("UPDATE commit_position SET sequence = \(sequence) WHERE sequence < \(sequence)")
        }
        return !isLate()
    }

    /// Writes are possible again at the original, and noted.
    package func openFence() async throws { try await source.write { try ChangeCapture.openFence(in: $0) } }

    /// The original as it was before ``begin()``. Safe to repeat.
    package static func release(_ source: any Database) async throws { try await source.write { try ChangeCapture.remove(in: $0) } }

    /// Where not every change up to the snapshot fits into one step, rows may come in an order in which they contradict each other for a while:
    /// then more is read at once. With every change the copy is what the original is, which contradicts nothing.
    @discardableResult
    private mutating func step(from place: Portion.Place?, digesting: Bool = false, confirming: Bool = false) async throws -> Portion {
        var pace = pace
        while true {
            let read = try await read(from: place, digesting: digesting, pace: pace)
            do {
                try await apply(read, confirming: confirming)
            } catch StorageError.notUnique where !read.isUpToDate {
                pace.changes *= 4
                continue
            } catch StorageError.constraint where !read.isUpToDate {
                pace.changes *= 4
                continue
            }
            seen = read.seen
            progress.rounds += 1
            progress.lagging = read.isUpToDate && (read.place != nil || read.changes <= pace.short) ? 0 : progress.lagging + 1
            progress.rows += read.tables.reduce(0) { $0 + $1.rows.count + $1.changed.count }
            progress.bytes += read.bytes
            try await report(progress)
            return read
        }
    }

    private func read(from place: Portion.Place?, digesting: Bool, pace: MovePace) async throws -> Portion {
        try await source.read { [seen, relations, derivation] reader in
            var portion = try Portion.read(after: seen, from: place, relations, pace: pace, in: reader)
            if digesting, portion.isUpToDate {
                portion.digest = try RowsDigest(relations, in: reader)
                portion.counts = try derivation.counts(in: reader)
            }
            return portion
        }
    }

    private func apply(_ read: Portion, confirming: Bool) async throws {
        guard !read.tables.allSatisfy({ $0.changed.isEmpty && $0.rows.isEmpty }) else { return }
        var portion = read
        for index in portion.tables.indices { portion.tables[index].rows = spoil(portion.tables[index].rows) }
        try await target.write { [portion, derivation] in try portion.apply(following: derivation, in: $0) }
        if confirming { try await target.read { try read.confirm(in: $0) } }
    }

    /// PostgreSQL draws numbers from a sequence of its own, which doesn't see the rows that were copied.
    private static func advanceIdentities(of relations: [Relation], in transaction: any Transaction) throws {
        guard transaction.dialect == .postgres else { return }
        for relation in relations {
            let columns = try transaction.rows(
                """
                SELECT CAST(column_name AS text) FROM information_schema.columns
                WHERE table_schema = current_schema() AND CAST(table_name AS text) = \(relation.name.text) AND is_identity = 'YES'
                """)
            for column in try columns.compactMap({ SQLName(try $0.get(0, as: String.self)) }) {
                _ = try transaction.rows(
                    """
                    SELECT setval(pg_get_serial_sequence('\(relation.name)', '\(column)'), coalesce(max(\(column)), 0) + 1, false)
                    FROM \(relation.name)
                    """)
            }
        }
    }
}
