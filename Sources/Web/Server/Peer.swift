import Synchronization
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
    /// The socket's remote address, or the one that a trusted proxy's PROXY header names; nil on the Unix socket.
    package let address: String?
    /// Whether its forwarded headers are believed.
    package let isTrustedProxy: Bool

    package init(way: Way, address: String?, isTrustedProxy: Bool = false) {
        self.way = way
        self.address = address
        self.isTrustedProxy = isTrustedProxy
    }
}

/// Who calls on a connection: the socket's peer until a trusted proxy says for whom it speaks.
final class Caller: Sendable {
    private let state: Mutex<(peer: Peer, subscriber: NetworkAddress?)>

    init(_ peer: Peer, subscriber: NetworkAddress?) { state = Mutex((peer, subscriber)) }

    var peer: Peer { state.withLock { $0.peer } }
    /// Whose place the connection takes. Nil for a proxy's own.
    var subscriber: NetworkAddress? { state.withLock { $0.subscriber } }

    func become(_ peer: Peer, subscriber: NetworkAddress?) { state.withLock { $0 = (peer, subscriber) } }
}
