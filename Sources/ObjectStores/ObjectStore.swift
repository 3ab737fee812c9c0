import Vocabulary

/// Objects by name. One suite of tests runs over every store (`Tests/ObjectStores/ContractTests.swift`).
///
/// All calls throw ``ObjectFault``; ``put(_:at:ifAbsent:)`` also what its content throws, and then nothing was stored. Any number of
/// tasks and processes may use one place at the same time.
package protocol ObjectStore: Sendable {
    /// Stores what `content` yields, whole and durable on return; before that nobody sees any of it. Asks for the next chunk only when
    /// there is room for it.
    ///
    /// - Parameter ifAbsent: keeps an object that is there and throws ``ObjectFault/exists``. Of several who try at once one succeeds.
    @discardableResult
    func put<Content: AsyncSequence & Sendable>(_ content: Content, at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject
    where Content.Element == [UInt8]

    func summary(of key: ObjectKey) async throws -> ObjectSummary

    /// At most `count` bytes from `offset` on; none at or beyond the end. ``read(_:_:expecting:)`` is the way to read more.
    ///
    /// - Parameter version: of an earlier piece. Throws ``ObjectFault/changed`` where the object is another one by now.
    func piece(of key: ObjectKey, from offset: UInt64, count: Int, version: ObjectVersion?) async throws -> ObjectPiece

    /// Objects whose keys begin with `prefix` (any text, not only whole segments), in the order of their bytes.
    ///
    /// - Parameters:
    ///   - marker: ``ObjectPage/next`` of the page before.
    ///   - limit: 1…1,000.
    func list(_ prefix: String, after marker: String?, limit: Int) async throws -> ObjectPage

    /// An object that isn't there is deleted already.
    func delete(_ key: ObjectKey) async throws

    /// Removes what crashed writers left behind, never what a living one is writing. Returns how many leftovers there were.
    @discardableResult
    func sweep() async throws -> Int
}

/// What was stored. Keep the digest: it finds every later lie.
package struct StoredObject: Sendable, Hashable {
    package let key: ObjectKey
    /// In bytes.
    package let size: UInt64
    package let digest: ContentDigest
}

package struct ObjectSummary: Sendable, Hashable {
    package let key: ObjectKey
    /// In bytes.
    package let size: UInt64
}

/// Tells two objects apart that had the same name one after the other. Opaque.
package struct ObjectVersion: Sendable, Hashable {
    let text: String
}

package struct ObjectPiece: Sendable {
    package let bytes: [UInt8]
    /// Of the whole object, in bytes.
    package let size: UInt64
    /// Nil only where there is no byte to read.
    package let version: ObjectVersion?
}

package struct ObjectPage: Sendable {
    package let objects: [ObjectSummary]
    /// Asks for the page that follows. Nil on the last one.
    package let next: String?
}

extension ObjectStore {
    @discardableResult
    package func put(_ bytes: [UInt8], at key: ObjectKey, ifAbsent: Bool = false) async throws -> StoredObject {
        try await put(WholeContent(bytes), at: key, ifAbsent: ifAbsent)
    }

    /// Reads an object, or a range of it, piece by piece as the caller asks for more.
    ///
    /// - Parameter digest: what the whole object should be. The last piece comes only after it agreed; it is not looked at for a range.
    package func read(_ key: ObjectKey, _ range: Range<UInt64>? = nil, expecting digest: ContentDigest? = nil) -> ObjectReading {
        ObjectReading(store: self, key: key, range: range, expected: digest)
    }

    /// An object of at most `limit` bytes, whole. A larger one is ``ObjectFault/corrupt(reason:)``: the caller knows how large it may be.
    package func bytes(of key: ObjectKey, atMost limit: Int, expecting digest: ContentDigest? = nil) async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await piece in read(key, expecting: digest) {
            guard piece.count <= limit - all.count else { throw ObjectFault.corrupt(reason: "longer than it can be") }
            all += piece
        }
        return all
    }

    /// Every object under `prefix`, page by page.
    package func all(_ prefix: String) async throws -> [ObjectSummary] {
        var all: [ObjectSummary] = []
        var marker: String?
        repeat {
            let page = try await list(prefix, after: marker, limit: 1000)
            all += page.objects
            marker = page.next
        } while marker != nil
        return all
    }
}

/// Bytes that are in memory already.
struct WholeContent: AsyncSequence, Sendable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: [UInt8]?

        mutating func next() async -> [UInt8]? {
            defer { rest = nil }
            return rest
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bytes) }
}
