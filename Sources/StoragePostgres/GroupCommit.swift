import Storage

/// Turns the writes that wait at a seat into shared transactions: what queues while the server's disk works shares its next turn.
///
/// The transaction begins by waiting for the database's turn among all nodes, a lock that ends with it; its statements then see everything
/// that is committed. Each write has a savepoint of its own, so a closure that throws takes back only its own changes. What surely did not
/// happen is given back to be done again; where it can't be known, everybody in it is told so.
struct GroupCommit {
    let seat: Seat
    let session: Session
    let waitingMax: Duration

    static let writesMax = 256
    /// One writer at a time. Two numbers that no other lock of ours has, the first one spelling `HLDF`.
    static let turn: StaticString = "SELECT pg_advisory_xact_lock(1212957766, 1)"

    private struct Batch {
        var succeeded: [PendingWrite] = []
        var hasWritten = false
        var isOpen = false
        var count = 0
    }

    /// One shared transaction. Returns the writes that have to be done again.
    func commit(_ first: [PendingWrite]) -> [PendingWrite] {
        var batch = Batch()
        var again: [PendingWrite] = []
        var waiting = first[...]
        while let write = waiting.popFirst() {
            perform(write, in: &batch, again: &again)
            if session.isLost { return again + waiting }
            // Whoever came meanwhile shares this commit, too.
            if waiting.isEmpty, batch.hasWritten, batch.count < Self.writesMax {
                waiting = seat.queue.take(limit: Self.writesMax - batch.count)[...]
            }
        }
        finish(batch, again: &again)
        return again
    }

    private func perform(_ write: PendingWrite, in batch: inout Batch, again: inout [PendingWrite]) {
        batch.count += 1
        guard ContinuousClock.now - write.arrived < waitingMax else { return write.fail(StorageError.overloaded) }
        let isFirst = !batch.isOpen
        if isFirst {
            session.queue("BEGIN ISOLATION LEVEL READ COMMITTED")
            session.queue(Self.turn)
        } else {
            session.queue("SAVEPOINT one_write")
        }
        batch.isOpen = true
        let transaction = PostgresTransaction(session, writes: true)
        let result = Result { try write.perform(transaction) }
        transaction.end()
        if case .success = result, transaction.failure == nil {
            if !isFirst { session.queue("RELEASE one_write") }
            batch.succeeded.append(write)
            if transaction.hasWritten { batch.hasWritten = true }
            return
        }
        let failure = transaction.failure as? ServerError
        if session.isLost {
            // Nothing of the transaction stands.
            for lost in batch.succeeded + [write] { giveBack(lost, because: failure, &again) }
            batch = Batch()
            return
        }
        takeBack(isFirst: isFirst, hasSent: transaction.hasSent, &batch)
        if let failure, failure.isRepeatable {
            giveBack(write, because: failure, &again)
        } else if case .failure(let error) = result {
            write.fail(error)
        } else {
            write.fail(failure?.storageError ?? transaction.failure ?? StorageError.closed)
        }
    }

    private func takeBack(isFirst: Bool, hasSent: Bool, _ batch: inout Batch) {
        if isFirst {
            batch.isOpen = false
            if hasSent { session.queue("ROLLBACK") } else { session.forgetQueued(2) }
        } else if hasSent {
            session.queue("ROLLBACK TO one_write")
            session.queue("RELEASE one_write")
        } else {
            session.forgetQueued(1)
        }
    }

    private func giveBack(_ write: PendingWrite, because failure: ServerError?, _ again: inout [PendingWrite]) {
        write.repeats += 1
        if write.repeats <= PostgresEngine.repeatsMax {
            again.append(write)
        } else {
            write.fail(failure?.storageError ?? .overloaded)
        }
    }

    private func finish(_ batch: Batch, again: inout [PendingWrite]) {
        guard batch.isOpen else { return session.sendQueued() }
        if batch.hasWritten { session.queue("UPDATE commit_position SET sequence = sequence + 1") }
        switch session.commit() {
        case .committed:
            for write in batch.succeeded { write.succeed() }
        case .inDoubt:
            for write in batch.succeeded { batch.hasWritten ? write.fail(StorageError.inDoubt) : write.succeed() }
        case .refused(let error):
            // What failed before COMMIT leaves the transaction open.
            if !session.isAtRest() {
                session.queue("ROLLBACK")
                session.sendQueued()
            }
            if error.isRepeatable {
                for write in batch.succeeded { giveBack(write, because: error, &again) }
            } else if error.state.hasPrefix("23"), batch.succeeded.count > 1 {
                // A deferred constraint speaks up at the commit only: find whose it is by giving each a transaction of its own.
                for write in batch.succeeded {
                    guard !session.isLost else {
                        giveBack(write, because: nil, &again)
                        continue
                    }
                    var alone = Batch()
                    perform(write, in: &alone, again: &again)
                    if !session.isLost { finish(alone, again: &again) }
                }
            } else {
                for write in batch.succeeded { write.fail(error.storageError) }
            }
        }
    }
}
