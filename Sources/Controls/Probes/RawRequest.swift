import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Sends a request exactly as it is written, over TLS, to the server's own listener.
enum RawRequest {
    /// The first part of the answer; nil where none comes within ``Handshake/patience``.
    /// - Parameter source: the address to come from, as somebody who says nothing before TLS.
    static func send(_ request: String, to listener: Platform.Listener, from source: SocketAddress? = nil) async -> String? {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // What is asked is in question here, not the certificate.
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["http/1.1"]
        guard let context = try? NIOSSLContext(configuration: configuration) else { return nil }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: String.self)
        var bootstrap = ClientBootstrap(group: loop).connectTimeout(Handshake.patience).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Greeter(source == nil ? listener.greeting : []))
                let tls = try NIOSSLClientHandler(
                    context: context, serverHostname: listener.serverName.contains(":") ? nil : listener.serverName)
                try channel.pipeline.syncOperations.addHandlers([tls, Reader(request: request, answer: answer)])
            }
        }
        if let source { bootstrap = bootstrap.bind(to: source) }
        guard let channel = try? await bootstrap.connect(host: listener.host, port: listener.port).get() else {
            answer.succeed("")
            return nil
        }
        let deadline = loop.scheduleTask(in: Handshake.patience) { answer.succeed("") }
        let text = (try? await answer.futureResult.get()) ?? ""
        deadline.cancel()
        try? await channel.close().get()
        return text.isEmpty ? nil : text
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let request: String
        private let answer: EventLoopPromise<String>

        init(request: String, answer: EventLoopPromise<String>) {
            self.request = request
            self.answer = answer
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted = event as? TLSUserEvent {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
            }
            context.fireUserInboundEventTriggered(event)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { answer.succeed(String(buffer: unwrapInboundIn(data))) }

        func channelInactive(context: ChannelHandlerContext) {
            answer.succeed("")
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            answer.succeed("")
            context.close(promise: nil)
        }
    }
}
