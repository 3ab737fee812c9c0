import Sealing
import Vocabulary

/// One holder's part of a recovery key: a file of a few lines that can be printed.
///
/// ```text
/// holdfast-share 1
/// holders 9f2a…
/// made 2026-11-22T02:30:00Z
/// holder anna
/// share 1 of 5, 3 needed
/// value 5b1c…
/// hash 0c4d…
/// ```
package struct RecoveryShare: Sendable {
    /// The id of its ``RecoveryHolders``.
    package let set: String
    package let number: Int
    package let holder: String
    package let needed: Int
    package let of: Int
    package let madeAt: Instant
    package let value: Secret

    private static let heading = "holdfast-share 1"
    /// In bytes.
    package static let longest = 8192

    init(set: String, number: Int, holder: String, needed: Int, of: Int, madeAt: Instant, value: Secret) {
        (self.set, self.number, self.holder, self.needed, self.of) = (set, number, holder, needed, of)
        (self.madeAt, self.value) = (madeAt, value)
    }

    package var text: Secret {
        let value = value.withBytes { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        let body = """
            \(Self.heading)
            holders \(set)
            made \(madeAt)
            holder \(holder)
            share \(number) of \(of), \(needed) needed
            value \(value)

            """
        return Secret(body + "hash \(ChainHash(of: body))\n")
    }

    /// Reads a share's file: plain, or sealed in the age format to one of `identities`. Spaces at the lines' ends, which come with printing and typing, don't matter.
    /// - Throws: ``RecoveryFault``
    package init(_ file: [UInt8], path: String, identities: [AgeIdentity] = []) throws {
        var file = file
        if AgeFile.isOne(file) {
            do { file = try AgeFile.open(file, with: identities) } catch AgeFault.noKey {
                throw RecoveryFault.shareSealed(path: path)
            } catch is AgeFault { throw RecoveryFault.shareAltered(path: path) }
        }
        let lines = String(decoding: file, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { line in String(line.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }
        guard lines.first?.hasPrefix("holdfast-share ") == true else { throw RecoveryFault.noShare(path: path) }
        let body = lines.dropLast().map { $0 + "\n" }.joined()
        guard lines.count == 7, lines[0] == Self.heading, lines[6] == "hash \(ChainHash(of: body))" else {
            throw RecoveryFault.shareAltered(path: path)
        }
        func rest(_ index: Int, _ word: String) throws(RecoveryFault) -> String {
            guard lines[index].hasPrefix("\(word) ") else { throw .shareAltered(path: path) }
            return String(lines[index].dropFirst(word.count + 1))
        }
        let numbers = try rest(4, "share").split { !$0.isNumber }.compactMap { Int($0) }
        guard numbers.count == 3, let madeAt = Instant(try rest(2, "made")), let value = ChainHash(try rest(5, "value")) else {
            throw RecoveryFault.shareAltered(path: path)
        }
        self.init(
            set: try rest(1, "holders"), number: numbers[0], holder: try rest(3, "holder"), needed: numbers[2], of: numbers[1],
            madeAt: madeAt, value: Secret(value.bytes))
    }

    /// What tells this share from every other, without telling it.
    static func fingerprint(of value: Secret) -> String {
        value.withBytes { bytes in "\(ChainHash(of: Array("holdfast/share/1\0".utf8) + Array(bytes)))" }
    }
}

extension ChainHash {
    init(of text: String) { self.init(of: Array(text.utf8)) }
    init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes(ChainHash.of) }
}
