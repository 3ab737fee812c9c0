import ObjectStores
import Vocabulary

/// One database's archive in an object store. The format is in docs/formats/backup-archive.md.
///
/// Everything is written once and never changed. Of two servers that ship to one archive, one is told so at its next segment or generation.
package struct Archive: Sendable {
    package let store: any ObjectStore
    /// `environment/…`
    package let database: String
    let keys: ArchiveKeys

    /// - Parameters:
    ///   - database: the database's name, which is also the folder's below `folder`.
    /// - Throws: ``ObjectFault`` `.settings` where the name is no key.
    package init(_ store: any ObjectStore, folder: String = "backup", database: String) throws {
        guard let key = ObjectKey("\(folder)/\(database)") else {
            throw ObjectFault.settings(reason: "'\(database)' can't be an archive's name")
        }
        self.store = store
        self.database = database
        keys = ArchiveKeys(folder: key)
    }

    /// The names of the databases that have an archive.
    package static func databases(in store: any ObjectStore, folder: String = "backup") async throws -> [String] {
        var names: [String] = []
        for object in try await store.all("\(folder)/") {
            let words = object.key.description.dropFirst(folder.utf8.count + 1).split(separator: "/")
            guard words.last == "opening", words.count > 2 else { continue }
            let name = words.dropLast(2).joined(separator: "/")
            if names.last != name { names.append(name) }
        }
        return names
    }

    // MARK: Writing

    /// Begins a generation.
    /// - Throws: ``ArchiveFault`` `.contested` where it was begun already.
    package func open(_ opening: Opening) async throws {
        let key = try keys.opening(opening.generation)
        try await putOnce(opening.bytes, at: key)
    }

    /// Stores a segment that ``Segment`` made. Storing the same again changes nothing.
    /// - Throws: ``ArchiveFault`` `.contested` where another one has its place.
    package func append(_ segment: [UInt8], after position: ArchivePosition) async throws {
        try await putOnce(segment, at: try keys.segment(position.generation, first: position.ordinal + 1))
    }

    /// Stores a copy of the database file.
    ///
    /// - Parameters:
    ///   - first: all entries up to this one are in the file.
    ///   - usable: asked when the copy was made: the newest entry, or more, that can be in what was read.
    package func putBase<Content: AsyncSequence & Sendable>(
        _ content: Content, generation: UInt32, first: UInt64, begunAt: Instant, usable: () async throws -> (ordinal: UInt64, at: Instant)
    ) async throws -> Base where Content.Element == [UInt8] {
        let key = try keys.base(generation, first: first, begun: begunAt.microseconds)
        let stored = try await store.put(content, at: try keys.data(of: key), ifAbsent: true)
        let (ordinal, endedAt): (UInt64, Instant)
        do {
            (ordinal, endedAt) = try await usable()
        } catch {
            try? await store.delete(stored.key)
            throw error
        }
        let base = Base(
            generation: generation, first: first, usable: max(first, ordinal), begunAt: begunAt, endedAt: endedAt, size: stored.size,
            digest: stored.digest, data: stored.key)
        try await store.put(base.bytes, at: key, ifAbsent: true)
        return base
    }

    /// - Throws: ``ArchiveFault`` `.contested` where a later generation was begun.
    func expectNewest(_ generation: UInt32) async throws {
        let next = try keys.opening(generation + 1)
        do {
            _ = try await store.summary(of: next)
        } catch ObjectFault.missing {
            return
        }
        throw ArchiveFault.contested(next)
    }

    private func putOnce(_ bytes: [UInt8], at key: ObjectKey) async throws {
        do {
            try await store.put(bytes, at: key, ifAbsent: true)
        } catch ObjectFault.exists {
            // An answer of the store may have been lost on its way to us.
            guard try await store.bytes(of: key, atMost: bytes.count) == bytes else { throw ArchiveFault.contested(key) }
        }
    }

    // MARK: Reading

    /// What the archive holds, by the names of its objects and what they say of themselves. Nothing is compared yet.
    package func catalogue() async throws -> Catalogue {
        var generations: [UInt32: Catalogue.Generation] = [:]
        for object in try await store.all("\(keys.folder)/") {
            guard let (number, kind) = keys.reading(object.key) else { continue }
            if generations[number] == nil {
                generations[number] = Catalogue.Generation(opening: try await opening(number))
            }
            switch kind {
            case .opening, .data: break
            case .base:
                guard let bytes = try await listed(object.key) else { continue }
                let base = try Base(bytes, key: object.key)
                guard base.generation == number, base.data == (try keys.data(of: object.key)) else {
                    throw ArchiveFault.misplaced(object.key)
                }
                generations[number]?.bases.append(base)
            case .differential:
                guard let bytes = try await listed(object.key) else { continue }
                let differential = try Differential(bytes, key: object.key)
                guard differential.generation == number, differential.data == (try keys.data(of: object.key)) else {
                    throw ArchiveFault.misplaced(object.key)
                }
                generations[number]?.differentials.append(differential)
            case .segment(let first):
                generations[number]?.segments.append(SegmentObject(key: object.key, first: first, size: object.size))
            case .merged(let first, let last):
                generations[number]?.segments.append(SegmentObject(key: object.key, first: first, last: last, size: object.size))
            }
        }
        for number in generations.keys { generations[number]?.settle() }
        return Catalogue(generations: generations.values.sorted { $0.opening.generation < $1.opening.generation })
    }

    /// A small object that a listing named; nil where it was pruned meanwhile.
    private func listed(_ key: ObjectKey) async throws -> [UInt8]? {
        do {
            return try await store.bytes(of: key, atMost: ArchiveText.longest)
        } catch ObjectFault.missing {
            return nil
        }
    }

    func opening(_ generation: UInt32) async throws -> Opening {
        let key = try keys.opening(generation)
        do {
            let opening = try Opening(try await store.bytes(of: key, atMost: ArchiveText.longest), key: key)
            guard opening.generation == generation, opening.database == database else { throw ArchiveFault.misplaced(key) }
            return opening
        } catch ObjectFault.missing {
            throw ArchiveFault.missing(key)
        }
    }

    /// The entries of a generation from `ordinal` on, each compared with the chain; `body` says whether to go on.
    ///
    /// - Returns: the position after the last entry that was read.
    @discardableResult
    package func entries(
        of generation: Catalogue.Generation, from ordinal: UInt64 = 1, _ body: (Entry) async throws -> Bool
    ) async throws -> ArchivePosition {
        var reading = EntryReading(generation, in: store, from: ordinal)
        while let entry = try await reading.next(), try await body(entry) {}
        return reading.position
    }
}
