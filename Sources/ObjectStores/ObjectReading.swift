import Crypto

/// An object's bytes, fetched piece by piece: the next is asked for when the one before was taken, so a slow reader holds no thread,
/// descriptor or connection.
package struct ObjectReading: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    /// In bytes; bounds what one reader holds in memory.
    static let pieceBytes = 4 << 20

    let store: any ObjectStore
    let key: ObjectKey
    let range: Range<UInt64>?
    let expected: ContentDigest?

    package func makeAsyncIterator() -> Iterator { Iterator(self) }

    package struct Iterator: AsyncIteratorProtocol, Sendable {
        private let reading: ObjectReading
        private var position: UInt64
        private var version: ObjectVersion?
        private var hash: SHA256?
        private var isOver = false

        init(_ reading: ObjectReading) {
            self.reading = reading
            position = reading.range?.lowerBound ?? 0
            hash = reading.expected != nil && reading.range == nil ? SHA256() : nil
        }

        package mutating func next() async throws -> [UInt8]? {
            if isOver { return nil }
            let wanted = Swift.min(UInt64(ObjectReading.pieceBytes), (reading.range?.upperBound ?? .max) - position)
            guard wanted > 0 else { return nil }
            let piece = try await reading.store.piece(of: reading.key, from: position, count: Int(wanted), version: version)
            version = piece.version ?? version
            let end = Swift.min(reading.range?.upperBound ?? piece.size, piece.size)
            let expected = position < end ? Swift.min(wanted, end - position) : 0
            guard UInt64(piece.bytes.count) == expected else {
                throw ObjectFault.corrupt(reason: "a piece has another length than asked for")
            }
            position += expected
            isOver = position >= end
            if var hash {
                hash.update(data: piece.bytes)
                self.hash = hash
                if isOver, ContentDigest(hash.finalize()) != reading.expected {
                    throw ObjectFault.corrupt(reason: "its digest is another one")
                }
            }
            return piece.bytes.isEmpty ? nil : piece.bytes
        }
    }
}
