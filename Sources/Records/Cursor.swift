import Crypto
import Storage
import Vocabulary

/// A place in a list and which way to go from it, handed out as opaque text: the sort values of a page's outermost record, authenticated
/// together with the database, the collection and the query. So it is good for the list that it came from, and for nothing else.
struct Cursor {
    /// Where a page begins.
    enum Place {
        case after([Value])
        case before([Value])
    }

    private let context: [UInt8]
    private let key: SymmetricKey

    static let tagLength = 16
    static let lengthLimit = 8192

    init(_ query: Query, of collection: Collection, database: DatabaseName, key: [UInt8]) {
        var context: [UInt8] = []
        let parts = [
            "cursor", database.description, collection.id.description, query.filter ?? "", query.sort ?? "", query.search ?? "",
            query.deleted ? "deleted" : "",
        ]
        for part in parts {
            JSONValue.write(part, to: &context)
        }
        self.context = context
        self.key = SymmetricKey(data: key)
    }

    func text(for place: Place) -> String {
        let members =
            switch place {
            case .after(let values): values.map(\.json)
            case .before(let values): values.map(\.json) + [true]
            }
        let payload = JSONValue.array(members).bytes
        return Base64URL.text(tag(payload) + payload)
    }

    /// - Parameter count: how many values name a place in this list.
    func place(of text: String, count: Int) throws -> Place {
        guard text.utf8.count <= Self.lengthLimit, let bytes = Base64URL.bytes(text), bytes.count > Self.tagLength else {
            throw Self.refusal
        }
        let payload = Array(bytes[Self.tagLength...])
        guard Secret(tag(payload)) == Secret(bytes[..<Self.tagLength]), let list = try? JSONReader.read(payload).array else {
            throw Self.refusal
        }
        let values = list.prefix(count).map(Value.init(json:))
        switch list.count - count {
        case 0: return .after(values)
        case 1: return .before(values)
        default: throw Self.refusal
        }
    }

    private func tag(_ payload: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: context + payload, using: key).prefix(Self.tagLength))
    }

    static let refusal = Refusal.invalid("invalid-cursor", "This cursor is not from this list. Start again without it.")
}

extension Value {
    fileprivate var json: JSONValue {
        switch self {
        case .null, .blob: .null
        case .integer(let number): .integer(number)
        case .real(let number): .number(number)
        case .text(let text): .string(text)
        }
    }

    fileprivate init(json: JSONValue) {
        switch json {
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .real(number)
        case .string(let text): self = .text(text)
        default: self = .null
        }
    }
}

/// RFC 4648 section 5, without padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 4 / 3 + 2)
        var index = 0
        while index < bytes.count {
            let rest = bytes.count - index
            let word =
                UInt32(bytes[index]) << 16 | (rest > 1 ? UInt32(bytes[index + 1]) << 8 : 0) | (rest > 2 ? UInt32(bytes[index + 2]) : 0)
            for digit in 0..<min(4, rest + 1) { output.append(alphabet[Int(word >> UInt32(18 - 6 * digit) & 63)]) }
            index += 3
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        var word: UInt32 = 0
        var bits = 0
        for byte in text.utf8 {
            guard let digit = digit(byte) else { return nil }
            word = (word << 6 | digit) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return bits < 6 ? output : nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 65...90: UInt32(byte - 65)
        case 97...122: UInt32(byte - 71)
        case 48...57: UInt32(byte + 4)
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
