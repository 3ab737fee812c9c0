import CPostgres
import Glibc
import Storage
import Vocabulary

/// One connection to a database, always in libpq's pipeline mode.
///
/// What only opens, parts or ends a transaction is queued and travels with the next statement, so that it costs no round trip of its own. The
/// answer to a last COMMIT of a read is not waited for; it is read before the connection's next use.
/// Only who took it off the ``Pool`` may use it: hence unchecked.
final class Session: @unchecked Sendable {
    let connection: OpaquePointer
    private let notices: Notices
    var statements: [StatementText: Statement] = [:]
    /// By where their text lies in the executable.
    private var controls: [UnsafePointer<UInt8>: String] = [:]
    /// No longer wanted, and not yet told to the server.
    var evicted: [Statement] = []
    var parameters = Parameters()
    private var names = 0
    private var uses: UInt64 = 0
    var queued: [StaticString] = []
    private var snapshot = Snapshot.none
    /// Answers that nobody waited for.
    private var unread: [[Expected]] = []
    private var streaming: RowStream?
    var isLost = false
    /// The server takes no writes, perhaps since another one has become the primary: the next connection may lead there.
    var isStale = false
    /// When it was last put back; the pool's own clock.
    var lastUse: UInt64 = 0
    /// Shared with the other connections to its database.
    private let habits: Habits
    /// What was posted together and is not yet answered, from `isDue` on; see ``gather()``.
    var due: [Expected] = []
    var isDue = 0
    var isBetween = false
    /// Whether ``Awaiting`` knows of it.
    var isWatched = false

    private static let statementsMax = 128

    enum Expected {
        case done
        case prepared(Statement)
        case control(UnsafePointer<UInt8>)
        case read(QuickRead, Statement)
    }

    /// What a read has of its moment.
    private enum Snapshot {
        /// No read is under way.
        case none
        case due(mayStandAlone: Bool)
        /// One statement without a transaction, and no more can come.
        case alone(Statement)
        case open(first: Statement, isFollowed: Bool)
    }

    /// A read wants more than the one statement that it was expected to want: it has to begin again, in a transaction.
    struct BeginAgain: Error {}

    init(_ connection: OpaquePointer, habits: Habits) {
        self.connection = connection
        self.habits = habits
        notices = Notices(connection)
        if PQenterPipelineMode(connection) != 1 { isLost = true }
    }

    deinit { PQfinish(connection) }

    /// As `PQserverVersion` has it: 150018 for 15.18.
    var serverVersion: Int32 { PQserverVersion(connection) }

    // MARK: Transactions

    /// Sent with the next statement.
    func queue(_ control: StaticString) { queued.append(control) }

    /// Takes back what was queued and not yet sent.
    func forgetQueued(_ count: Int = .max) { queued.removeLast(min(count, queued.count)) }

    var hasQueued: Bool { !queued.isEmpty }

    /// A read begins. The transaction that holds its snapshot goes with its first statement; one that usually is the only one goes without, because
    /// a single statement sees one moment by itself, and costs the server a third of it then.
    func beginSnapshot(mayStandAlone: Bool) { snapshot = .due(mayStandAlone: mayStandAlone) }

    func endSnapshot(succeeded: Bool) {
        if case .open(let first, let isFollowed) = snapshot {
            if isFollowed { first.habit.wasFollowed() } else if succeeded { first.habit.wasAlone() }
            queue("COMMIT")
            sendQueued()
        }
        snapshot = .none
    }

    /// Sends what is queued without waiting for the answer.
    func sendQueued() {
        guard !queued.isEmpty, !isLost else { return }
        do {
            spill()
            unread.append(try send(nil))
        } catch {
            isLost = true
        }
    }

    enum Outcome {
        case committed
        /// Nothing of it stands.
        case refused(ServerError)
        case inDoubt
    }

    /// Sends what is queued, then COMMIT, and waits until it is on disk.
    func commit() -> Outcome {
        queue("COMMIT")
        do {
            try settle()
            notices.hasWarned = false
            let expected = try send(nil)
            var tag = ""
            if let error = try answers(expected, last: { tag = PQcmdStatus($0).map { String(cString: $0) } ?? "" }) {
                if error.isFatal { return .inDoubt }
                return .refused(error)
            }
            // Committed here, but a standby that had to have it was not waited for.
            if notices.hasWarned { return .inDoubt }
            return tag == "COMMIT"
                ? .committed : .refused(ServerError(state: "25P02", severity: "ERROR", message: "COMMIT was answered by \(tag)"))
        } catch {
            return .inDoubt
        }
    }

    /// Reads answers that are due. False where the connection can't be given to anybody.
    func isAtRest() -> Bool {
        guard !isLost, !isStale, queued.isEmpty, streaming == nil else { return false }
        do { try settle() } catch { return false }
        return !isLost && PQtransactionStatus(connection) == PQTRANS_IDLE
    }

    /// Nothing is queued and no answer is due: what is posted now is all that is under way.
    var isSilent: Bool { !isLost && !isStale && queued.isEmpty && unread.isEmpty && streaming == nil }

