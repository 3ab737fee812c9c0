import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPTypes
import NIOSSL
import NIOTLS
import Vocabulary

/// How one connection is set up and served: guards first, then TLS, then HTTP/1.1 or HTTP/2.
struct GuardedChannel: Sendable {
    typealias Answer = @Sendable (Request, Peer) async -> Response
    typealias HTTP1 = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    typealias Negotiated = NIONegotiatedHTTPVersion<HTTP1, HTTP2>

    struct HTTP2: Sendable {
        let channel: HTTP2Channel
        let value: HTTP2Channel.Value
    }

    enum Way: Sendable {
        case tls(Certificates)
        case proxied
        case shell
    }

    struct Value: Sendable {
        enum Content: Sendable {
            case shed
            case tls(EventLoopFuture<Negotiated>, Caller)
            case plain(HTTP1, Peer)
            case shell(HTTP1, EventLoopFuture<PeerCredentials>)
        }
        let content: Content
        let channel: any Channel
    }

    let way: Way
    let limits: Limits
    let admission: Admission
    let trustedProxies: [AddressRange]
    /// Where refused PROXY headers are counted. Nil where the protocol is not spoken.
    let proxyRefusals: ProxyRefusals?
    let answer: Answer

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture { try setUp(channel, logger) }
    }

    private func setUp(_ channel: any Channel, _ logger: Logger) throws -> Value {
        let text = channel.remoteAddress?.ipAddress
        let address = text.flatMap(NetworkAddress.init)
        let isProxy = address.map { address in trustedProxies.contains { $0.contains(address) } } ?? false
        let subscriber = isProxy ? nil : address?.subscriber
        guard admission.admit(subscriber) else {
            channel.close(promise: nil)
            return Value(content: .shed, channel: channel)
        }
        let caller = Caller(Peer(way: .tls, address: text, isTrustedProxy: isProxy), subscriber: subscriber)
        channel.closeFuture.whenComplete { [admission] _ in admission.release(caller.subscriber) }
        let watch = ConnectionWatch(limits: limits)
        let pipeline = channel.pipeline.syncOperations
        let content: Value.Content
        switch way {
        case .tls(let certificates):
            if let proxyRefusals { try pipeline.addHandler(intake(caller, isProxy: isProxy, proxyRefusals)) }
            try pipeline.addHandler(ConnectionGuard(watch: watch, expectsTLS: true))
            try pipeline.addHandler(NIOSSLServerHandler(context: certificates.context))
            content = .tls(try negotiate(channel, watch, caller, logger), caller)
        case .proxied:
            try pipeline.addHandler(ConnectionGuard(watch: watch, expectsTLS: false))
            content = .plain(try setUpHTTP1(channel, watch, logger), Peer(way: .proxied, address: text, isTrustedProxy: isProxy))
        case .shell:
            try pipeline.addHandler(ConnectionGuard(watch: watch, expectsTLS: false))
            content = .shell(try setUpHTTP1(channel, watch, logger), PeerCredentials.read(channel))
        }
        return Value(content: content, channel: channel)
    }

    /// Before all other handlers, so that they see the client's bytes only.
    private func intake(_ caller: Caller, isProxy: Bool, _ refusals: ProxyRefusals) -> ProxyIntake {
        ProxyIntake(
            isTrusted: isProxy,
            accept: { [admission, trustedProxies] header in
                guard case .client(let client) = header else { return true }
                guard let client else {
                    // Somebody without an address: counts as the proxy, and is believed nothing.
                    caller.become(Peer(way: .tls, address: caller.peer.address), subscriber: nil)
                    return true
                }
                // A proxy before the proxy is one of ours too: it has no place of its own, and its headers are believed.
                let isProxy = trustedProxies.contains { $0.contains(client) }
                guard isProxy || admission.attribute(client.subscriber) else { return false }
                caller.become(
                    Peer(way: .tls, address: client.text, isTrustedProxy: isProxy), subscriber: isProxy ? nil : client.subscriber)
                return true
            }, refuse: { refusals.note($0) })
    }

    private func negotiate(
        _ channel: any Channel, _ watch: ConnectionWatch, _ caller: Caller, _ logger: Logger
    ) throws -> EventLoopFuture<Negotiated> {
        let bound = NIOLoopBound(watch, eventLoop: channel.eventLoop)
        let handler = NIOTypedApplicationProtocolNegotiationHandler<Negotiated> { result in
            channel.eventLoop.makeCompletedFuture { () -> EventLoopFuture<Negotiated> in
                switch result {
                case .negotiated("h2"): return setUpHTTP2(channel, bound, caller.peer, logger).map { .http2($0) }
                case .negotiated, .fallback:
                    return channel.eventLoop.makeSucceededFuture(.http1_1(try setUpHTTP1(channel, bound.value, logger)))
                }
            }.flatMap { $0 }
        }
        try channel.pipeline.syncOperations.addHandler(handler)
        return handler.protocolNegotiationResult
    }

    private func setUpHTTP1(_ channel: any Channel, _ watch: ConnectionWatch, _ logger: Logger) throws -> HTTP1 {
        let pipeline = channel.pipeline.syncOperations
        var decoding = NIOHTTPDecoderLimitConfiguration()
        // A little more than our own bounds, so that what is just over them gets an answer.
        decoding.maxHeaderFieldSize = max(limits.headerBytes, limits.targetBytes) * 2
        decoding.maxHeaderListSize = limits.headerBytes * 4
        decoding.maxHeaderFieldCount = limits.headerCount * 2
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoding)
        var secure = false
        if case .tls = way { secure = true }
        try pipeline.addHandler(RequestGuard(watch: watch, secure: secure))
        try pipeline.addHandler(HTTPConnectionStateHandler(logger: logger))
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    private func setUpHTTP2(
        _ channel: any Channel, _ watch: NIOLoopBound<ConnectionWatch>, _ peer: Peer, _ logger: Logger
    ) -> EventLoopFuture<HTTP2> {
        let configuration = HTTP2Channel.Configuration(
            idleTimeout: limits.keepAlive, gracefulCloseTimeout: limits.farewell,
            streamConfiguration: .init(additionalChannelHandlers: [StreamGuard(watch: watch.value)]))
        let http2 = HTTP2Channel(responder: responder(for: peer), configuration: configuration)
        return http2.setup(channel: channel, logger: logger).map { HTTP2(channel: http2, value: $0) }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) { await serve(value, logger) }
    }

    private func serve(_ value: Value, _ logger: Logger) async {
        switch value.content {
        case .shed: return
        case .plain(let http1, let peer): await HTTP1Service(responder: responder(for: peer)).handle(value: http1, logger: logger)
        case .shell(let http1, let credentials):
            guard let user = try? await credentials.get().admittedUser() else {
                // The channel is closed through its own wrapper, which insists on being used.
                try? await http1.executeThenClose { _, _ in }
                return
            }
            let peer = Peer(way: .shell(user: user), address: nil)
            await HTTP1Service(responder: responder(for: peer)).handle(value: http1, logger: logger)
        case .tls(let negotiation, let caller):
            // A failed handshake has closed the connection already, and says nothing worth a line in the log.
            guard let negotiated = try? await negotiation.get() else { return }
            switch negotiated {
            case .http1_1(let http1):
                await HTTP1Service(responder: responder(for: caller.peer)).handle(value: http1, logger: logger)
            case .http2(let http2): await http2.channel.handle(value: http2.value, logger: logger)
            }
        }
    }

    private func responder(for peer: Peer) -> HTTPChannelHandler.Responder {
        { [answer] request, writer, _ in
            let response = await answer(request, peer)
            try await writer.write(response: response.head, body: response.body)
        }
    }
}

/// Hummingbird's loop over the requests of one HTTP/1.1 connection.
private struct HTTP1Service: HTTPChannelHandler {
    typealias Value = GuardedChannel.HTTP1

    let responder: Responder

    /// Unused: the channel was set up by ``GuardedChannel``.
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
    }

    func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
