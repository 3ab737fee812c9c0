import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Vocabulary

extension Control {
    static let encryptedInTransit = automated(
        "DA-7", "Encrypted on the way", "BYMCL",
        "Connections use TLS 1.2 or 1.3, the newest that both sides have; older versions and unencrypted connections are turned away.",
        every: .hours(6), EncryptedInTransit())
}

/// Shakes hands with the server in every version, and tries it without encryption.
struct EncryptedInTransit: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        guard let listener = platform.listener else { throw CannotProbe("no address listens for TLS") }
        var findings = Findings()
        let versions: [(name: String, version: TLSVersion, taken: Bool)] = [
            ("TLS 1.0", .tlsv1, false), ("TLS 1.1", .tlsv11, false), ("TLS 1.2", .tlsv12, true), ("TLS 1.3", .tlsv13, true),
        ]
        var results: [String: JSONValue] = [:]
        for (name, version, taken) in versions {
            let outcome = await Handshake.try(listener, version)
            guard outcome != .unreachable else { throw CannotProbe("the listening address does not answer") }
            results[name] = .string(outcome == .agreed ? "accepted" : "refused")
            findings.expect((outcome == .agreed) == taken, "\(name) was \(outcome == .agreed ? "accepted" : "refused")")
        }
        let plain = await Handshake.plain(listener)
        guard plain != .unreachable else { throw CannotProbe("the listening address does not answer") }
        results["plain HTTP"] = .string(plain == .agreed ? "answered" : "refused")
        findings.expect(plain != .agreed, "a request without encryption was answered")
        findings.facts["handshakes"] = .object(results)
        return findings.evidence("TLS 1.2 and 1.3 are spoken, older versions and plain HTTP are refused.")
    }
}

/// One attempt to talk to a listener.
enum Handshake {
    enum Outcome: Sendable, Equatable {
        case agreed
        case refused
        case unreachable
    }

    static let patience = TimeAmount.seconds(5)

    /// Whether the server completes a handshake in exactly this version.
    static func `try`(_ listener: Platform.Listener, _ version: TLSVersion) async -> Outcome {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = version
        configuration.maximumTLSVersion = version
        // Versions are in question here, not certificates.
        configuration.certificateVerification = .none
        configuration.cipherSuites = "ALL"
        guard let context = try? NIOSSLContext(configuration: configuration) else { return .refused }
        return await connect(listener) { channel, outcome in
            let tls = try NIOSSLClientHandler(
                context: context, serverHostname: listener.serverName.contains(":") ? nil : listener.serverName)
            try channel.pipeline.syncOperations.addHandlers([tls, Watcher(outcome: outcome, greeting: nil)])
        }
    }

    /// Whether the server answers a request that comes without TLS with anything but a refusal.
    static func plain(_ listener: Platform.Listener) async -> Outcome {
        await connect(listener) { channel, outcome in
            let greeting = "GET / HTTP/1.1\r\nHost: \(listener.serverName)\r\nConnection: close\r\n\r\n"
            try channel.pipeline.syncOperations.addHandler(Watcher(outcome: outcome, greeting: greeting))
        }
    }

    private static func connect(
        _ listener: Platform.Listener, _ prepare: @escaping @Sendable (any Channel, EventLoopPromise<Outcome>) throws -> Void
    ) async -> Outcome {
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let outcome = loop.makePromise(of: Outcome.self)
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(patience).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Greeter(listener.greeting))
                try prepare(channel, outcome)
            }
        }
        let channel: any Channel
        do {
            channel = try await bootstrap.connect(host: listener.host, port: listener.port).get()
        } catch {
            outcome.succeed(.unreachable)
            return .unreachable
        }
        let deadline = loop.scheduleTask(in: patience) { outcome.succeed(.refused) }
        let result = (try? await outcome.futureResult.get()) ?? .refused
        deadline.cancel()
        try? await channel.close().get()
        return result
    }

    /// Fulfils its promise once: agreed when TLS stands or when plain text is answered, refused when the connection ends before.
    private final class Watcher: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let outcome: EventLoopPromise<Outcome>
        private let greeting: String?

        init(outcome: EventLoopPromise<Outcome>, greeting: String?) {
            self.outcome = outcome
            self.greeting = greeting
        }

        func channelActive(context: ChannelHandlerContext) {
            if let greeting { context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: greeting)), promise: nil) }
            context.fireChannelActive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted = event as? TLSUserEvent { outcome.succeed(.agreed) }
            context.fireUserInboundEventTriggered(event)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            // A TLS alert (content type 21) is a refusal; an HTTP answer is one only when it serves nothing.
            let text = String(buffer: bytes)
            if greeting != nil, text.hasPrefix("HTTP/"), !text.hasPrefix("HTTP/1.1 4"), !text.hasPrefix("HTTP/1.0 4") {
                outcome.succeed(.agreed)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            outcome.succeed(.refused)
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            outcome.succeed(.refused)
            context.close(promise: nil)
        }
    }
}
