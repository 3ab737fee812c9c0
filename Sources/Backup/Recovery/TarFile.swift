import Foundation
import Vocabulary

/// Files in one file, as `tar` reads and writes them (POSIX.1-2001, ustar): plain names, no folders.
enum TarFile {
    static let block = 512

    struct Member: Sendable, Hashable {
        let name: String
        /// Where its bytes begin.
        let offset: UInt64
        /// In bytes.
        let size: UInt64
    }

    static func header(_ name: String, size: UInt64, isExecutable: Bool = false, at now: Instant) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: String, _ offset: Int) { for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte } }
        func octal(_ number: UInt64, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        put(String(name.prefix(99)), 0)
        put(isExecutable ? "0000700" : "0000600", 100)
        put("0000000", 108)
        put("0000000", 116)
        put(octal(size, 11), 124)
        put(octal(UInt64(max(0, now.seconds)), 11), 136)
        put("        ", 148)
        put("0", 156)
        put("ustar", 257)
        put("00", 263)
        put(octal(header.reduce(0) { $0 + UInt64($1) }, 6) + "\0 ", 148)
        return header
    }

    /// What follows a member, so that the next begins at a block.
    static func padding(after size: UInt64) -> [UInt8] { [UInt8](repeating: 0, count: (block - Int(size % UInt64(block))) % block) }

    static let end = [UInt8](repeating: 0, count: 2 * block)

    /// Nil where it isn't such a file; `isWhole` is false where it ends early.
    static func members(of file: OpenFile) throws -> (members: [Member], isWhole: Bool)? {
        let size = UInt64(try file.size())
        var members: [Member] = []
        var offset: UInt64 = 0
        while offset + UInt64(block) <= size {
            let header = try file.read(Int(offset), block)
            if header.allSatisfy({ $0 == 0 }) { return (members, offset + UInt64(end.count) <= size) }
            guard String(decoding: header[257..<262], as: UTF8.self) == "ustar", let length = octal(header[124..<136]),
                octal(header[148..<156])
                    == header.enumerated().reduce(0, { $0 + UInt64((148..<156).contains($1.offset) ? 32 : $1.element) })
            else { return members.isEmpty ? nil : (members, false) }
            let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
            offset += UInt64(block)
            guard length <= size - offset else { return (members, false) }
            members.append(Member(name: name, offset: offset, size: length))
            offset += length + UInt64(padding(after: length).count)
        }
        return members.isEmpty ? nil : (members, false)
    }

    private static func octal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        UInt64(String(decoding: digits.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }, as: UTF8.self), radix: 8)
    }
}
