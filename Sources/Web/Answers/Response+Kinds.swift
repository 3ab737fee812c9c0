import HTTPTypes
import Hummingbird
import NIOCore
import Vocabulary

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The few kinds of answer that routes give.
extension Response {
    package static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        bytes(ByteBuffer(bytes: value.bytes), type: "application/json", status: status, headers: headers)
    }

    /// Encodes with sorted names and RFC 3339 dates.
    package static func json(
        encoding value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let data = try encoder.encode(value)
        return bytes(ByteBuffer(bytes: data), type: "application/json", status: status, headers: headers)
    }

    /// A page. The policy lets scripts and styles with this request's nonce run, and no others.
    package static func page(
        _ html: String, in context: HoldfastContext, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var response = Response.html(html, status: status, headers: headers)
        response.headers[.contentSecurityPolicy] = SecurityHeaders.pagePolicy(nonce: context.nonce, apexOrigin: context.apexOrigin)
        return response
    }

    /// HTML that may run and load nothing.
    package static func html(_ html: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        bytes(ByteBuffer(string: html), type: "text/html; charset=utf-8", status: status, headers: headers)
    }

    package static func text(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        bytes(ByteBuffer(string: text), type: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    package static func noContent() -> Response { Response(status: .noContent) }

    /// 303: the browser goes on with GET, whatever it came with. Never 307, which would carry a form with a password along.
    package static func seeOther(_ location: String) -> Response {
        Response(status: .seeOther, headers: [.location: location, .contentLength: "0"])
    }

    package static func bytes(
        _ buffer: ByteBuffer, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    /// A file for the person's disk, streamed as it is made. `write` is called once with the sink for chunks.
    package static func download(
        name: String, type: String, write: @escaping @Sendable (any ChunkSink) async throws -> Void
    ) -> Response {
        let headers: HTTPFields = [.contentType: type, .contentDisposition: "attachment; filename=\"\(safe(name))\""]
        return Response(status: .ok, headers: headers, body: .streaming(write))
    }

    /// Lines of JSON, each sent as soon as it is known.
    package static func lines(_ write: @escaping @Sendable (any ChunkSink) async throws -> Void) -> Response {
        Response(status: .ok, headers: [.contentType: "application/jsonl"], body: .streaming(write))
    }

    /// Leaves only characters that no quoting rule touches.
    private static func safe(_ name: String) -> String {
        let allowed = name.utf8.filter { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-_. ".utf8.contains(byte)
            }
        }
        return allowed.isEmpty ? "download" : String(decoding: allowed, as: UTF8.self)
    }
}

/// Where a streamed answer is written to. Waits while the client is slow.
package protocol ChunkSink: Sendable {
    func write(_ chunk: ByteBuffer) async throws
}

extension ChunkSink {
    package func write(_ text: String) async throws { try await write(ByteBuffer(string: text)) }
}

extension ResponseBody {
    package static func streaming(_ write: @escaping @Sendable (any ChunkSink) async throws -> Void) -> ResponseBody {
        ResponseBody { writer in
            let relay = ChunkRelay(writer)
            try await write(relay)
            try await relay.finish()
        }
    }
}

/// Lends Hummingbird's writer to one task at a time.
private final class ChunkRelay: ChunkSink, @unchecked Sendable {
    // Safe: used only inside the body's own closure, one call after the other, as ChunkSink's contract says.
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ chunk: ByteBuffer) async throws { try await writer.write(chunk) }
    func finish() async throws { try await writer.finish(nil) }
}
