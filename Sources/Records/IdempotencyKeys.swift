import Storage
import Vocabulary

/// Answers that were given to requests with an `Idempotency-Key`, so that a repeated one gets the same answer.
package struct IdempotencyKeys: Sendable {
    static let migrations: [Migration] = []
}
