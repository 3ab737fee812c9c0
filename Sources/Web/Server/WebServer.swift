import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Vocabulary

/// Where requests come in.
package enum Binding: Sendable {
    /// HTTPS with HTTP/1.1 and HTTP/2.
    case tls(host: String, port: Int, certificates: Certificates)
    /// Plain HTTP/1.1 from a proxy on this machine that terminates TLS. Loopback only, and only with trusted proxies named.
    case proxied(host: String, port: Int)
    /// The command line's socket, mode 0600.
    case unixSocket(path: String)
}

/// Listens on all bindings until it is told to stop, then lets requests under way finish.
package struct WebServer: Service {
    private let front: Front
    private let bindings: [Binding]
    private let group: any EventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable (Binding, SocketAddress?) async -> Void

    package let admission: Admission
    /// Nil where the PROXY protocol is not spoken.
    package let proxyRefusals: ProxyRefusals?

    /// With `proxyProtocol`, TLS connections of trusted proxies begin with a PROXY header (version 2) and those of all others don't.
    ///
    /// `onListening` is told once for each binding, with the address that was bound (its port where 0 was asked for).
    /// - Throws: ``Vocabulary/Refusal`` for a binding that would serve plain HTTP to the network.
    package init(
        front: Front, bindings: [Binding], proxyProtocol: Bool = false, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger, onListening: @escaping @Sendable (Binding, SocketAddress?) async -> Void = { _, _ in }
    ) throws {
        for case .proxied(let host, _) in bindings {
            guard let address = NetworkAddress(host == "localhost" ? "127.0.0.1" : host), address.isLoopback else {
                throw Refusal.invalid("plain-http", "Plain HTTP is served on a loopback address only, not on \(host).")
            }
            guard !front.parts.trustedProxies.isEmpty else {
                throw Refusal.invalid("plain-http", "Plain HTTP is served to trusted proxies only: name them.")
            }
        }
        guard !proxyProtocol || !front.parts.trustedProxies.isEmpty else {
            throw Refusal.invalid("proxy-protocol", "PROXY headers are believed of trusted proxies only: name them.")
        }
        proxyRefusals = proxyProtocol ? ProxyRefusals(logger: logger) : nil
        self.front = front
        self.bindings = bindings
        self.group = group
        self.logger = logger
        self.onListening = onListening
        admission = Admission(limits: front.parts.limits)
    }

    package func run() async throws {
        let door = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do { try await listen(at: door) } catch {
            try? await door.shutdownGracefully()
            throw error
        }
        try await door.shutdownGracefully()
    }

    private func listen(at door: MultiThreadedEventLoopGroup) async throws {
        let services = try bindings.map { try service(for: $0, at: door) }
        defer {
            for case .unixSocket(let path) in bindings { UnixSocket.remove(path) }
        }
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        // The guards cut what is left by `farewell`; this is for what no guard can reach, such as a route that never ends.
        configuration.maximumGracefulShutdownDuration = front.parts.limits.farewell + .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func service(for binding: Binding, at door: MultiThreadedEventLoopGroup) throws -> Listener {
        let way: GuardedChannel.Way
        let place: Listener.Place
        switch binding {
        case .tls(let host, let port, let certificates):
            way = .tls(certificates)
            place = .network(host: host, port: port)
        case .proxied(let host, let port):
            way = .proxied
            place = .network(host: host, port: port)
        case .unixSocket(let path):
            try UnixSocket.clear(path)
            way = .shell
            place = .unixSocket(path: path)
        }
        var (limits, admission) = (front.parts.limits, admission)
        if case .unixSocket = binding {
            // The command line has places of its own, so that a flood can't lock the operator out, and may wait for work that takes long.
            admission = Admission(limits: limits)
            limits.silence = limits.command
        }
        let channel = GuardedChannel(
            way: way, limits: limits, admission: admission, trustedProxies: front.parts.trustedProxies,
            proxyRefusals: proxyRefusals
        ) { [front] request, peer in
            await front.answer(request, from: peer)
        }
        return Listener(place: place, channel: channel, door: door, group: group, logger: logger) { [onListening, logger] server in
            if case .unixSocket(let path) = binding {
                do { try UnixSocket.protect(path) } catch {
                    logger.critical("the socket's mode can't be set, closing it")
                    server.close(promise: nil)
                    return
                }
            }
            await onListening(binding, server.localAddress)
        }
    }
}
