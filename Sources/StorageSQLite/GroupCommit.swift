import GRDBSQLite
import Storage

/// Turns the writes that wait at a seat into shared transactions: what queues while the disk works shares its next turn.
///
/// Each write has a savepoint of its own, so a closure that throws takes back only its own changes. Nobody is answered before the
/// shared COMMIT is on disk. A commit whose outcome can't be known is never tried again: the kernel may have dropped the pages that
/// it could not write, and a second fsync would lie.
struct GroupCommit {
    let seat: Seat
    let connection: Connection

    static let writesMax = 256

    /// One shared transaction.
    func commit(_ first: [PendingWrite]) {
        connection.use {
            var batch = Batch()
            for write in first { perform(write, in: &batch) }
            // Whoever came meanwhile shares this commit, too.
            while batch.isWorthwhile, batch.count < Self.writesMax {
                let late = seat.queue.take(limit: Self.writesMax - batch.count)
                if late.isEmpty { break }
                for write in late { perform(write, in: &batch) }
            }
            finish(batch)
        }
    }

    private struct Batch {
        var succeeded: [PendingWrite] = []
        var hasWritten = false
        var isOpen = false
        var count = 0
        var isWorthwhile: Bool { hasWritten }
    }

    private func perform(_ write: PendingWrite, in batch: inout Batch) {
        batch.count += 1
        do {
            let isFirst = !batch.isOpen
            if isFirst {
                try connection.begin("BEGIN IMMEDIATE")
                batch.isOpen = true
            } else {
                try connection.begin("SAVEPOINT one_write")
            }
            let transaction = SQLiteTransaction(connection, writes: true)
            defer { transaction.end() }
            do {
                try write.perform(transaction)
                if let failure = transaction.failure { throw failure }
                guard connection.isInTransaction else { throw StorageError.failed("the transaction was given up") }
                if !isFirst { try connection.begin("RELEASE one_write") }
            } catch {
                takeBack(isFirst: isFirst, &batch, because: error)
                throw error
            }
            batch.succeeded.append(write)
            if transaction.hasWritten { batch.hasWritten = true }
        } catch {
            write.fail(error)
        }
    }

    private func takeBack(isFirst: Bool, _ batch: inout Batch, because error: any Error) {
        if isFirst {
            connection.rollback()
            batch.isOpen = false
        } else if connection.isInTransaction, connection.control("ROLLBACK TO one_write") == SQLITE_OK {
            _ = connection.control("RELEASE one_write")
        } else {
            // SQLite gave up the whole transaction (a full disk, no memory): the others' changes are gone as well.
            connection.rollback()
            for other in batch.succeeded { other.fail((error as? StorageError) ?? .failed("the shared transaction was given up")) }
            batch = Batch(count: batch.count)
        }
    }

    private func finish(_ batch: Batch) {
        guard batch.isOpen else { return }
        var sequence: Int64 = 0
        if batch.hasWritten {
            let code = connection.control("UPDATE commit_position SET sequence = sequence + 1 RETURNING sequence", &sequence)
            guard code == SQLITE_OK else { return abandon(batch, code) }
        }
        let code = connection.control("COMMIT")
        guard code == SQLITE_OK else { return abandon(batch, code) }
        if batch.hasWritten { seat.noteCommit(connection, sequence) }
        seat.answer(batch.succeeded, batch.hasWritten ? sequence : nil)
        guard batch.hasWritten else { return }
        do {
            try connection.checkpointIfLong(seat.mayCheckpoint)
        } catch StorageError.full {
            // The log holds what the file has no room for; the next commit tries again.
        } catch {
            // The log still holds everything, but what the disk made of it is unknown until it is read again.
            seat.closeInDoubt()
        }
    }

    private func abandon(_ batch: Batch, _ code: Int32) {
        let error = connection.failure(code)
        connection.rollback()
        if code & 0xFF == SQLITE_CONSTRAINT, batch.succeeded.count > 1 {
            // A deferred constraint speaks up at the commit only: find whose it is by giving each a transaction of its own.
            for write in batch.succeeded {
                var alone = Batch()
                perform(write, in: &alone)
                finish(alone)
            }
            return
        }
        let isInDoubt = SQLiteFailure.isIO(code)
        // Before anybody hears of it, or the same write could be sent again at once.
        if isInDoubt { seat.closeInDoubt() }
        for write in batch.succeeded { write.fail(isInDoubt ? StorageError.inDoubt : error) }
    }
}
