import Hummingbird
import NIOCore
import ServiceLifecycle
import Vocabulary

/// One event for the browser's `EventSource` (WHATWG HTML section 9.2).
package struct ServerEvent: Sendable, Equatable {
    package let name: String?
    package let data: String
    package let id: String?

    package init(_ data: String, name: String? = nil, id: String? = nil) {
        (self.data, self.name, self.id) = (data, name, id)
    }

    package init(_ value: JSONValue, name: String? = nil, id: String? = nil) {
        self.init(value.text, name: name, id: id)
    }

    var text: String {
        var lines = ""
        if let name { lines += "event: \(Self.oneLine(name))\n" }
        if let id { lines += "id: \(Self.oneLine(id))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { lines += "data: \(line)\n" }
        return lines + "\n"
    }

    private static func oneLine(_ text: String) -> String { String(text.filter { !$0.isNewline && $0 != "\0" }) }
}

extension Response {
    /// A stream of events, for as long as `write` runs. Where nothing happens for a while it must call ``EventSink/pulse()``,
    /// every 15 seconds or so, or the connection is cut for silence (``Limits/silence``). Ends when the server stops.
    package static func events(_ write: @escaping @Sendable (EventSink) async throws -> Void) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: .streaming { sink in
                try await cancelWhenGracefulShutdown {
                    try await write(EventSink(chunks: sink))
                }
            })
    }
}

/// Where events are written to.
package struct EventSink: Sendable {
    let chunks: any ChunkSink

    package func send(_ event: ServerEvent) async throws { try await chunks.write(event.text) }

    /// A comment that the browser ignores: keeps proxies and the guard from cutting a silent stream.
    package func pulse() async throws { try await chunks.write(": \n\n") }
}
