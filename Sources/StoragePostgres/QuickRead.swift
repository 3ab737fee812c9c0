import CPostgres
import Storage
import Vocabulary

/// A read that usually asks for one statement only: its closure runs once to learn the statement, which is sent at once, perhaps with those of others,
/// and again when the answer is there. It needs no thread to wait on.
///
/// It belongs to whoever has to answer it, until it is resumed: hence unchecked.
final class QuickRead: @unchecked Sendable {
    let sql: SQL
    let text: StatementText
    let habit: Habit
    let key: @Sendable () throws -> Secret
    let arrived = ContinuousClock.now
    private let isForOne: Bool
    private var continuation: UnsafeContinuation<Void, Never>?
    private var result: OpaquePointer?
    private var columns: Columns?
    private var failure: (any Error)?

    /// What is larger could have to wait until there is room on the way to the server.
    fileprivate static let bytesMax = 8 << 10
    fileprivate static let sharedBytesMax = 512
    fileprivate static let answerBytesMax = 256 << 10

    init(_ sql: SQL, _ text: StatementText, _ habit: Habit, isForOne: Bool, key: @escaping @Sendable () throws -> Secret) {
        (self.sql, self.text, self.habit, self.isForOne, self.key) = (sql, text, habit, isForOne, key)
    }

    deinit { PQclear(result) }

    func waits(_ continuation: UnsafeContinuation<Void, Never>) { self.continuation = continuation }

    /// Takes the result over.
    func receive(_ result: OpaquePointer, _ columns: Columns) { (self.result, self.columns) = (result, columns) }

    func fail(_ error: any Error) { failure = error }

    var isAnswered: Bool { result != nil || failure != nil }

    /// Without an answer, it is asked for on a thread.
    func resume() {
        continuation?.resume()
        continuation = nil
    }

    fileprivate func takeAnswer() -> Result<[Row], any Error>? {
        if let failure { return .failure((failure as? ServerError)?.storageError ?? failure) }
        guard let result, let columns else { return nil }
        defer {
            PQclear(result)
            self.result = nil
        }
        return Result {
            let count = min(PQntuples(result), isForOne ? 1 : .max)
            var rows: [Row] = []
            rows.reserveCapacity(Int(count))
            for index in 0..<count { rows.append(try columns.row(index, of: result)) }
            return rows
        }
    }
}

extension PostgresEngine {
    /// Nil where the read is none of that kind, or where something is in its way: then it has to be done on a thread.
    func quickly<T>(_ seat: Seat, key: @escaping @Sendable () throws -> Secret, _ body: (any Reader) throws -> T) async -> Result<
        T, any Error
    >? {
        guard awaiting.isUsable else { return nil }
        let question = Question()
        let first = Result { try body(question) }
        guard question.wasAsked else { return first }
        guard let sql = question.sql, sql.bytes <= QuickRead.bytesMax else { return nil }
        let text = StatementText(sql, isTyped: true)
        guard let habit = seat.habits.known(text), habit.standsAlone, habit.bytes <= QuickRead.answerBytesMax else { return nil }
        let read = QuickRead(sql, text, habit, isForOne: question.isForOne, key: key)
        let isShared = if habit.mayShare, sql.bytes <= QuickRead.sharedBytesMax { await together(read, seat) } else { false }
        if !isShared { await alone(read, seat) }
        guard let answer = read.takeAnswer() else { return nil }
        let reader = Answer(sql, text, answer)
        let result = Result { try body(reader) }
        if reader.isInsufficient {
            habit.wasFollowed()
            return nil
        }
        return result
    }

    /// On a connection of its own, if one is free.
    private func alone(_ read: QuickRead, _ seat: Seat) async {
        guard readers.enter(lane: seat.lane) else { return }
        guard let session = pool.takeResting(seat) else { return readers.leave(lane: seat.lane) }
        await withUnsafeContinuation { continuation in
            read.waits(continuation)
            send([read], on: session, of: seat, isShared: false)
        }
    }

    /// False where it is better done alone.
    private func together(_ read: QuickRead, _ seat: Seat) async -> Bool {
        var isTaken = true
        await withUnsafeContinuation { continuation in
            read.waits(continuation)
            switch seat.shared.join(read) {
            // Those who were answered together ask again together, as soon as each had its turn.
            case .first: Task { self.sendShared(seat) }
            case .behind: awaiting.minds()
            case .none:
                isTaken = false
                read.resume()
            }
        }
        return isTaken
    }

