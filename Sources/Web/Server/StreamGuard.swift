import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Vocabulary

/// What ``RequestGuard`` is for HTTP/1.1, for one stream of an HTTP/2 connection.
final class StreamGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let watch: ConnectionWatch
    private let check: HeadCheck
    private var exchange: Exchange?
    private var isDeaf = false

    init(watch: ConnectionWatch) {
        self.watch = watch
        check = HeadCheck(limits: watch.limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let exchange = Exchange(limits: watch.limits) { bound.value.close(promise: nil) }
        self.exchange = exchange
        watch.requestBegan(exchange)
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf, let exchange else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            switch check.check2(head) {
            case .success(let request): context.fireChannelRead(wrapInboundOut(.head(request)))
            case .failure(let fault):
                isDeaf = true
                exchange.receivedEnd()
                let fields: HTTPFields = [HeadFault.marker: fault.fault.rawValue]
                let request = HTTPRequest(method: .get, scheme: "https", authority: "-", path: "/", headerFields: fields)
                context.fireChannelRead(wrapInboundOut(.head(request)))
                context.fireChannelRead(wrapInboundOut(.end(nil)))
            }
        case .body(let buffer):
            guard exchange.receivedBody(buffer.readableBytes) else {
                isDeaf = true
                context.fireErrorCaught(Refusal(.tooLarge, "body-too-large", "The body is too large."))
                return
            }
            context.fireChannelRead(wrapInboundOut(.body(buffer)))
        case .end:
            exchange.receivedEnd()
            context.fireChannelRead(wrapInboundOut(.end(nil)))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        exchange?.readCompleted()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        exchange?.wantsBody()
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        exchange?.writable(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        guard case .end = part else {
            context.write(data, promise: promise)
            return
        }
        exchange?.answered()
        context.write(data, promise: promise)
        guard let exchange, exchange.isReceiving else { return }
        // The answer is complete without the rest of the body: the stream ends here (RFC 9113 section 8.1).
        isDeaf = true
        exchange.receivedEnd()
        context.fireChannelRead(wrapInboundOut(.end(nil)))
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let exchange, exchange.isReceiving, !isDeaf {
            isDeaf = true
            exchange.receivedEnd()
            context.fireErrorCaught(TruncatedBody())
        }
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard let exchange else { return }
        watch.requestEnded(exchange)
        self.exchange = nil
    }
}
