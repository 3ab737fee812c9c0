import Hummingbird
import NIOCore
import Vocabulary

extension Request {
    /// The whole body, at most `context.bodyLimit` bytes.
    package func bytes(in context: HoldfastContext) async throws -> ByteBuffer {
        let limit = context.bodyLimit
        if let announced = headers[.contentLength].flatMap({ Int($0) }), announced > limit { throw Self.tooLarge(limit) }
        var collected = ByteBuffer()
        for try await chunk in body {
            guard collected.readableBytes + chunk.readableBytes <= limit else { throw Self.tooLarge(limit) }
            if collected.readableBytes == 0 { collected = chunk } else { collected.writeImmutableBuffer(chunk) }
        }
        return collected
    }

    /// The body as JSON.
    /// - Throws: ``Refusal``: `unsupported` for another media type, `invalid` naming the place in the document.
    package func json(in context: HoldfastContext) async throws -> JSONValue {
        guard Self.isJSON(headers[.contentType]) else {
            throw Refusal(.unsupported, "json-expected", "Send the body as application/json.")
        }
        return try Self.readJSON(try await bytes(in: context))
    }

    /// The body as a value of the given type; names that the type doesn't know are refused.
    package func decode<Value: Decodable>(_ type: Value.Type = Value.self, in context: HoldfastContext) async throws -> Value {
        try JSONDecoding.decode(type, from: try await json(in: context))
    }

    package static func readJSON(_ buffer: ByteBuffer) throws -> JSONValue {
        do {
            return try JSONReader.read(buffer.readableBytesView)
        } catch {
            let fields = error.path.isEmpty ? [] : [Refusal.FieldProblem(field: error.path, message: error.message)]
            throw Refusal(.invalid, "invalid-json", error.message, fields: fields)
        }
    }

    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let type = contentType.split(separator: ";", maxSplits: 1)[...].first.map { $0.trimmingSpaces().lowercased() } ?? ""
        return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }

    static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(.tooLarge, "body-too-large", "The body may be at most \(limit) bytes long.")
    }

    /// A parameter of the query string, decoded. The first one where it appears twice; nil where it can't be decoded.
    package func query(_ name: String) -> String? {
        uri.queryParameters.get(name)
    }
}

extension StringProtocol {
    /// Without spaces and tabs around (RFC 9110 OWS).
    func trimmingSpaces() -> SubSequence {
        var text = self[startIndex..<endIndex]
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return text
    }
}
