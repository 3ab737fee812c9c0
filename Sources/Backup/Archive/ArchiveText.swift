import ObjectStores

/// A small object that people can read: a first line that says what it is, a name and a value in each line, and last the hash of all of it.
struct ArchiveText {
    /// In bytes.
    static let longest = 4096

    private let values: [Substring: Substring]
    private let key: ObjectKey

    /// - Parameter title: `holdfast-base 1`: its number is the format's.
    static func bytes(_ title: String, _ lines: [(String, String)]) -> [UInt8] {
        let body = Array(([title] + lines.map { "\($0) \($1)" }).map { $0 + "\n" }.joined().utf8)
        return body + Array("hash \(body.withUnsafeBytes(ChainHash.of))\n".utf8)
    }

    init(_ bytes: [UInt8], title: String, key: ObjectKey) throws(ArchiveFault) {
        self.key = key
        // The hash's line has always the same length.
        let last = 5 + 2 * ChainHash.byteCount + 1
        let word = title.split(separator: " ").first ?? ""
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines[0].hasPrefix("\(word) ") else { throw bytes.count < word.utf8.count + 2 ? .torn(key) : .altered(key) }
        guard bytes.count > last, bytes.suffix(last).starts(with: "hash ".utf8), lines.last == "" else { throw .torn(key) }
        let hash = bytes.dropLast(last).withUnsafeBytes(ChainHash.of)
        guard bytes.suffix(last).elementsEqual("hash \(hash)\n".utf8) else { throw .altered(key) }
        guard lines[0] == title else { throw .newerFormat(key) }
        var values: [Substring: Substring] = [:]
        for line in lines.dropFirst().dropLast(2) {
            guard let space = line.firstIndex(of: " ") else { throw .altered(key) }
            values[line[..<space]] = line[line.index(after: space)...]
        }
        self.values = values
    }

    func text(_ name: Substring) throws(ArchiveFault) -> String {
        guard let value = values[name] else { throw .altered(key) }
        return String(value)
    }

    func value<T: LosslessStringConvertible>(_ name: Substring, as: T.Type = T.self) throws(ArchiveFault) -> T {
        guard let value = T(try text(name)) else { throw .altered(key) }
        return value
    }
}
