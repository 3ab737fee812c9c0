import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Sealing
import ServiceLifecycle
import Synchronization
import TestSupport
import Vocabulary

@testable import Web

/// A server on real sockets for one test, and stopped at its end.
struct RunningServer {
    let scene: Scene
    let port: Int
    let certificates: Certificates
    let files: DevelopmentAuthority.Files
    let directory: TemporaryDirectory
    let server: WebServer
    let shutdown: @Sendable () async -> Void

    static func with<T: Sendable>(
        limits: Limits = Limits(), proxied: Bool = false, trustedProxies: [AddressRange] = [], proxyProtocol: Bool = false,
        add: (Routes) -> Void = { _ in }, body: (RunningServer) async throws -> T
    ) async throws -> T {
        let directory = try TemporaryDirectory()
        let files = try DevelopmentAuthority(directory: directory.path + "/tls").files(apex: "holdfast.localhost")
        let certificates = try Certificates(chain: files.certificate, key: files.key)
        let scene = Scene(limits: limits, trustedProxies: trustedProxies, add: add)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let binding: Binding = proxied ? .proxied(host: "127.0.0.1", port: 0) : .tls(host: "127.0.0.1", port: 0, certificates: certificates)
        var quiet = Logger(label: "server", factory: { _ in scene.log.handler })
        quiet.logLevel = .error
        let server = try WebServer(front: scene.front, bindings: [binding], proxyProtocol: proxyProtocol, logger: quiet) { _, address in
            found.yield(address?.port ?? 0)
        }
        var configuration = ServiceGroupConfiguration(services: [server], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        let group = ServiceGroup(configuration: configuration)
        let running = Task { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = await iterator.next() ?? 0
        let value = RunningServer(
            scene: scene, port: port, certificates: certificates, files: files, directory: directory, server: server,
            shutdown: { await group.triggerGracefulShutdown() })
        do {
            let result = try await body(value)
            await group.triggerGracefulShutdown()
            try await running.value
            return result
        } catch {
            await group.triggerGracefulShutdown()
            try? await running.value
            throw error
        }
    }

    /// `greeting` goes out before anything else.
    func connect(
        tls: Bool = true, alpn: [String] = ["http/1.1"], greeting: [UInt8] = [], configure: (inout TLSConfiguration) -> Void = { _ in }
    ) async throws -> Wire {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(files.authority)
        configuration.applicationProtocols = alpn
        configure(&configuration)
        let context = tls ? try NIOSSLContext(configuration: configuration) : nil
        return try await Wire.connect(.init(ipAddress: "127.0.0.1", port: port), tls: context, greeting: greeting)
    }
}

/// A client that sends exactly the bytes it is told to, when it is told to.
final class Wire: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let box = Mutex<(any Channel)?>(nil)

    static func connect(_ address: SocketAddress, tls: NIOSSLContext?, greeting: [UInt8] = []) async throws -> Wire {
        let wire = Wire()
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if !greeting.isEmpty { try channel.pipeline.syncOperations.addHandler(Greeter(greeting)) }
                if let tls {
                    try channel.pipeline.syncOperations.addHandler(
                        try NIOSSLClientHandler(context: tls, serverHostname: "acme.holdfast.localhost"))
                }
                try channel.pipeline.syncOperations.addHandler(Collector(wire: wire))
            }
        }
        let channel = try await bootstrap.connect(to: address).get()
        wire.box.withLock { $0 = channel }
        return wire
    }

    var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        guard let channel = box.withLock({ $0 }) else { return }
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Sends one byte after the other with a pause, until all is sent or the connection is gone.
    func trickle(_ text: String, pause: Duration) async {
        for byte in text.utf8 {
            if isClosed { return }
            do { try await send([byte]) } catch { return }
            try? await Task.sleep(for: pause)
        }
    }

    func stopReading() async throws {
        guard let channel = box.withLock({ $0 }) else { return }
        try await channel.setOption(.autoRead, value: false).get()
    }

    func close() { box.withLock { $0 }?.close(promise: nil) }

    /// Waits until the condition holds; false when time is up first.
    func wait(within limit: Duration = .seconds(10), until condition: (Wire) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while !condition(self) {
            if ContinuousClock.now > deadline { return false }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    func closes(within limit: Duration = .seconds(10)) async -> Bool { await wait(within: limit) { $0.isClosed } }
    func receives(_ part: String, within limit: Duration = .seconds(10)) async -> Bool {
        await wait(within: limit) { $0.text.contains(part) }
    }

    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let greeting: [UInt8]
        init(_ greeting: [UInt8]) { self.greeting = greeting }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: greeting)), promise: nil)
            context.fireChannelActive()
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let wire: Wire
        init(wire: Wire) { self.wire = wire }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            wire.state.withLock { $0.bytes.append(contentsOf: buffer.readableBytesView) }
        }

        func channelInactive(context: ChannelHandlerContext) { wire.state.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// Just enough HTTP/2 to misbehave with (RFC 9113).
enum H2 {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = [UInt8(payload.count >> 16), UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF)]
        return length + [type, flags] + (0..<4).map { UInt8(truncatingIfNeeded: stream >> (24 - 8 * $0)) } + payload
    }

    static let settings = frame(4)
    static let ping = frame(6, [0, 0, 0, 0, 0, 0, 0, 1])
    static func window(_ size: UInt32, stream: UInt32 = 0) -> [UInt8] {
        frame(8, stream: stream, (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) })
    }
    static func reset(_ stream: UInt32) -> [UInt8] { frame(3, stream: stream, [0, 0, 0, 8]) }
    static func data(_ stream: UInt32, _ text: String, end: Bool = false) -> [UInt8] {
        frame(0, flags: end ? 1 : 0, stream: stream, Array(text.utf8))
    }

    /// `flags`: 4 = END_HEADERS, 1 = END_STREAM.
    static func headers(_ stream: UInt32, method: String = "GET", path: String = "/", flags: UInt8, extra: [(String, String)] = [])
        -> [UInt8]
    {
        var block: [UInt8] = []
        let fields = [(":method", method), (":scheme", "https"), (":authority", Scene.acmeHost), (":path", path)] + extra
        for (name, value) in fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        return frame(1, flags: flags, stream: stream, block)
    }

    /// The frames in what was received: type, flags, stream.
    static func frames(in bytes: [UInt8]) -> [(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] {
        var frames: [(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard rest.count >= 9 + length else { break }
            let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append((head[3], head[4], stream, Array(rest.dropFirst(9).prefix(length))))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }
}
