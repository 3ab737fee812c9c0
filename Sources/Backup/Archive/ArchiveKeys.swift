import ObjectStores
import Vocabulary

/// Where an archive's objects lie below its folder. Numbers have a fixed width, so objects are listed in their order.
///
///     g00000001/opening
///     g00000001/bases/<first>-<begun>          what a base is
///     g00000001/bases/<first>-<begun>.data     the database file
///     g00000001/differentials/<since>-<to>         what a differential is
///     g00000001/differentials/<since>-<to>.data    the pages that changed
///     g00000001/segments/<first>
///     g00000001/merged/<first>-<last>              the entries of several segments
struct ArchiveKeys: Sendable {
    let folder: ObjectKey

    func opening(_ generation: UInt32) throws -> ObjectKey { try key("\(Self.name(generation))/opening") }

    func segment(_ generation: UInt32, first: UInt64) throws -> ObjectKey {
        try key("\(Self.name(generation))/segments/\(Self.digits(first))")
    }

    /// - Parameter begun: in microseconds since 1970.
    func base(_ generation: UInt32, first: UInt64, begun: Int64) throws -> ObjectKey {
        try key("\(Self.name(generation))/bases/\(Self.digits(first))-\(Self.digits(UInt64(bitPattern: begun)))")
    }

    func merged(_ generation: UInt32, first: UInt64, last: UInt64) throws -> ObjectKey {
        try key("\(Self.name(generation))/merged/\(Self.digits(first))-\(Self.digits(last))")
    }

    func differential(_ generation: UInt32, since: UInt64, to: UInt64) throws -> ObjectKey {
        try key("\(Self.name(generation))/differentials/\(Self.digits(since))-\(Self.digits(to))")
    }

    func data(of base: ObjectKey) throws -> ObjectKey {
        guard let key = ObjectKey("\(base).data") else { throw ObjectFault.settings(reason: "the archive's name is too long") }
        return key
    }

    /// When a base's copy was begun, by its name.
    static func begun(_ key: ObjectKey) -> Instant? {
        guard let name = key.description.split(separator: "/").last?.dropLast(".data".utf8.count), name.utf8.count == 33,
            let begun = UInt64(name.suffix(16), radix: 16)
        else { return nil }
        return Instant(microseconds: Int64(bitPattern: begun))
    }

    enum Kind: Equatable {
        case opening
        case base
        case differential
        /// Of a base or a differential.
        case data
        case segment(first: UInt64)
        case merged(first: UInt64, last: UInt64)
    }

    /// Nil for what no archive has.
    func reading(_ key: ObjectKey) -> (generation: UInt32, kind: Kind)? {
        let words = key.description.dropFirst(folder.description.utf8.count + 1).split(separator: "/")
        guard words.count >= 2, words[0].first == "g", words[0].utf8.count == 9, let generation = UInt32(words[0].dropFirst()) else {
            return nil
        }
        switch (words[1], words.count) {
        case ("opening", 2): return (generation, .opening)
        case ("bases", 3): return (generation, words[2].hasSuffix(".data") ? .data : .base)
        case ("differentials", 3): return (generation, words[2].hasSuffix(".data") ? .data : .differential)
        case ("segments", 3):
            guard let first = Self.number(words[2]) else { return nil }
            return (generation, .segment(first: first))
        case ("merged", 3):
            let numbers = words[2].split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
            guard numbers.count == 2, let first = numbers[0], let last = numbers[1], first <= last else { return nil }
            return (generation, .merged(first: first, last: last))
        default: return nil
        }
    }

    private static func number(_ digits: Substring) -> UInt64? { digits.utf8.count == 16 ? UInt64(digits, radix: 16) : nil }

    private func key(_ text: String) throws -> ObjectKey {
        guard let rest = ObjectKey(text), let key = folder.appending(rest) else {
            throw ObjectFault.settings(reason: "the archive's name is too long")
        }
        return key
    }

    private static func name(_ generation: UInt32) -> String {
        let text = "\(generation)"
        return "g" + String(repeating: "0", count: max(0, 8 - text.utf8.count)) + text
    }

    static func digits(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
