import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Takes connections in at one address, until it is told to stop and those it took in have ended.
///
/// It does so on a thread of its own: a new connection must not wait behind the work of those that are there, or a flood of requests would
/// keep everybody else out.
struct Listener: Service {
    enum Place {
        case network(host: String, port: Int)
        case unixSocket(path: String)
    }

    let place: Place
    let channel: GuardedChannel
    /// Where connections are taken in.
    let door: MultiThreadedEventLoopGroup
    /// Where they are served.
    let group: any EventLoopGroup
    let logger: Logger
    let onListening: @Sendable (any Channel) async -> Void

    /// How many wait in the kernel to be taken in.
    private static let backlog: Int32 = 1024
    /// How many are taken in before one of them is begun with.
    private static let arrivals = NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(lowWatermark: 64, highWatermark: 256)

    func run() async throws {
        let quiescing = ServerQuiescingHelper(group: door)
        let arrivals = try await bind(quiescing)
        // Made when it is time to stop, kept when all have left: the thread must not end before.
        let left = Mutex<EventLoopFuture<Void>?>(nil)
        await withGracefulShutdownHandler {
            await onListening(arrivals.channel)
            await withDiscardingTaskGroup { tasks in
                do {
                    try await arrivals.executeThenClose { inbound in
                        for try await value in inbound {
                            tasks.addTask { await channel.handle(value: value, logger: logger) }
                        }
                    }
                } catch {
                    logger.error("connections can't be taken in any more", metadata: ["error": "\(type(of: error))"])
                }
            }
        } onGracefulShutdown: {
            let promise = arrivals.channel.eventLoop.makePromise(of: Void.self)
            left.withLock { $0 = promise.futureResult }
            quiescing.initiateShutdown(promise: promise)
        }
        try await left.withLock { $0 }?.get()
    }

    private func bind(_ quiescing: ServerQuiescingHelper) async throws -> NIOAsyncChannel<GuardedChannel.Value, Never> {
        let bootstrap = ServerBootstrap(group: door, childGroup: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: server))
                }
            }
        let setup: @Sendable (any Channel) -> EventLoopFuture<GuardedChannel.Value> = { channel.setup(channel: $0, logger: logger) }
        switch place {
        case .network(let host, let port):
            return try await bootstrap.bind(
                host: host, port: port, serverBackPressureStrategy: Self.arrivals, childChannelInitializer: setup)
        case .unixSocket(let path):
            return try await bootstrap.bind(
                unixDomainSocketPath: path, serverBackPressureStrategy: Self.arrivals, childChannelInitializer: setup)
        }
    }
}