    var descriptor: Int32 { PQsocket(connection) }

    /// Nobody is to use it any more.
    func giveUp() { isLost = true }

    // MARK: Statements

    /// Runs a statement and gives its whole result, or how many rows it changed.
    func run(_ sql: SQL) throws -> (rows: [Row], changed: Int) { try run(statement(of: sql), sql) }

    /// - Parameter limit: rows behind it are not decoded.
    func run(_ statement: Statement, _ sql: SQL, limit: Int32 = .max) throws -> (rows: [Row], changed: Int) {
        try receive(try post(statement, sql), statement, limit: limit)
    }

    /// The answer to a statement that was posted.
    func receive(_ expected: [Expected], _ statement: Statement, limit: Int32) throws -> (rows: [Row], changed: Int) {
        var rows: [Row] = []
        var changed = 0
        var failure: (any Error)?
        let error = try answers(expected) { result in
            guard PQresultStatus(result) == PGRES_TUPLES_OK else { return changed = Self.changed(result) }
            let columns = statement.columns(of: result)
            statement.habit.answered(bytes: PQresultMemorySize(result))
            let count = min(PQntuples(result), limit)
            rows.reserveCapacity(Int(count))
            do {
                for index in 0..<count { rows.append(try columns.row(index, of: result)) }
            } catch {
                failure = error
            }
            if statement.canWrite { changed = Self.changed(result) }
        }
        if let error = error ?? failure { throw error }
        return (rows, changed)
    }

    /// Calls `body` for each row as it arrives. `body` may run other statements: what is still to come of this one is then kept in memory.
    func each(_ statement: Statement, _ sql: SQL, _ body: (Row) throws -> Void) throws {
        let expected = try post(statement, sql)
        if let error = try answers(expected.dropLast(), isWhole: false) {
            try skipToSync(1)
            throw error
        }
        if PQsetSingleRowMode(connection) != 1 { throw lost() }
        let stream = RowStream()
        streaming = stream
        do {
            while let row = try next(stream, statement) { try body(row) }
        } catch {
            while !stream.isOver { _ = try? next(stream, statement) }
            throw error
        }
    }

    /// A statement that must stand alone, such as CREATE DATABASE. Not prepared, and outside of any transaction.
    func administer(_ sql: SQL) throws {
        try settle()
        try parameters.take(sql.parts)
        let sent = parameters.withPointers { count, values, lengths, formats in
            PQsendQueryParams(connection, sql.text(.postgres), count, parameters.types, values, lengths, formats, 1)
        }
        guard sent == 1, PQpipelineSync(connection) == 1 else { throw lost() }
        if let error = try answers([.done]) { throw error }
    }

    // MARK: Sending

    /// The statement as it is known here, or will be once it is sent.
    func statement(of sql: SQL) -> Statement { statement(of: StatementText(sql, isTyped: true)) }

