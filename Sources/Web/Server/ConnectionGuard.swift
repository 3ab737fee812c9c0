import NIOCore
import Vocabulary

/// First in every connection's pipeline, before TLS: sees all bytes, ticks the watch and cuts what is overdue.
///
/// What it defends against: no ClientHello, silence after TLS, slow heads, an HTTP/2 preface and nothing else, HEADERS that
/// never end, idle keep-alive, and clients that stay when the server stops (docs/decisions/0013-guards-around-hummingbird.md).
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let watch: ConnectionWatch
    private let expectsTLS: Bool
    private var sawFirstByte = false
    private var ticking: RepeatedTask?

    init(watch: ConnectionWatch, expectsTLS: Bool) {
        self.watch = watch
        self.expectsTLS = expectsTLS
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ticking = context.eventLoop.scheduleRepeatedTask(initialDelay: watch.tick, delay: watch.tick) { _ in
            let (handler, context) = bound.value
            if handler.watch.isOverdue() { context.close(promise: nil) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { stopTicking() }

    func channelInactive(context: ChannelHandlerContext) {
        stopTicking()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        watch.received()
        if !sawFirstByte {
            let bytes = unwrapInboundIn(data)
            guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
            sawFirstByte = true
            if expectsTLS, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
                answerPlainHTTP(context)
                return
            }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        watch.sent()
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            watch.stopping()
            if !watch.hasSeenRequest {
                context.close(promise: nil)
                return
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// A person typed `http://` with our port. A record of TLS never begins with a letter.
    private func answerPlainHTTP(_ context: ChannelHandlerContext) {
        let text = "This port speaks HTTPS. Use https:// in the address.\n"
        let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n"
        let buffer = context.channel.allocator.buffer(string: "\(head)Cache-Control: no-store\r\nConnection: close\r\n\r\n\(text)")
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(buffer))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func stopTicking() {
        ticking?.cancel()
        ticking = nil
    }
}
