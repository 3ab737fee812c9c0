import NIOCore
import Synchronization
import Vocabulary

/// Takes the PROXY header off a connection before anything else sees its bytes, and refuses what should not be there.
///
/// From a trusted proxy the header has to come first; from everybody else it must not come at all. The time for it is part of the
/// connection's first-request deadline, which the guard behind this handler keeps.
final class ProxyIntake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let isTrusted: Bool
    /// Says whether the client may stay.
    private let accept: (ProxyHeader) -> Bool
    private let refuse: (ProxyRefusal) -> Void
    private var held: ByteBuffer?
    private var isDeaf = false
    private var hasLeft = false

    init(isTrusted: Bool, accept: @escaping (ProxyHeader) -> Bool, refuse: @escaping (ProxyRefusal) -> Void) {
        self.isTrusted = isTrusted
        self.accept = accept
        self.refuse = refuse
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if hasLeft { return context.fireChannelRead(data) }
        if isDeaf { return }
        var bytes = unwrapInboundIn(data)
        if var before = held {
            before.writeBuffer(&bytes)
            bytes = before
        }
        held = nil
        do throws(ProxyHeader.Fault) {
            guard case .whole(let header, let length) = try ProxyHeader.read(bytes.readableBytesView) else {
                held = bytes
                return
            }
            guard isTrusted else { return close(context, .untrusted) }
            guard accept(header) else {
                isDeaf = true
                return context.close(promise: nil)
            }
            bytes.moveReaderIndex(forwardBy: length)
            leave(context, bytes)
        } catch {
            if !isTrusted, error == .missing { return leave(context, bytes) }
            close(context, isTrusted ? .fault(error) : .untrusted)
        }
    }

    private func close(_ context: ChannelHandlerContext, _ refusal: ProxyRefusal) {
        isDeaf = true
        refuse(refusal)
        context.close(promise: nil)
    }

    private func leave(_ context: ChannelHandlerContext, _ rest: ByteBuffer) {
        hasLeft = true
        if rest.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(rest))
            context.fireChannelReadComplete()
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

/// Why a connection was closed at its PROXY header, or for the lack of one.
enum ProxyRefusal: Sendable, Hashable {
    /// A header from an address that is no trusted proxy.
    case untrusted
    case fault(ProxyHeader.Fault)

    /// For log and metrics: of a closed list, never an address.
    var code: String {
        switch self {
        case .untrusted: "untrusted"
        case .fault(let fault): fault.rawValue
        }
    }
}
