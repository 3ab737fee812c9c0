import Hummingbird
import NIOCore
import Vocabulary

/// The fields of an HTML form, in order, decoded.
package struct Form: Sendable, Equatable {
    package let fields: [(name: String, value: String)]

    package init(fields: [(name: String, value: String)]) { self.fields = fields }

    package static func == (left: Form, right: Form) -> Bool {
        left.fields.elementsEqual(right.fields) { $0 == $1 }
    }

    /// The first value of that name.
    package subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Every value of that name: boxes ticked, options chosen.
    package func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// Whether a box of that name was ticked.
    package func isTicked(_ name: String) -> Bool { self[name] != nil }

    /// A value that must be there and not empty.
    package func require(_ name: String) throws -> String {
        guard let value = self[name], !value.isEmpty else {
            throw Refusal(.invalid, "missing-field", "Something is missing.", fields: [.init(field: name, message: "This is needed.")])
        }
        return value
    }

    /// A value that is to be kept from logs and memory dumps.
    package func secret(_ name: String) throws -> Secret { Secret(try require(name)) }

    /// Reads `application/x-www-form-urlencoded` (WHATWG URL section 5.1), strictly: invalid escapes, UTF-8 and NUL are refused.
    package static func urlEncoded(_ bytes: some Sequence<UInt8>, limit: Int = 1000) throws -> Form {
        var fields: [(name: String, value: String)] = []
        for pair in Array(bytes).split(separator: UInt8(ascii: "&")) {
            guard fields.count < limit else { throw Refusal(.tooLarge, "too-many-fields", "The form has too many fields.") }
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0]) else { throw Refusal.invalid("invalid-form", "The form can't be read.") }
            guard let value = parts.count > 1 ? decode(parts[1]) : "" else {
                throw Refusal.invalid("invalid-form", "This text can't be read: it must be UTF-8 without NUL.", field: name)
            }
            fields.append((name, value))
        }
        return Form(fields: fields)
    }

    private static func decode(_ bytes: some Collection<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else { return nil }
                decoded.append(high << 4 | low)
            case 0: return nil
            default: decoded.append(byte)
            }
        }
        guard !decoded.contains(0) else { return nil }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Request {
    /// The fields of a form that was sent as `application/x-www-form-urlencoded` or as `multipart/form-data` without files.
    package func form(in context: HoldfastContext) async throws -> Form {
        let type = headers[.contentType]?.split(separator: ";").first?.trimmingSpaces().lowercased()
        switch type {
        case "application/x-www-form-urlencoded":
            return try Form.urlEncoded(try await bytes(in: context).readableBytesView)
        case "multipart/form-data":
            return try await upload(in: context, limit: context.bodyLimit) { part, _ in
                throw Refusal.invalid("unexpected-file", "No file is expected here.", field: part.name)
            }
        default:
            throw Refusal(.unsupported, "form-expected", "Send the body as a form.")
        }
    }
}
