/// What the way to a database server is like, as the server itself tells it.
package struct DatabaseServer: Sendable, Hashable {
    /// One rule about who may connect, in the server's order.
    package struct Rule: Sendable, Hashable {
        /// `local`, `host`, `hostssl`, `hostnossl`, … as in pg_hba.conf.
        package let kind: String
        /// `all`, `samehost`, `samenet`, a host name, or a block such as `10.0.0.0/8`; empty for `local`.
        package let addresses: String
        /// `scram-sha-256`, `cert`, `trust`, `reject`, …
        package let method: String

        package init(kind: String, addresses: String, method: String) {
            self.kind = kind
            self.addresses = addresses
            self.method = method
        }
    }

    /// `15.18`.
    package let version: String
    /// The server's end of our connection; nil over a Unix socket.
    package let address: String?
    /// Our end of it, as the server sees it.
    package let clientAddress: String?
    /// The protocol version of the connection's TLS, such as `TLSv1.3`; nil where it isn't encrypted.
    package let encryption: String?
    /// Whether we verify the server's certificate and name.
    package let isVerified: Bool
    /// The addresses that the server listens at: `*`, names and addresses, or nothing.
    package let listensAt: String
    /// Nil where our role may not look.
    package let rules: [Rule]?

    package init(
        version: String, address: String?, clientAddress: String?, encryption: String?, isVerified: Bool, listensAt: String, rules: [Rule]?
    ) {
        self.version = version
        self.address = address
        self.clientAddress = clientAddress
        self.encryption = encryption
        self.isVerified = isVerified
        self.listensAt = listensAt
        self.rules = rules
    }
}

/// An engine whose databases lie on a server that is reached by a connection.
package protocol ServedEngine: Engine {
    /// Asks the server, by a connection like those that carry data.
    func server() async throws -> DatabaseServer
}
