import ObjectStores
import Threads
import Vocabulary

/// Brings a database file back as it was after a commit. Needs no key, and opens nothing: what it writes is compared with the chain alone.
package struct Restoration: Sendable {
    package enum Target: Sendable, Hashable {
        case newest
        /// The last commit that was not later.
        case moment(Instant)
        /// The commit that ends with this entry; 0 is the beginning of the generation.
        case commit(generation: UInt32, ordinal: UInt64)
    }

    /// What a restoration would use.
    package struct Plan: Sendable {
        package let generation: Catalogue.Generation
        package let base: Base
        /// Stands for the entries after the base.
        package let differential: Differential?
        /// The entry that ends the commit.
        package let ordinal: UInt64
    }

    package struct Report: Sendable, Hashable {
        package let generation: UInt32
        /// The entry that ends the commit.
        package let ordinal: UInt64
        /// Of the chain there; nil where the base was all that it took.
        package let hash: ChainHash?
        /// Of the commit; nil where the base was all that it took.
        package let time: Instant?
        /// Entries that were put upon the base, or upon the differential.
        package let entries: Int
        /// Of the file, in bytes.
        package let size: UInt64
    }

    private let archive: Archive
    private let threads: BoundedThreads

    package init(_ archive: Archive, threads: BoundedThreads) {
        self.archive = archive
        self.threads = threads
    }

    /// Writes the database file to `path`, whole or not at all. It needs no log beside it.
    ///
    /// - Throws: ``ArchiveFault``; ``StorageError`` of the disk, `.exists` where there is a file already; ``ObjectFault``.
    package func restore(_ target: Target, to path: String) async throws -> Report {
        var attempts = 1
        while true {
            do {
                return try await restore(try await plan(target), to: path)
            } catch ArchiveFault.missing(let key) {
                // Merged or pruned meanwhile, unless it is still missing when it was looked for again.
                attempts += 1
                guard attempts <= 3 else { throw ArchiveFault.missing(key) }
            }
        }
    }

    private func restore(_ plan: Plan, to path: String) async throws -> Report {
        let file = try await RestoredFile(path, threads: threads)
        var size = try await copy(plan.base, to: file)
        var newest: Entry?
        var entries = 0
        var start = plan.base.first
        if let differential = plan.differential {
            try await apply(differential, pageSize: plan.generation.opening.pageSize, to: file)
            start = differential.to
            size = UInt64(differential.pagesAfter) * UInt64(plan.generation.opening.pageSize)
        }
        if plan.ordinal > start {
            try await archive.entries(of: plan.generation, from: start + 1) { entry in
                try await file.apply(entry)
                newest = entry
                entries += 1
                return entry.ordinal < plan.ordinal
            }
            guard let newest, newest.ordinal == plan.ordinal, newest.endsCommit else {
                throw ArchiveFault.noCommit(generation: plan.base.generation, ordinal: plan.ordinal)
            }
            size = UInt64(newest.pagesAfter) * UInt64(newest.pageSize)
        }
        try await file.publish(size: size)
        return Report(
            generation: plan.base.generation, ordinal: plan.ordinal, hash: newest?.hash ?? plan.differential?.hash,
            time: newest?.time ?? plan.differential?.time, entries: entries, size: size)
    }

    private func apply(_ differential: Differential, pageSize: Int, to file: RestoredFile) async throws {
        var pages = PageReading(differential, in: archive.store, pageSize: pageSize)
        var piece: [(UInt32, ArraySlice<UInt8>)] = []
        while let page = try await pages.next() {
            piece.append((page.number, page.bytes.dropFirst(Differential.numberBytes)))
            if piece.count == 256 {
                try await file.write(piece)
                piece = []
            }
        }
        try await file.write(piece)
    }

    private func copy(_ base: Base, to file: RestoredFile) async throws -> UInt64 {
        do {
            var pieces = archive.store.read(base.data, expecting: base.digest).makeAsyncIterator()
            var offset: UInt64 = 0
            var next = try await pieces.next()
            while let piece = next {
                // The next piece is fetched while this one is written.
                let start = offset
                async let written: Void = file.write(piece, at: start)
                next = try await pieces.next()
                try await written
                offset += UInt64(piece.count)
            }
            return offset
        } catch ObjectFault.missing {
            throw ArchiveFault.missing(base.data)
        } catch ObjectFault.corrupt {
            throw ArchiveFault.altered(base.data)
        }
    }

    // MARK: Planning

    package func plan(_ target: Target) async throws -> Plan {
        let catalogue = try await archive.catalogue()
        switch target {
        case .newest:
            guard let generation = catalogue.newest else { throw ArchiveFault.tooEarly }
            return try plan(generation, try await lastCommit(of: generation, until: nil)?.ordinal ?? 0)
        case .commit(let number, let ordinal):
            guard let generation = catalogue.generations.first(where: { $0.opening.generation == number }) else {
                throw ArchiveFault.noCommit(generation: number, ordinal: ordinal)
            }
            return try plan(generation, ordinal)
        case .moment(let moment):
            guard let index = catalogue.generations.lastIndex(where: { $0.opening.openedAt <= moment }) else { throw ArchiveFault.tooEarly }
            let generation = catalogue.generations[index]
            let commit = try await lastCommit(of: generation, until: moment)
            if index < catalogue.generations.count - 1, try await newestTime(of: generation) < moment {
                throw ArchiveFault.unrecorded(generation: generation.opening.generation)
            }
            do {
                return try plan(generation, commit?.ordinal ?? 0)
            } catch ArchiveFault.tooEarly where index > 0 {
                throw ArchiveFault.unrecorded(generation: catalogue.generations[index - 1].opening.generation)
            }
        }
    }

    private func plan(_ generation: Catalogue.Generation, _ ordinal: UInt64) throws -> Plan {
        // The one that leaves the fewest entries to be put upon it.
        guard let base = generation.bases.filter({ $0.usable <= ordinal }).max(by: { $0.first < $1.first }) else {
            throw ArchiveFault.tooEarly
        }
        let differential = generation.differentials.filter {
            $0.since == base.first && $0.to <= ordinal && $0.to >= base.usable
        }.max { $0.to < $1.to }
        return Plan(generation: generation, base: base, differential: differential, ordinal: ordinal)
    }

    /// The last commit that was not later than `moment`. Of many segments only a few are looked at.
    private func lastCommit(of generation: Catalogue.Generation, until moment: Instant?) async throws -> (ordinal: UInt64, time: Instant)? {
        let segments = generation.segments
        // Before `low` all begin in time, from `high` on none does.
        var (low, high) = (0, segments.count)
        if moment == nil { low = high }
        while low < high, let moment {
            let middle = (low + high) / 2
            if try await firstTime(of: segments[middle], generation) <= moment { low = middle + 1 } else { high = middle }
        }
        // A commit may end many segments after it began.
        for segment in segments[..<low].reversed() {
            var reading = try await SegmentReading(segment, in: archive.store, opening: generation.opening)
            var found: (UInt64, Instant)?
            while let entry = try await reading.next(), moment.map({ entry.time <= $0 }) ?? true {
                if entry.endsCommit { found = (entry.ordinal, entry.time) }
            }
            if let found { return found }
        }
        return nil
    }

    private func newestTime(of generation: Catalogue.Generation) async throws -> Instant {
        try await lastCommit(of: generation, until: nil)?.time ?? generation.opening.openedAt
    }

    private func firstTime(of segment: SegmentObject, _ generation: Catalogue.Generation) async throws -> Instant {
        let piece: ObjectPiece
        do {
            piece = try await archive.store.piece(of: segment.key, from: UInt64(Segment.headerBytes), count: 16, version: nil)
        } catch ObjectFault.missing {
            throw ArchiveFault.missing(segment.key)
        }
        guard piece.bytes.count == 16 else { throw ArchiveFault.torn(segment.key) }
        return Instant(microseconds: piece.bytes.withUnsafeBytes { $0.integer(at: 8) })
    }
}
