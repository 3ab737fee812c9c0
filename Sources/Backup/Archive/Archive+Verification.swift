import ObjectStores
import Vocabulary

extension Archive {
    /// What was found by reading everything.
    package struct Verification: Sendable {
        package struct Finding: Sendable, Hashable {
            package let generation: UInt32
            package let fault: ArchiveFault
        }

        package var findings: [Finding] = []
        /// The newest position of each generation up to which everything is sound.
        package var newest: [ArchivePosition] = []
        package var entries = 0
        /// In bytes.
        package var size: UInt64 = 0

        package var isSound: Bool { findings.isEmpty }
    }

    /// Reads every object and compares it with the chain and the digests. An archive that was pruned begins with the oldest base.
    ///
    /// - Parameter known: positions that the archive once had, kept elsewhere. Without them an old copy of the archive can't be told from a fresh one.
    /// - Throws: ``ArchiveFault`` where it isn't even clear what there is, ``ObjectFault``.
    package func verify(expecting known: [ArchivePosition] = []) async throws -> Verification {
        var verification = Verification()
        let catalogue = try await catalogue()
        for generation in catalogue.generations { try await verify(generation, known, &verification) }
        for position in known where !catalogue.generations.contains(where: { $0.opening.generation == position.generation }) {
            verification.note(.stale(expected: position, newest: 0), in: position.generation)
        }
        return verification
    }

    private func verify(
        _ generation: Catalogue.Generation, _ known: [ArchivePosition], _ verification: inout Verification
    ) async throws {
        let number = generation.opening.generation
        let known = known.filter { $0.generation == number }
        for base in generation.bases {
            do {
                var size: UInt64 = 0
                for try await piece in store.read(base.data, expecting: base.digest) { size += UInt64(piece.count) }
                verification.size += size
                if size != base.size { verification.note(size < base.size ? .torn(base.data) : .altered(base.data), in: number) }
            } catch ObjectFault.missing {
                verification.note(.missing(base.data), in: number)
            } catch ObjectFault.corrupt {
                let size = try await store.summary(of: base.data).size
                verification.note(size < base.size ? .torn(base.data) : .altered(base.data), in: number)
            }
        }
        for differential in generation.differentials {
            do {
                var pages = PageReading(differential, in: store, pageSize: generation.opening.pageSize)
                while let page = try await pages.next() { verification.size += UInt64(page.bytes.count) }
                if !generation.bases.contains(where: { $0.first == differential.since }) { verification.note(.tooEarly, in: number) }
            } catch let fault as ArchiveFault {
                verification.note(fault, in: number)
            }
        }
        if generation.bases.isEmpty, !generation.segments.isEmpty { verification.note(.tooEarly, in: number) }

        let oldest = generation.segments.first?.first ?? 1
        var newest = generation.opening.start
        var isWhole = true
        // Entries after a fault are still looked at: each segment says what it follows.
        for (index, segment) in generation.segments.enumerated() {
            do {
                var reading = try await SegmentReading(segment, in: store, opening: generation.opening)
                if index == 0 {
                    if oldest == 1, reading.position != newest { throw ArchiveFault.misplaced(segment.key) }
                } else if reading.header.first > newest.ordinal + 1, isWhole,
                    generation.canDoWithout(newest.ordinal + 1...reading.header.first - 1)
                {
                    // Pruned: the weekly base before keeps no more than it needs.
                } else if reading.header.first > newest.ordinal + 1, isWhole {
                    verification.note(.gap(generation: number, after: newest.ordinal, before: reading.header.first), in: number)
                    isWhole = false
                } else if isWhole, reading.position != newest {
                    throw ArchiveFault.misplaced(segment.key)
                }
                while let entry = try await reading.next() {
                    verification.entries += 1
                    for differential in generation.differentials where differential.to == entry.ordinal && differential.hash != entry.hash {
                        verification.note(.altered(differential.data), in: number)
                    }
                    for position in known where position.ordinal == entry.ordinal && position.hash != entry.hash {
                        verification.note(.rewritten(position), in: number)
                    }
                }
                verification.size += segment.size
                if isWhole { newest = reading.position }
            } catch let fault as ArchiveFault {
                verification.note(fault, in: number)
                isWhole = false
            }
        }
        verification.newest.append(newest)
        if let base = generation.bases.map(\.first).min(), oldest > base + 1 {
            verification.note(.gap(generation: number, after: base, before: oldest), in: number)
        }
        if let expected = known.max(by: { $0.ordinal < $1.ordinal }), isWhole, newest.ordinal < expected.ordinal {
            verification.note(.stale(expected: expected, newest: newest.ordinal), in: number)
        }
        for base in generation.bases where isWhole && base.usable > newest.ordinal {
            verification.note(.gap(generation: number, after: newest.ordinal, before: base.usable + 1), in: number)
        }
    }
}

extension Archive.Verification {
    fileprivate mutating func note(_ fault: ArchiveFault, in generation: UInt32) {
        findings.append(Finding(generation: generation, fault: fault))
    }
}
