import Hummingbird
import NIOCore
import Vocabulary

/// A pull parser for `multipart/form-data` (RFC 7578, RFC 2046 section 5.1). Holds one network chunk and a boundary's
/// length of it back; parts are as long as they like.
final class MultipartReader: @unchecked Sendable {
    // Safe: used by one task, the route's, one call after the other.
    struct Part {
        let name: String
        let file: UploadedFile?
    }

    private static let headBytes = 8 * 1024

    private var iterator: RequestBody.AsyncIterator
    private let delimiter: [UInt8]
    private let limit: Int
    private var received = 0
    private var buffer: ByteBuffer
    private var inPart = false
    private var ended = false

    init(body: RequestBody, boundary: String, limit: Int) {
        iterator = body.makeAsyncIterator()
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limit = limit
        // The first delimiter has no line break before it; this gives it one.
        buffer = ByteBuffer(string: "\r\n")
    }

    /// 1–70 characters of RFC 2046's set.
    static func boundary(_ contentType: String?) -> String? {
        guard let contentType else { return nil }
        let parts = contentType.split(separator: ";").map { $0.trimmingSpaces() }
        guard let type = parts.first, type.lowercased() == "multipart/form-data" else { return nil }
        for part in parts.dropFirst() where part.lowercased().hasPrefix("boundary=") {
            var value = part.dropFirst("boundary=".count)
            if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            let allowed = value.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"\\;@<>[]*&%$#!^`{}|~".utf8.contains($0) }
            return (1...70).contains(value.utf8.count) && allowed ? String(value) : nil
        }
        return nil
    }

    /// The next part's head; nil after the last one.
    func nextPart() async throws -> Part? {
        while inPart { _ = try await nextChunk() }
        guard !ended else { return nil }
        if received == 0 {
            // A preamble is legal and unused: only an empty one is accepted.
            guard try await fill(to: delimiter.count), starts(with: delimiter) else { throw malformed() }
            buffer.moveReaderIndex(forwardBy: delimiter.count)
        }
        guard try await fill(to: 2) else { throw malformed() }
        if starts(with: Array("--".utf8)) {
            ended = true
            // What follows the last delimiter doesn't count, but the connection needs it read.
            while try await more() { buffer.clear() }
            return nil
        }
        guard starts(with: Array("\r\n".utf8)) else { throw malformed() }
        buffer.moveReaderIndex(forwardBy: 2)
        let part = try head(try await headLines())
        inPart = true
        return part
    }

    /// The next bytes of the current part; nil at its end.
    func nextChunk() async throws -> ByteBuffer? {
        guard inPart else { return nil }
        while true {
            if let offset = find(delimiter) {
                let chunk = buffer.readSlice(length: offset)
                if offset > 0 { return chunk }
                buffer.moveReaderIndex(forwardBy: delimiter.count)
                inPart = false
                return nil
            }
            // The tail may be the beginning of a delimiter.
            let free = buffer.readableBytes - (delimiter.count - 1)
            if free > 0, let chunk = buffer.readSlice(length: free) { return chunk }
            guard try await more() else { throw malformed() }
        }
    }

    private func headLines() async throws -> [Substring] {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let offset = find(end) {
                guard let text = buffer.readString(length: offset, encoding: .utf8) else { throw malformed() }
                buffer.moveReaderIndex(forwardBy: end.count)
                return text.split(separator: "\r\n")
            }
            guard buffer.readableBytes < Self.headBytes, try await more() else { throw malformed() }
        }
    }

    private func head(_ lines: [Substring]) throws -> Part {
        var name: String?
        var filename: String?
        var contentType = "application/octet-stream"
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { throw malformed() }
            let value = line[line.index(after: colon)...].trimmingSpaces()
            switch line[..<colon].lowercased() {
            case "content-disposition":
                guard value.lowercased().hasPrefix("form-data") else { throw malformed() }
                name = Self.parameter("name", of: value)
                filename = Self.parameter("filename", of: value)
            case "content-type": contentType = String(value.prefix(200))
            default: continue
            }
        }
        guard let name, !name.utf8.contains(0), name.utf8.count <= 200 else { throw malformed() }
        let file = filename.map { UploadedFile(name: name, filename: String($0.prefix(255)), contentType: contentType) }
        return Part(name: name, file: file)
    }

    /// A quoted parameter. Browsers write quotes inside as `%22` (WHATWG), so nothing else is unescaped.
    private static func parameter(_ name: String, of value: Substring) -> String? {
        var rest = value[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].trimmingSpaces()
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let found = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            guard rest.first == "\"" else { continue }
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: "\"") else { return nil }
            if found == name { return String(rest[..<end]).replacing("%22", with: "\"") }
            rest = rest[end...].dropFirst()
        }
        return nil
    }

    private func starts(with bytes: [UInt8]) -> Bool { buffer.readableBytesView.starts(with: bytes) }

    private func find(_ needle: [UInt8]) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            guard bytes.count >= needle.count, let first = needle.first else { return nil }
            let last = bytes.count - needle.count
            var start = 0
            while start <= last, let found = bytes[start...last].firstIndex(of: first) {
                if bytes[found..<found + needle.count].elementsEqual(needle) { return found }
                start = found + 1
            }
            return nil
        }
    }

    private func fill(to count: Int) async throws -> Bool {
        while buffer.readableBytes < count {
            guard try await more() else { return false }
        }
        return true
    }

    private func more() async throws -> Bool {
        guard var chunk = try await iterator.next() else { return false }
        received += chunk.readableBytes
        guard received <= limit else { throw Request.tooLarge(limit) }
        buffer.discardReadBytes()
        buffer.writeBuffer(&chunk)
        return true
    }

    private func malformed() -> Refusal { .invalid("invalid-form", "The form can't be read.") }
}
