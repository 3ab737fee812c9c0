import Hummingbird
import NIOCore
import Vocabulary

/// One file of a form while it arrives. Its bytes are lent in order and never touch the disk.
package struct UploadedFile: Sendable {
    /// The form field's name.
    package let name: String
    /// What the client calls it: for display only, never for a path.
    package let filename: String
    package let contentType: String
}

/// The bytes of one file, as they come in.
package struct UploadStream: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer
    let source: MultipartReader

    package struct Iterator: AsyncIteratorProtocol {
        let source: MultipartReader
        package mutating func next() async throws -> ByteBuffer? { try await source.nextChunk() }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(source: source) }
}

extension Request {
    /// Reads a `multipart/form-data` body as a stream. `receive` is called for each file, in the form's order, and must
    /// take what it needs before it returns; the rest of that file is skipped. Returns the fields that are no files.
    /// - Throws: ``Refusal`` `tooLarge` after `limit` bytes in all, `invalid` for a body that is no multipart.
    @discardableResult
    package func upload(
        in context: HoldfastContext, limit: Int, receive: (UploadedFile, UploadStream) async throws -> Void
    ) async throws -> Form {
        guard let boundary = MultipartReader.boundary(headers[.contentType]) else {
            throw Refusal(.unsupported, "multipart-expected", "Send the body as multipart/form-data.")
        }
        let reader = MultipartReader(body: body, boundary: boundary, limit: limit)
        var fields: [(name: String, value: String)] = []
        while let part = try await reader.nextPart() {
            if let file = part.file {
                try await receive(file, UploadStream(source: reader))
                while try await reader.nextChunk() != nil {}
            } else {
                guard fields.count < 1000 else { throw Refusal(.tooLarge, "too-many-fields", "The form has too many fields.") }
                var value = ByteBuffer()
                while var chunk = try await reader.nextChunk() {
                    guard value.readableBytes + chunk.readableBytes <= context.bodyLimit else { throw Self.tooLarge(context.bodyLimit) }
                    value.writeBuffer(&chunk)
                }
                guard let text = String(validating: value.readableBytesView, as: UTF8.self), !text.utf8.contains(0) else {
                    throw Refusal.invalid("invalid-form", "This text can't be read: it must be UTF-8 without NUL.", field: part.name)
                }
                fields.append((part.name, text))
            }
        }
        return Form(fields: fields)
    }
}
