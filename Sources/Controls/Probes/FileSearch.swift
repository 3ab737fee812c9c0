import Foundation
import Vocabulary

#if canImport(Glibc)
import Glibc
#endif

/// Looks for bytes in files, whatever form somebody wrote them in.
package struct FileSearch: Sendable {
    package struct Hit: Hashable, Sendable {
        package let path: String
        package let form: String
    }

    package struct Result: Sendable {
        package fileprivate(set) var files = 0
        package fileprivate(set) var bytes = 0
        package fileprivate(set) var hits: [Hit] = []

        mutating func add(_ other: Result) {
            files += other.files
            bytes += other.bytes
            hits += other.hits
        }
    }

    private let needles: [(form: String, bytes: [UInt8])]

    /// Searches for `text` as it is, as UTF-16 of both orders, in base64 at each of its three alignments, and in hexadecimal.
    package init(for text: String) {
        let plain = Array(text.utf8)
        var needles: [(String, [UInt8])] = [
            ("plain", plain),
            ("UTF-16", Array(text.utf16).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }),
            ("UTF-16 big-endian", Array(text.utf16).flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }),
        ]
        for shift in 0..<3 {
            // Only the groups that depend on nothing beside the text.
            let padded = [UInt8](repeating: 0, count: shift) + plain
            let coded = Array(Data(padded.prefix(padded.count / 3 * 3)).base64EncodedString().utf8)
            let inner = Array(coded.dropFirst(shift == 0 ? 0 : 4))
            needles.append(("base64", inner))
            needles.append(
                ("base64url", inner.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }))
        }
        let hex = plain.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        needles.append(("hexadecimal", Array(hex.utf8)))
        needles.append(("hexadecimal", Array(hex.uppercased().utf8)))
        self.needles = needles
    }

    /// The forms in which `bytes` holds it.
    func forms(in bytes: UnsafeRawBufferPointer) -> [String] {
        needles.filter { Self.holds(bytes, $0.bytes) }.map(\.form)
    }

    private static func holds(_ bytes: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
        guard var place = bytes.baseAddress, let first = needle.first, bytes.count >= needle.count else { return false }
        let end = place + bytes.count - needle.count + 1
        while place < end, let candidate = memchr(place, Int32(first), end - place) {
            if memcmp(candidate, needle, needle.count) == 0 { return true }
            place = UnsafeRawPointer(candidate) + 1
        }
        return false
    }

    func forms(in text: String) -> [String] {
        var text = text
        return text.withUTF8 { forms(in: UnsafeRawBufferPointer($0)) }
    }

    /// Searches the regular files below `directories` that were written at `since` or later: what is secret for a moment only can't be in older ones.
    package func search(_ directories: [String], since: Instant) -> Result {
        var result = Result()
        for path in Self.files(below: directories) {
            guard let changed = Self.changed(path), changed >= since - .seconds(2) else { continue }
            result.files += 1
            search(path, into: &result)
        }
        return result
    }

    private func search(_ path: String, into result: inout Result) {
        guard let file = fopen(path, "rb") else { return }
        defer { fclose(file) }
        let overlap = (needles.map(\.bytes.count).max() ?? 1) - 1
        var buffer = [UInt8](repeating: 0, count: overlap + (1 << 20))
        var kept = 0
        var found: Set<Hit> = []
        while true {
            let read = buffer.withUnsafeMutableBytes { fread($0.baseAddress?.advanced(by: kept), 1, $0.count - kept, file) }
            guard read > 0 else { break }
            result.bytes += read
            let filled = kept + read
            buffer.withUnsafeBytes { bytes in
                for form in forms(in: UnsafeRawBufferPointer(rebasing: bytes[..<filled])) { found.insert(Hit(path: path, form: form)) }
            }
            kept = min(overlap, filled)
            buffer.replaceSubrange(0..<kept, with: Array(buffer[(filled - kept)..<filled]))
        }
        result.hits += found
    }

    /// All regular files, links not followed.
    static func files(below directories: [String]) -> [String] {
        directories.flatMap { directory in
            guard let walk = FileManager.default.enumerator(atPath: directory) else { return [String]() }
            return walk.compactMap { $0 as? String }.map { directory + "/" + $0 }.filter { path in
                var facts = stat()
                return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
            }
        }
    }

    private static func changed(_ path: String) -> Instant? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        return Instant(microseconds: Int64(facts.st_mtim.tv_sec) * 1_000_000 + Int64(facts.st_mtim.tv_nsec) / 1000)
    }
}
