import Vocabulary

/// How much one client may send, and how slowly. Every bound that the guards enforce is here.
package struct Limits: Sendable {
    /// From accepting a connection to the first complete request head: TLS handshake included.
    package var firstRequest: Duration = .seconds(15)
    /// From the first byte of a later request to its complete head.
    package var head: Duration = .seconds(10)
    /// From the end of an answer to the next request on the connection.
    package var keepAlive: Duration = .seconds(75)
    /// No byte in either direction.
    package var silence: Duration = .seconds(60)
    /// The same for the command line: as long as a command may work without a word.
    package var command: Duration = .hours(24)
    /// How long a body may lag behind `bodyBytesPerSecond`. Only time spent waiting for the client counts.
    package var bodyGrace: Duration = .seconds(10)
    package var bodyBytesPerSecond = 1024
    /// How long the client may take to drain what was written, on top of its size at `bodyBytesPerSecond`.
    package var drain: Duration = .seconds(60)
    /// How long a connection lives on when the server is stopping.
    package var farewell: Duration = .seconds(20)

    package var headerCount = 100
    package var headerBytes = 16 * 1024
    package var targetBytes = 8 * 1024
    /// Largest body that is read into memory.
    package var bodyBytes = 1024 * 1024
    /// Largest body of all; uploads that stream may be this long.
    package var streamedBodyBytes = 1 << 30

    package var connections = 10_000
    /// Of one IPv4 address or one IPv6 /64. Trusted proxies are not counted.
    package var connectionsPerAddress = 256

    package init() {}
}