    func statement(of text: StatementText) -> Statement {
        uses &+= 1
        if let known = statements[text] {
            known.lastUse = uses
            return known
        }
        if statements.count >= Self.statementsMax, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
            if oldest.value.isPrepared { evicted.append(oldest.value) }
        }
        names += 1
        let fresh = Statement(name: "s\(names)", text: text.withoutValues, habit: habits.of(text))
        fresh.lastUse = uses
        statements[fresh.text] = fresh
        return fresh
    }

    /// Sends a statement; its answer is to be received before anything else.
    func post(_ statement: Statement, _ sql: SQL) throws -> [Expected] {
        if case .alone(let first) = snapshot {
            first.habit.wasFollowed()
            throw BeginAgain()
        }
        spill()
        try settle()
        try parameters.take(sql.parts)
        return try send(statement)
    }

    /// What is queued, then `statement` with the parameters that were taken, then the end of a pipeline.
    func send(_ statement: Statement?) throws -> [Expected] {
        guard !isLost else { throw lost() }
        var expected: [Expected] = []
        for control in queued { try send(control, &expected) }
        queued.removeAll(keepingCapacity: true)
        if let statement {
            try enterSnapshot(with: statement, &expected)
            try prepare(statement, &expected)
            try execute(statement)
            expected.append(.done)
        }
        guard PQpipelineSync(connection) == 1 else { throw lost() }
        return expected
    }

    func execute(_ statement: Statement) throws {
        let sent = parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 1)
        }
        if sent != 1 { throw lost() }
    }

    private func enterSnapshot(with statement: Statement, _ expected: inout [Expected]) throws {
        switch snapshot {
        case .due(let mayStandAlone):
            if mayStandAlone, statement.habit.standsAlone { return snapshot = .alone(statement) }
            try send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &expected)
            snapshot = .open(first: statement, isFollowed: false)
        case .open(let first, false): snapshot = .open(first: first, isFollowed: true)
        case .none, .alone, .open: break
        }
    }

    private func send(_ control: StaticString, _ expected: inout [Expected]) throws {
        let name: String
        if let known = controls[control.utf8Start] {
            name = known
        } else {
            name = "c\(controls.count)"
            guard PQsendPrepare(connection, name, control.description, 0, nil) == 1 else { throw lost() }
            // Can't fail but with the connection, or with what came before it in an aborted pipeline; see ``answers``.
            controls[control.utf8Start] = name
            expected.append(.control(control.utf8Start))
        }
        guard PQsendQueryPrepared(connection, name, 0, nil, nil, nil, 1) == 1 else { throw lost() }
        expected.append(.done)
    }

    func prepare(_ statement: Statement, _ expected: inout [Expected]) throws {
        while let old = evicted.popLast() {
            guard PQsendQueryParams(connection, "DEALLOCATE \(old.name)", 0, nil, nil, nil, nil, 1) == 1 else { throw lost() }
            expected.append(.done)
        }
        guard !statement.isPrepared else { return }
        let types = parameters.types
        guard PQsendPrepare(connection, statement.name, statement.text.rendered(.postgres), Int32(clamping: types.count), types) == 1 else {
            throw lost()
        }
        statement.isPrepared = true
        expected.append(.prepared(statement))
    }

    // MARK: Reading

    /// Reads the answers that are due from earlier.
    func settle() throws {
        while !unread.isEmpty {
            let expected = unread.removeFirst()
            _ = try answers(expected)
        }
    }

    /// Reads an answer for each of `expected`, then the pipeline's end unless there is more to come. Returns the first error of the server.
    func answers(_ expected: some Collection<Expected>, isWhole: Bool = true, last: (OpaquePointer) -> Void = { _ in }) throws
        -> ServerError?
    {
        var error: ServerError?
        var position = 0
        for item in expected {
            position += 1
            guard let result = PQgetResult(connection) else { throw lost() }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                if position == expected.count { last(result) }
            case PGRES_PIPELINE_ABORTED: forget(item)
            default:
                let found = ServerError(result)
                error = error ?? found
                if found.state == "25006" { isStale = true }
                forget(item)
                if found.isFatal || PQstatus(connection) != CONNECTION_OK {
                    isLost = true
                    throw found.state.isEmpty ? lost() : found
                }
            }
            // The end of this command's results.
            if let extra = PQgetResult(connection) {
                PQclear(extra)
                throw lost()
            }
        }
        if isWhole { try readSync() }
        return error
    }

    private func readSync() throws {
        guard let result = PQgetResult(connection) else { throw lost() }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else {
            let found = ServerError(result)
            isLost = true
            throw found.state.isEmpty ? lost() : found
        }
    }

    /// After an error among what was sent before a statement.
    private func skipToSync(_ count: Int) throws {
        _ = try answers(repeatElement(Expected.done, count: count))
    }

    func forget(_ item: Expected) {
        switch item {
        case .done, .read: break
        case .prepared(let statement):
            statement.isPrepared = false
            statements[statement.text] = nil
        case .control(let place): controls[place] = nil
        }
    }

    private func next(_ stream: RowStream, _ statement: Statement?) throws -> Row? {
        if let row = stream.kept.popLast() { return row }
        if let error = stream.error.take() { throw error }
        if stream.isOver { return nil }
        do {
            guard let result = PQgetResult(connection) else { throw lost() }
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_SINGLE_TUPLE {
                return try (statement?.columns(of: result) ?? Columns(result)).row(0, of: result)
            }
            let status = PQresultStatus(result)
            finish(stream)
            if status != PGRES_TUPLES_OK, status != PGRES_COMMAND_OK {
                let error = ServerError(result)
                if error.isFatal { isLost = true }
                throw error.state.isEmpty ? lost() : error
            }
            if PQgetResult(connection) != nil { throw lost() }
            try readSync()
            return nil
        } catch let error as ServerError {
            if !isLost, PQgetResult(connection) == nil { try? readSync() }
            finish(stream)
            throw error
        }
    }

    private func finish(_ stream: RowStream) {
        stream.isOver = true
        if streaming === stream { streaming = nil }
    }

    /// Keeps what is to come of a result that is being read, since another statement wants the connection.
    func spill() {
        guard let stream = streaming else { return }
        var rows: [Row] = []
        do {
            while let row = try next(stream, nil) { rows.append(row) }
        } catch {
            stream.error = error
        }
        stream.kept = rows.reversed()
    }

    func lost() -> ServerError {
        isLost = true
        if let stream = streaming { finish(stream) }
        return ServerError.lost(connection)
    }

    private static func changed(_ result: OpaquePointer) -> Int {
        guard let status = PQcmdStatus(result), let count = PQcmdTuples(result) else { return 0 }
        let tag = String(cString: status)
        guard ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: { tag.hasPrefix($0) }) else { return 0 }
        return Int(String(cString: count)) ?? 0
    }
}

/// A result that arrives row by row.
private final class RowStream {
    /// Rows that had to be read at once, the next one last.
    var kept: [Row] = []
    var error: (any Error)?
    var isOver = false
}
