import Crypto
import Vocabulary

/// Opens a file piece by piece; holds one chunk and what was just given. Each chunk that comes out was verified; whether the file is whole is known at ``finish()`` only.
package struct AgeOpening: Sendable {
    private let openers: [any AgeOpener]
    private var key: SymmetricKey?
    private var counter: UInt64 = 0
    private var waiting: [UInt8] = []

    package init(with openers: [any AgeOpener]) { self.openers = openers }

    /// What is certain by now. The last chunk is kept until it is known to be the last.
    /// - Throws: ``AgeFault``
    package mutating func open(_ bytes: some Collection<UInt8>) throws -> [UInt8] {
        waiting += bytes
        guard let key = try key ?? readHeader() else { return [] }
        var opened: [UInt8] = []
        let piece = AgeFile.chunk + AgeFile.tag
        var start = 0
        while waiting.count - start > piece {
            guard let chunk = AgeFile.open(waiting[start..<start + piece], key, counter, isLast: false) else { throw AgeFault.altered }
            opened += chunk
            counter += 1
            start += piece
        }
        waiting.removeFirst(start)
        return opened
    }

    /// The rest.
    /// - Throws: ``AgeFault`` `.torn` where the file ends early.
    package mutating func finish() throws -> [UInt8] {
        guard let key else {
            _ = try AgeFile.header(waiting)
            throw AgeFault.torn
        }
        guard waiting.count >= AgeFile.tag else { throw AgeFault.torn }
        defer { waiting = [] }
        guard let opened = AgeFile.open(waiting[...], key, counter, isLast: true) else {
            // A whole chunk that would be right if more followed.
            throw AgeFile.open(waiting[...], key, counter, isLast: false) != nil ? AgeFault.torn : AgeFault.altered
        }
        guard !opened.isEmpty || counter == 0 else { throw AgeFault.altered }
        return Array(opened)
    }

    /// Nil while more is needed.
    private mutating func readHeader() throws -> SymmetricKey? {
        let known = Array("\(AgeFile.heading)\n".utf8.prefix(waiting.count))
        guard waiting.starts(with: known) else { throw AgeFault.notAge }
        guard waiting.count > known.count || waiting.count > AgeFile.heading.utf8.count else { return nil }
        let found: (stanzas: [AgeStanza], end: Int, macInput: [UInt8], mac: [UInt8])
        do {
            found = try AgeFile.header(waiting)
        } catch AgeFault.torn where waiting.count < AgeFile.longestHeader {
            return nil
        }
        guard let fileKey = try openers.lazy.compactMap({ try $0.fileKey(from: found.stanzas) }).first, fileKey.count == 16 else {
            throw AgeFault.noKey
        }
        guard HMAC<SHA256>.isValidAuthenticationCode(found.mac, authenticating: found.macInput, using: AgeFile.headerKey(fileKey)) else {
            throw AgeFault.malformed
        }
        guard waiting.count >= found.end + AgeFile.nonce else { return nil }
        let key = AgeFile.payloadKey(fileKey, nonce: Array(waiting[found.end..<found.end + AgeFile.nonce]))
        waiting.removeFirst(found.end + AgeFile.nonce)
        self.key = key
        return key
    }
}
