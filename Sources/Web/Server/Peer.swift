import Vocabulary

/// The other end of a connection, as the socket itself tells.
package struct Peer: Sendable, Equatable {
    package enum Way: Sendable, Equatable {
        case tls
        /// Plain HTTP from a trusted proxy on this machine.
        case proxied
        /// The Unix socket, with the name of the operating system's user.
        case shell(user: String)
    }

    package let way: Way
    /// The socket's remote address; nil on the Unix socket.
    package let address: String?
    /// Whether its forwarded headers are believed.
    package let isTrustedProxy: Bool

    package init(way: Way, address: String?, isTrustedProxy: Bool = false) {
        self.way = way
        self.address = address
        self.isTrustedProxy = isTrustedProxy
    }
}
