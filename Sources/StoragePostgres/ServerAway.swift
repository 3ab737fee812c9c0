/// The server can't be reached now, is starting, or has no connection left for us: the same may go well a while later.
package struct ServerAway: Error, Sendable, CustomStringConvertible {
    /// In the words of the server or of libpq.
    package let reason: String

    package var description: String { "PostgreSQL can't be used now: \(reason)" }
}