    /// Sends what waits, now or when it is this database's turn. For who was told to do so by ``SharedReads``.
    func sendShared(_ seat: Seat) {
        if readers.enter(lane: seat.lane) {
            if let session = pool.takeResting(seat) { return sendShared(on: session, of: seat) }
            readers.leave(lane: seat.lane)
        }
        let isAccepted = readers.submitEntering(lane: seat.lane) { self.sendSharedInTurn(seat) }
        guard !isAccepted else { return }
        while case let reads = seat.shared.take(), !reads.isEmpty { for read in reads { read.resume() } }
    }

    private func sendShared(on session: Session, of seat: Seat) {
        let reads = seat.shared.take()
        if reads.isEmpty {
            pool.put(session, seat)
            readers.leave(lane: seat.lane)
        } else {
            send(reads, on: session, of: seat, isShared: true)
        }
    }

    /// On a thread, where a connection may be made.
    private func sendSharedInTurn(_ seat: Seat) {
        let reads = seat.shared.take()
        guard let first = reads.first else { return readers.leave(lane: seat.lane) }
        do {
            guard ContinuousClock.now - first.arrived < options.waitingMax else { throw StorageError.overloaded }
            send(reads, on: try pool.take(seat, key: first.key), of: seat, isShared: true)
        } catch {
            for read in reads { read.fail(error) }
            readers.leave(lane: seat.lane)
            if seat.shared.ended() { sendShared(seat) }
            for read in reads { read.resume() }
        }
    }

    private func send(_ reads: [QuickRead], on session: Session, of seat: Seat, isShared: Bool) {
        let batch = ReadBatch(reads, on: session, of: seat, self, isShared: isShared)
        guard session.post(reads), awaiting.wait(for: batch) else {
            session.giveUp()
            return batch.arrived()
        }
        if isShared, reads.count > 1 { awaiting.minds() }
    }
}

/// Learns what a closure asks first.
private final class Question: Reader {
    struct Stop: Error {}

    private(set) var wasAsked = false
    /// Nil where rows are to come one by one, or a second question was asked though the first was not answered.
    private(set) var sql: SQL?
    private(set) var isForOne = false

    var dialect: Dialect { .postgres }

    func each(_ sql: SQL, _ body: (Row) throws -> Void) throws { throw note(nil, isForOne: false) }
    func rows(_ sql: SQL) throws -> [Row] { throw note(sql, isForOne: false) }
    func row(_ sql: SQL) throws -> Row? { throw note(sql, isForOne: true) }

    private func note(_ sql: SQL?, isForOne: Bool) -> Stop {
        (self.sql, self.isForOne) = (wasAsked ? nil : sql, isForOne)
        wasAsked = true
        return Stop()
    }
}

/// Gives a closure the one answer that there is.
private final class Answer: Reader {
    private let sql: SQL
    private let text: StatementText
    private var answer: Result<[Row], any Error>?
    /// Whether anything else was asked.
    private(set) var isInsufficient = false

    var dialect: Dialect { .postgres }

    init(_ sql: SQL, _ text: StatementText, _ answer: Result<[Row], any Error>) { (self.sql, self.text, self.answer) = (sql, text, answer) }

    func each(_ sql: SQL, _ body: (Row) throws -> Void) throws { for row in try rows(sql) { try body(row) } }
    func row(_ sql: SQL) throws -> Row? { try rows(sql).first }

    func rows(_ sql: SQL) throws -> [Row] {
        guard let answer = answer.take(), isAnswered(sql) else {
            isInsufficient = true
            throw Question.Stop()
        }
        return try answer.get()
    }

    private func isAnswered(_ sql: SQL) -> Bool {
        guard StatementText(sql, isTyped: true) == text else { return false }
        for case (.bind(let one), .bind(let other)) in zip(sql.parts, self.sql.parts) where one != other { return false }
        return true
    }
}

extension SQL {
    /// Of the values that may be of any size.
    fileprivate var bytes: Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .bind(.text(let text)): sum + text.utf8.count
            case .bind(.blob(let bytes)): sum + bytes.count
            default: sum
            }
        }
    }
}
