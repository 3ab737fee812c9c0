/// Takes content apart into pieces of a wanted size, whatever the size of the chunks it comes in.
struct Gathering<Content: AsyncSequence> where Content.Element == [UInt8] {
    private var iterator: Content.AsyncIterator
    private var chunk: [UInt8] = []
    private var taken = 0

    init(_ content: Content) { iterator = content.makeAsyncIterator() }

    /// Exactly `count` bytes; fewer only at the end, and none after it.
    mutating func next(_ count: Int) async throws -> [UInt8] {
        var piece: [UInt8] = []
        while piece.count < count {
            if taken == chunk.count {
                guard let next = try await iterator.next() else { break }
                if piece.isEmpty, next.count == count { return next }
                (chunk, taken) = (next, 0)
                continue
            }
            let end = min(chunk.count, taken + count - piece.count)
            piece += chunk[taken..<end]
            taken = end
        }
        return piece
    }
}
