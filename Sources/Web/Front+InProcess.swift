import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// An answer with its body read.
package struct FinishedAnswer: Sendable {
    package let status: HTTPResponse.Status
    package let headers: HTTPFields
    package let body: ByteBuffer

    package var text: String { String(buffer: body) }
}

extension Front {
    /// One exchange without a socket, through everything that stands before the routes: for probes and tests.
    package func exchange(
        _ method: HTTPRequest.Method, _ path: String, host: String, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer(),
        from peer: Peer = Peer(way: .tls, address: "127.0.0.1")
    ) async throws -> FinishedAnswer {
        let head = HTTPRequest(method: method, scheme: "https", authority: host, path: path, headerFields: headers)
        let response = await answer(Request(head: head, body: RequestBody(buffer: body)), from: peer)
        let collected = CollectedBody()
        try await response.body.write(collected)
        return FinishedAnswer(status: response.status, headers: response.headers, body: collected.bytes.withLock { $0 })
    }
}

private final class CollectedBody: ResponseBodyWriter, Sendable {
    let bytes = Mutex(ByteBuffer())

    func write(_ buffer: ByteBuffer) async throws { _ = bytes.withLock { $0.writeImmutableBuffer(buffer) } }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
