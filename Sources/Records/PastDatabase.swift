import Dispatch
import Storage
import Synchronization

/// Another database of the same kind, as it was at a moment, that is read in the middle of a transaction of the one in use.
///
/// ``read(_:)`` keeps the thread waiting, which transactions must not do otherwise: it is for the one writer of a database for which everybody
/// else waits anyway, on the engine's own thread, and never for more than one of them at a time.
package struct PastDatabase: Sendable {
    package let database: any Database

    package init(_ database: any Database) { self.database = database }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> T) throws -> T {
        let semaphore = DispatchSemaphore(value: 0)
        let answer = Answer<T>()
        Task.detached { [database] in
            do { answer.give(.success(try await database.read(body))) } catch { answer.give(.failure(error)) }
            semaphore.signal()
        }
        semaphore.wait()
        return try answer.taken()
    }

    private final class Answer<T: Sendable>: Sendable {
        private let result = Mutex<Result<T, any Error>?>(nil)

        func give(_ answer: Result<T, any Error>) { result.withLock { $0 = answer } }

        func taken() throws -> T {
            guard let answer = result.withLock({ $0 }) else { throw StorageError.failed("nothing was read") }
            return try answer.get()
        }
    }
}
