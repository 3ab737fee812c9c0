/// Reads one CBOR data item strictly: RFC 8949 in the canonical form of CTAP2 (CTAP 2.2 section 8), which section 2.4 of WebAuthn
/// asks readers to hold senders to. Shortest lengths, nothing of indefinite length, map keys in order and each once, no tags, no floats.
///
/// Nesting and number of items are bounded; lengths are held against what is there before anything is reserved.
package struct CBORReader {
    package enum Failure: Error, Sendable, Hashable {
        case truncated
        case trailingBytes
        case notCanonical
        case unsupported
        case notUTF8
        case tooDeep
        case tooMany
    }

    /// Four levels are what CTAP2 allows.
    private static let depth = 4
    private static let items = 256

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var remainingItems = Self.items

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The one item that `bytes` are.
    package static func read(_ bytes: some Collection<UInt8>) throws(Failure) -> CBORValue {
        let all = ArraySlice(bytes)
        let (value, rest) = try readFirst(of: all)
        guard rest.isEmpty else { throw .trailingBytes }
        return value
    }

    /// The item that `bytes` begin with, and what follows it.
    package static func readFirst(of bytes: ArraySlice<UInt8>) throws(Failure) -> (value: CBORValue, rest: ArraySlice<UInt8>) {
        var reader = CBORReader(bytes)
        let value = try reader.item(depth: Self.depth)
        return (value, bytes[reader.position...])
    }

    private mutating func item(depth: Int) throws(Failure) -> CBORValue {
        guard remainingItems > 0 else { throw .tooMany }
        remainingItems -= 1
        let initial = try byte()
        let information = initial & 0x1F
        switch initial >> 5 {
        case 0: return .unsigned(try argument(information))
        case 1: return .negative(try argument(information))
        case 2: return .bytes(Array(try string(information)))
        case 3:
            guard let text = String(validating: try string(information), as: UTF8.self) else { throw .notUTF8 }
            return .text(text)
        case 4:
            guard depth > 0 else { throw .tooDeep }
            let count = try count(information)
            var values: [CBORValue] = []
            for _ in 0..<count { values.append(try item(depth: depth - 1)) }
            return .array(values)
        case 5:
            guard depth > 0 else { throw .tooDeep }
            return .map(try entries(try count(information), depth: depth))
        case 7:
            switch information {
            case 20: return .bool(false)
            case 21: return .bool(true)
            case 22: return .null
            default: throw .unsupported
            }
        default: throw .unsupported
        }
    }

    private mutating func entries(_ count: Int, depth: Int) throws(Failure) -> [CBORValue.Entry] {
        var entries: [CBORValue.Entry] = []
        var previous: ArraySlice<UInt8>?
        for _ in 0..<count {
            let start = position
            let key = try item(depth: depth - 1)
            switch key {
            case .unsigned, .negative, .text: break
            default: throw .unsupported
            }
            let spelling = bytes[start..<position]
            if let previous {
                guard Self.precedes(previous, spelling) else { throw .notCanonical }
            }
            previous = spelling
            entries.append(CBORValue.Entry(key: key, value: try item(depth: depth - 1)))
        }
        return entries
    }

    /// The order of CTAP2: by major type, then the shorter, then byte by byte. Equal keys precede nothing.
    private static func precedes(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        guard let leftFirst = left.first, let rightFirst = right.first else { return false }
        if leftFirst >> 5 != rightFirst >> 5 { return leftFirst >> 5 < rightFirst >> 5 }
        if left.count != right.count { return left.count < right.count }
        return left.lexicographicallyPrecedes(right)
    }

    private mutating func string(_ information: UInt8) throws(Failure) -> ArraySlice<UInt8> {
        let length = try argument(information)
        guard length <= UInt64(bytes.endIndex - position) else { throw .truncated }
        defer { position += Int(length) }
        return bytes[position..<position + Int(length)]
    }

    private mutating func count(_ information: UInt8) throws(Failure) -> Int {
        let count = try argument(information)
        guard count <= UInt64(Self.items) else { throw .tooMany }
        return Int(count)
    }

    /// RFC 8949 section 3: the number that follows the initial byte. 31, the indefinite length, is among what is refused.
    private mutating func argument(_ information: UInt8) throws(Failure) -> UInt64 {
        let width: Int
        let least: UInt64
        switch information {
        case 0...23: return UInt64(information)
        case 24: (width, least) = (1, 24)
        case 25: (width, least) = (2, 0x100)
        case 26: (width, least) = (4, 0x1_0000)
        case 27: (width, least) = (8, 0x1_0000_0000)
        default: throw .unsupported
        }
        var value: UInt64 = 0
        for _ in 0..<width { value = value << 8 | UInt64(try byte()) }
        guard value >= least else { throw .notCanonical }
        return value
    }

    private mutating func byte() throws(Failure) -> UInt8 {
        guard position < bytes.endIndex else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }
}
