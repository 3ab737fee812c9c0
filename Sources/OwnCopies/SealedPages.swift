import Sealing
import StorageSQLite
import Synchronization
import Threads
import Vocabulary

/// A plain file's bytes in the age format, made as they are asked for: some pages at a time, decrypted and sealed in memory. To be read once.
struct SealedPages: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    /// In bytes; whole pages.
    private static let portion = 64 * PlainFile.pageBytes

    let file: PlainFile
    let locks: [any AgeLock]
    let entropy: any Entropy
    let threads: BoundedThreads

    func makeAsyncIterator() -> Iterator { Iterator(pages: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let pages: SealedPages
        private var sealing: AgeSealing?
        private var offset: UInt64 = 0
        private var isOver = false

        fileprivate init(pages: SealedPages) { self.pages = pages }

        mutating func next() async throws -> [UInt8]? {
            if isOver { return nil }
            try Task.checkCancellation()
            let (pages, offset, known) = (pages, offset, sealing)
            let step = try await pages.threads.run { () throws -> (AgeSealing, [UInt8], Int) in
                var sealing = try known ?? AgeSealing(to: pages.locks, entropy: pages.entropy)
                let plain = try pages.file.plaintext(from: offset, count: SealedPages.portion)
                var bytes = known == nil ? sealing.beginning : []
                bytes += plain.isEmpty ? try sealing.finish() : try sealing.seal(plain)
                return (sealing, bytes, plain.count)
            }
            sealing = step.0
            self.offset += UInt64(step.2)
            isOver = step.2 == 0
            return step.1
        }
    }
}
