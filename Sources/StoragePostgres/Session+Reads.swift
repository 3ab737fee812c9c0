import CPostgres
import Storage

/// Reads without a transaction: sent together, and answered as their answers arrive.
extension Session {
    /// Sends what reads ask for, all of it at once: each statement sees a moment of its own. False where the connection is of no use.
    func post(_ reads: [QuickRead]) -> Bool {
        guard isSilent else { return false }
        do {
            for read in reads {
                // What can't be sent is refused where it is asked for by itself.
                guard (try? parameters.take(read.sql.parts)) != nil else { continue }
                let statement = statement(of: read.text)
                try prepare(statement, &due)
                try execute(statement)
                due.append(.read(read, statement))
            }
            guard PQpipelineSync(connection) == 1 else { throw lost() }
            return true
        } catch {
            isLost = true
            return false
        }
    }

    /// Takes in what has arrived of the answers to what was posted, without waiting. True when all of it is there, and when the connection broke.
    func gather() -> Bool {
        repeat {
            guard PQconsumeInput(connection) == 1 else { return gathered(lost: true) }
            while PQisBusy(connection) == 0 {
                guard let result = PQgetResult(connection) else {
                    // One end after each answer; another one is the end of everything.
                    guard !isBetween else { return gathered(lost: true) }
                    isBetween = true
                    continue
                }
                isBetween = false
                if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
                    PQclear(result)
                    return gathered(lost: isDue < due.count)
                }
                guard isDue < due.count else {
                    PQclear(result)
                    return gathered(lost: true)
                }
                isDue += 1
                if !pass(result, to: due[isDue - 1]) { return gathered(lost: true) }
            }
        } while pendingOverTLS(connection) > 0
        return false
    }

    /// Whoever posted what is still due has no use for it any more.
    func disown() { for index in due.indices { due[index] = .done } }

    private func gathered(lost: Bool) -> Bool {
        if lost { isLost = true }
        due.removeAll(keepingCapacity: true)
        (isDue, isBetween) = (0, false)
        return true
    }

    /// Clears `result`, or gives it away. False where the connection can't be used any more.
    private func pass(_ result: OpaquePointer, to item: Expected) -> Bool {
        let status = PQresultStatus(result)
        if status == PGRES_TUPLES_OK, case .read(let read, let statement) = item {
            statement.habit.answered(bytes: PQresultMemorySize(result))
            read.receive(result, statement.columns(of: result))
            return true
        }
        defer { PQclear(result) }
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return true
        case PGRES_PIPELINE_ABORTED:
            forget(item)
            return true
        default: break
        }
        let error = ServerError(result)
        guard !error.isFatal, PQstatus(connection) == CONNECTION_OK else { return false }
        if error.state == "25006" { isStale = true }
        switch item {
        case .read(let read, let statement):
            statement.habit.failed()
            if error.isOutdated { replace(statement) }
            if !error.isRepeatable { read.fail(error) }
        case .prepared(let statement): statement.habit.failed()
        case .done, .control: break
        }
        forget(item)
        return true
    }

    /// The server's plan for it is for a table that has changed, or is gone.
    private func replace(_ statement: Statement) {
        guard statements[statement.text] === statement else { return }
        statements[statement.text] = nil
        evicted.append(statement)
    }
}
