import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Vocabulary

/// Turns HTTP/1.1 parts into the shared types and back, checks heads, counts bodies, and keeps the watch informed.
///
/// A bad head is not answered here: it goes on as an empty request that carries its ``HeadFault``, so that the
/// front answers all problems in one way and in order. Afterwards the connection closes.
final class RequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A body that nobody wanted is read to its end if it is not longer than this; otherwise the connection closes.
    private static let readAnyway = 256 * 1024
    /// How long a closing connection stays open for the client to read the answer.
    private static let linger = TimeAmount.seconds(2)

    private let watch: ConnectionWatch
    private let check: HeadCheck
    private let secure: Bool
    private var exchange: Exchange?
    /// Nothing more is passed on: the connection is closing.
    private var isDeaf = false
    private var closesAfterAnswer = false
    private var announced: Int?

    init(watch: ConnectionWatch, secure: Bool) {
        self.watch = watch
        self.secure = secure
        check = HeadCheck(limits: watch.limits)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head, context)
        case .body(let buffer):
            guard let exchange else { return }
            guard exchange.receivedBody(buffer.readableBytes) else {
                isDeaf = true
                closesAfterAnswer = true
                context.fireErrorCaught(Refusal(.tooLarge, "body-too-large", "The body is too large."))
                return
            }
            context.fireChannelRead(wrapInboundOut(.body(buffer)))
        case .end:
            guard let exchange else { return }
            exchange.receivedEnd()
            // Trailers are dropped: no route reads them, and they could smuggle headers.
            context.fireChannelRead(wrapInboundOut(.end(nil)))
            if exchange.isOver { end(exchange) }
        }
    }

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let exchange = Exchange(limits: watch.limits) { bound.value.close(promise: nil) }
        self.exchange = exchange
        watch.requestBegan(exchange)
        if !head.isKeepAlive { closesAfterAnswer = true }
        switch check.request(from: head, secure: secure) {
        case .failure(let fault): passOn(fault.fault, context)
        case .success(var request):
            announced = request.headerFields[.contentLength].flatMap { Int($0) }
            if announced == nil, request.headerFields[.transferEncoding] == nil { announced = 0 }
            if request.headerFields[.expect] != nil {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
            }
            if closesAfterAnswer { request.headerFields[.connection] = "close" }
            context.fireChannelRead(wrapInboundOut(.head(request)))
        }
    }

    /// A request in place of one that can't be read.
    private func passOn(_ fault: HeadFault, _ context: ChannelHandlerContext) {
        isDeaf = true
        closesAfterAnswer = true
        exchange?.receivedEnd()
        let fields: HTTPFields = [HeadFault.marker: fault.rawValue, .connection: "close"]
        let request = HTTPRequest(method: .get, scheme: "https", authority: "-", path: "/", headerFields: fields)
        context.fireChannelRead(wrapInboundOut(.head(request)))
        context.fireChannelRead(wrapInboundOut(.end(nil)))
        context.fireChannelReadComplete()
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

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let fault = (error as? HTTPParserError).map(Self.fault), !isDeaf else {
            if !(error is HTTPParserError) { context.fireErrorCaught(error) }
            return
        }
        if let exchange, !exchange.isOver {
            // Mid-body, or while an earlier answer is under way: nothing sensible can be said any more.
            isDeaf = true
            context.fireErrorCaught(error)
            context.close(promise: nil)
            return
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let exchange = Exchange(limits: watch.limits) { bound.value.close(promise: nil) }
        self.exchange = exchange
        watch.requestBegan(exchange)
        passOn(fault, context)
    }

    private static func fault(_ error: HTTPParserError) -> HeadFault {
        switch error {
        case .headerOverflow: .headersTooLarge
        default: .malformed
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let response):
            var head = HTTPResponseHead(response)
            if response.status.kind != .informational {
                if let exchange, exchange.isReceiving, (announced ?? .max) > Self.readAnyway { closesAfterAnswer = true }
                if closesAfterAnswer { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let body): context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: promise)
        case .end(let trailers):
            context.write(wrapOutboundOut(.end(trailers.map(HTTPHeaders.init))), promise: promise)
            answered(context)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        exchange.answered()
        if closesAfterAnswer {
            leave(context)
        } else if exchange.isOver {
            end(exchange)
        }
    }

    private func end(_ exchange: Exchange) {
        watch.requestEnded(exchange)
        self.exchange = nil
    }

    /// Lets the client read the answer before the connection goes: closing with unread input would reset it.
    private func leave(_ context: ChannelHandlerContext) {
        if let exchange, exchange.isReceiving, !isDeaf {
            exchange.receivedEnd()
            context.fireChannelRead(wrapInboundOut(.end(nil)))
            context.fireChannelReadComplete()
        }
        isDeaf = true
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        // A channel handler is called on its channel's event loop only.
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.linger) { bound.value.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { truncate(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        truncate(context)
        if let exchange { end(exchange) }
        context.fireChannelInactive()
    }

    /// Half a body must never pass for a whole one: the sequence of parts would otherwise simply end.
    private func truncate(_ context: ChannelHandlerContext) {
        guard let exchange, exchange.isReceiving, !isDeaf else { return }
        isDeaf = true
        exchange.receivedEnd()
        context.fireErrorCaught(TruncatedBody())
    }
}

/// The client went away in the middle of a body.
struct TruncatedBody: Error {}
