import ObjectStores
import Vocabulary

/// The pages that changed after a base's first entry, as they are after a later commit: it takes the place of all entries between.
package struct Differential: Sendable, Hashable {
    package let generation: UInt32
    /// The base's ``Base/first``.
    package let since: UInt64
    /// The entry that ends the commit.
    package let to: UInt64
    /// Of the chain there.
    package let hash: ChainHash
    /// Of the commit.
    package let time: Instant
    /// Of the database after it.
    package let pagesAfter: UInt32
    package let pages: Int
    package let digest: ContentDigest
    /// The pages' object: each is its number, big-endian in four bytes, then the page.
    package let data: ObjectKey

    private static let title = "holdfast-differential 1"
    static let numberBytes = 4

    var bytes: [UInt8] {
        ArchiveText.bytes(
            Self.title,
            [
                ("generation", "\(generation)"), ("since", "\(since)"), ("to", "\(to)"), ("chain", "\(hash)"),
                ("time", "\(time.microseconds)"),
                ("pages-after", "\(pagesAfter)"), ("pages", "\(pages)"), ("sha256", "\(digest)"), ("data", "\(data)"),
            ])
    }

    init(
        generation: UInt32, since: UInt64, to: UInt64, hash: ChainHash, time: Instant, pagesAfter: UInt32, pages: Int,
        digest: ContentDigest,
        data: ObjectKey
    ) {
        self.generation = generation
        self.since = since
        self.to = to
        self.hash = hash
        self.time = time
        self.pagesAfter = pagesAfter
        self.pages = pages
        self.digest = digest
        self.data = data
    }

    init(_ bytes: [UInt8], key: ObjectKey) throws(ArchiveFault) {
        let text = try ArchiveText(bytes, title: Self.title, key: key)
        generation = try text.value("generation")
        since = try text.value("since")
        to = try text.value("to")
        time = Instant(microseconds: try text.value("time"))
        pagesAfter = try text.value("pages-after")
        pages = try text.value("pages")
        guard let hash = ChainHash(try text.text("chain")), let sum = ChainHash(try text.text("sha256")),
            let digest = ContentDigest(bytes: sum.bytes), let data = ObjectKey(try text.text("data")), pages >= 0, pagesAfter > 0
        else { throw .altered(key) }
        self.hash = hash
        self.digest = digest
        self.data = data
    }
}

extension Archive {
    /// More changed pages than this are no smaller than a base.
    private static let pagesMax = 4 << 20

    /// Makes the differential of the newest base's changes up to the newest commit, from what is stored alone: no database and no key.
    ///
    /// - Returns: nil where nothing changed since the last one, or where so much did that a base is the better choice.
    package func makeDifferential(of number: UInt32) async throws -> Differential? {
        guard let generation = try await catalogue().generations.first(where: { $0.opening.generation == number }),
            let base = generation.bases.max(by: { $0.first < $1.first })
        else { return nil }
        let earlier = generation.differentials.filter { $0.since == base.first }.max { $0.to < $1.to }
        let start = earlier?.to ?? base.first

        // Which entry wrote each page last. 0 stands for the differential before.
        var writers: [UInt32: UInt64] = [:]
        if let earlier {
            var pages = PageReading(earlier, in: store, pageSize: generation.opening.pageSize)
            while let page = try await pages.next() { writers[page.number] = 0 }
        }
        var (commit, pending): (Entry?, [(UInt32, UInt64)]) = (nil, [])
        var isTooMuch = false
        try await entries(of: generation, from: start + 1) { entry in
            entry.eachPage { page, _ in pending.append((page, entry.ordinal)) }
            guard entry.endsCommit else { return true }
            for (page, ordinal) in pending { writers[page] = ordinal }
            (commit, pending) = (entry, [])
            isTooMuch = writers.count > Self.pagesMax
            return !isTooMuch
        }
        guard let commit, !isTooMuch, commit.ordinal >= base.usable else { return nil }
        writers = writers.filter { $0.key <= commit.pagesAfter }

        let key = try keys.differential(number, since: base.first, to: commit.ordinal)
        let content = ChangedPages(
            store: store, generation: generation, earlier: earlier, from: start + 1, to: commit.ordinal, writers: writers)
        // Left by a round that was broken off, and described by nobody.
        try await store.delete(try keys.data(of: key))
        let stored = try await store.put(content, at: try keys.data(of: key), ifAbsent: true)
        let size = writers.count * (Differential.numberBytes + generation.opening.pageSize)
        guard stored.size == UInt64(size) else { throw ArchiveFault.torn(stored.key) }
        let differential = Differential(
            generation: number, since: base.first, to: commit.ordinal, hash: commit.hash, time: commit.time, pagesAfter: commit.pagesAfter,
            pages: writers.count, digest: stored.digest, data: stored.key)
        try await store.put(differential.bytes, at: key, ifAbsent: true)
        return differential
    }
}

/// The last version of each page, from the differential before and the entries since.
private struct ChangedPages: AsyncSequence, Sendable {
    let store: any ObjectStore
    let generation: Catalogue.Generation
    let earlier: Differential?
    let from: UInt64
    let to: UInt64
    /// By page: the entry that has its last version, 0 for the differential before.
    let writers: [UInt32: UInt64]

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(
            source: self, pages: earlier.map { PageReading($0, in: store, pageSize: generation.opening.pageSize) },
            entries: EntryReading(generation, in: store, from: from))
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        /// In bytes: what is given away at a time.
        private static let pieceBytes = 1 << 20

        let source: ChangedPages
        var pages: PageReading?
        var entries: EntryReading
        var isDone = false

        mutating func next() async throws -> [UInt8]? {
            var piece: [UInt8] = []
            while pages != nil, piece.count < Self.pieceBytes {
                guard let page = try await pages?.next() else {
                    pages = nil
                    break
                }
                if source.writers[page.number] == 0 { piece += page.bytes }
            }
            while pages == nil, !isDone, piece.count < Self.pieceBytes {
                guard let entry = try await entries.next(), entry.ordinal <= source.to else {
                    isDone = true
                    break
                }
                add(entry, to: &piece)
            }
            return piece.isEmpty ? nil : piece
        }

        /// A page may be in one entry more than once; the last is what counts.
        private func add(_ entry: Entry, to piece: inout [UInt8]) {
            var last: [UInt32: Int] = [:]
            var index = 0
            entry.eachPage { number, _ in
                if source.writers[number] == entry.ordinal { last[number] = index }
                index += 1
            }
            index = 0
            entry.eachPage { number, page in
                defer { index += 1 }
                guard last[number] == index else { return }
                withUnsafeBytes(of: number.bigEndian) { piece += $0 }
                piece += page
            }
        }
    }
}
