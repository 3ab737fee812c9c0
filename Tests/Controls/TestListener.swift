import Controls
import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Sealing
import Synchronization
import TestSupport
import Vocabulary

/// A TLS listener that answers every request with 404 and writes to a log what its test wants written.
final class TestListener: Sendable {
    private let directory: TemporaryDirectory
    private let channel: any Channel
    private let seen: Visitors
    let listener: Platform.Listener

    /// `tls` false: an ordinary listener without encryption. `log` gets each request's first lines.
    init(
        tls: Bool = true, minimum: TLSVersion = .tlsv12, maximum: TLSVersion = .tlsv13, log: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        directory = try TemporaryDirectory()
        let files = try DevelopmentAuthority(directory: directory.path + "/ca").files(apex: "holdfast.test")
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = minimum
        configuration.maximumTLSVersion = maximum
        configuration.cipherSuites = "ALL"
        let context = try NIOSSLContext(configuration: configuration)
        let seen = Visitors()
        self.seen = seen
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    seen.note(channel.remoteAddress?.ipAddress ?? "")
                    if tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
                    try channel.pipeline.syncOperations.addHandler(NotFound(log: log))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        listener = .init(host: "127.0.0.1", port: channel.localAddress?.port ?? 0, serverName: "holdfast.test")
    }

    deinit { channel.close(promise: nil) }

    /// The addresses that connections came from, in order.
    var visitors: [String] { seen.addresses.withLock { $0 } }

    private final class Visitors: Sendable {
        let addresses = Mutex<[String]>([])
        func note(_ address: String) { addresses.withLock { $0.append(address) } }
    }

    private final class NotFound: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let log: @Sendable (String) -> Void

        init(log: @escaping @Sendable (String) -> Void) { self.log = log }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            log(String(buffer: unwrapInboundIn(data)))
            let answer = ByteBuffer(string: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
