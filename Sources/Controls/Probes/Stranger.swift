import NIOCore

/// Somebody on this machine whom the server doesn't know for a proxy.
///
/// Where a proxy runs on the same machine, its address is a trusted one, and the address that a connection from here has by itself is often the
/// same. Another address of the machine isn't: IPv4 has sixteen million for itself.
struct Stranger: Sendable {
    let address: SocketAddress

    /// Nil where each address from which the listener can be reached here is trusted.
    init?(to listener: Platform.Listener, trusted: (String) -> Bool) {
        guard let target = try? SocketAddress.makeAddressResolvingHost(listener.host, port: listener.port), let own = target.ipAddress
        else {
            return nil
        }
        var candidates = [own]
        if target.protocol == .inet { candidates += (2...9).map { "127.0.0.\($0)" } + ["127.77.77.77", "127.255.255.254"] }
        candidates += ((try? System.enumerateDevices()) ?? []).compactMap(\.address).filter { $0.protocol == target.protocol }
            .compactMap(\.ipAddress)
        guard let found = candidates.first(where: { !trusted($0) }), let address = try? SocketAddress(ipAddress: found, port: 0) else {
            return nil
        }
        self.address = address
    }
}
