import Storage
import Vocabulary

/// What a running operation tells of itself.
package struct OperationProgress: Sendable {
    package let id: OperationID
    let operations: Operations

    /// How far it is. Seen by others when the transaction commits.
    package func advance(to done: Int, total: Int? = nil, message: String? = nil, in transaction: any Transaction) throws {
        try transaction.run(
            "UPDATE operation SET done = \(done), total = COALESCE(\(total), total), message = COALESCE(\(message), message) WHERE id = \(id) AND state = 'running'"
        )
        operations.announce(id)
    }

    /// The same in a transaction of its own.
    package func advance(to done: Int, total: Int? = nil, message: String? = nil) async throws {
        try await operations.database.write { try advance(to: done, total: total, message: message, in: $0) }
        operations.announce(id)
    }

    /// Call between steps: throws `CancellationError` when somebody asked to stop, or when the server does.
    package func checkpoint() async throws {
        try Task.checkCancellation()
        let id = id
        let goesOn = try await operations.database.read {
            try $0.value("SELECT cancelling FROM operation WHERE id = \(id) AND state = 'running'", as: Int64.self) == 0
        }
        guard goesOn else { throw CancellationError() }
    }
}

/// Another node found this one gone and goes on with the operation. Nothing that this one still does to it may be kept.
package struct OperationTakenOver: Error, Sendable {}

extension Operations {
    /// To be called in each transaction of work that another node may take over: it decides who does the work, whoever believes to.
    /// - Throws: ``OperationTakenOver``
    package func requireOurs(_ id: OperationID, in transaction: any Transaction) throws {
        let run = board.run
        guard try transaction.row("SELECT 1 FROM operation WHERE id = \(id) AND run = \(run)") != nil else { throw OperationTakenOver() }
    }

    /// Runs a queued operation to its end, in the caller's task, and writes down how it ended: succeeded with what `body` returns, cancelled, or failed with
    /// a ``Refusal``'s message. An error of another type is internal: it is passed on for the log, and the operation says only that it failed.
    /// - Throws: what `body` threw, unless the operation was stopped on request; ``Refusal`` `operation-started`.
    package func perform(_ id: OperationID, _ body: @Sendable (OperationProgress) async throws -> JSONValue) async throws {
        try await begin(id)
        do {
            let result = try await body(OperationProgress(id: id, operations: self))
            try await finish(id, .succeeded, message: nil, result: result)
        } catch {
            let wasAsked = try await end(id, after: error)
            if !wasAsked { throw error }
        }
    }

    /// queued → running.
    package func begin(_ id: OperationID) async throws {
        let run = board.run
        let begun = try await database.write {
            try $0.run("UPDATE operation SET state = 'running', run = \(run) WHERE id = \(id) AND state = 'queued'")
        }
        guard begun > 0 else { throw Refusal.conflict("operation-started", "This was started already, or stopped.") }
        announce(id)
    }

    /// running → a final state.
    package func finish(_ id: OperationID, _ state: Operation.State, message: String?, result: JSONValue = .null) async throws {
        let now = clock.now()
        // Cancellation of the task must not keep the end from being written down.
        let write = Task { [database] in
            try await database.write { try Self.finish(id, state, message: message, result: result, at: now, in: $0) }
        }
        try await write.value
        announce(id)
    }

    /// The same inside the transaction that makes the last change.
    package static func finish(
        _ id: OperationID, _ state: Operation.State, message: String?, result: JSONValue = .null, at instant: Instant,
        in transaction: any Transaction
    ) throws {
        let text: String? = result.isNull ? nil : result.text
        try transaction.run(
            """
            UPDATE operation SET state = \(state.rawValue), message = COALESCE(\(message), message), result = \(text), finished_at = \(instant)
            WHERE id = \(id) AND state = 'running'
            """)
    }

    /// Returns whether it ended because somebody asked it to.
    private func end(_ id: OperationID, after error: any Error) async throws -> Bool {
        switch error {
        case is CancellationError:
            let isAsked = try await Task { try await find(id).isCancelling }.value
            try await finish(id, isAsked ? .cancelled : .failed, message: isAsked ? "Stopped." : Self.interrupted)
            return isAsked
        case let refusal as Refusal:
            try await finish(id, .failed, message: refusal.message)
        default:
            try await finish(id, .failed, message: "This failed because of a fault of the platform. Its operators have been told.")
        }
        return false
    }

    /// What becomes of an operation: its state now, then again after each change, at most ten times a second, and last its final state.
    ///
    /// Bounded: a slow reader misses steps in between, never the last one.
    package func updates(of id: OperationID) -> AsyncThrowingStream<Operation, any Error> {
        AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let name = OperationBoard.Name(database: database.name, id: id)
            let watching = Task {
                let bell = board.enter(name)
                defer { board.leave(name) }
                do {
                    var last: Operation?
                    while !Task.isCancelled {
                        let known = bell.rings
                        let operation = try await find(id)
                        if operation != last { continuation.yield(operation) }
                        last = operation
                        if operation.state.isFinal { break }
                        // A ring may come before its commit: look again after a second.
                        await bell.wait(beyond: known, atMost: .seconds(1))
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error is CancellationError ? nil : error)
                }
            }
            continuation.onTermination = { _ in watching.cancel() }
        }
    }
}
