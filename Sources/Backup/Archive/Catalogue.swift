import ObjectStores
import Vocabulary

/// A segment by its name.
package struct SegmentObject: Sendable, Hashable {
    package let key: ObjectKey
    /// Its first entry.
    package let first: UInt64
    /// Its last entry, where the name says so: it was merged of several.
    package let last: UInt64?
    /// In bytes.
    package let size: UInt64

    init(key: ObjectKey, first: UInt64, last: UInt64? = nil, size: UInt64) {
        self.key = key
        self.first = first
        self.last = last
        self.size = size
    }
}

/// What an archive holds, the oldest first.
package struct Catalogue: Sendable {
    package struct Generation: Sendable {
        package let opening: Opening
        package internal(set) var bases: [Base] = []
        package internal(set) var differentials: [Differential] = []
        /// Each entry in one of them only.
        package internal(set) var segments: [SegmentObject] = []
        /// What lies in a merged one as well.
        package internal(set) var superseded: [SegmentObject] = []

        /// Whether nothing that can be restored needs these entries, as it is after pruning: a later point has them, and no base is of no use without.
        func canDoWithout(_ entries: ClosedRange<UInt64>) -> Bool {
            bases.contains { $0.first >= entries.upperBound }
                && bases.allSatisfy { $0.usable <= $0.first || !($0.first + 1...$0.usable).overlaps(entries) }
                || differentials.contains { differential in
                    differential.to >= entries.upperBound
                        && bases.contains { $0.first == differential.since && $0.usable <= differential.to }
                }
        }

        /// Sorts out what is there twice.
        mutating func settle() {
            let all = segments.sorted { ($0.first, $1.last ?? $1.first) < ($1.first, $0.last ?? $0.first) }
            (segments, superseded) = ([], [])
            var covered: UInt64 = 0
            for segment in all {
                if (segment.last ?? segment.first) <= covered {
                    superseded.append(segment)
                } else {
                    segments.append(segment)
                    covered = max(covered, segment.last ?? covered)
                }
            }
        }

        /// Everything that can be restored without the entries before it.
        package var points: [Retention.Point] { bases.map(Retention.Point.init) + differentials.map(Retention.Point.init) }

        /// Those that hold entries from `ordinal` on.
        func segments(from ordinal: UInt64) -> ArraySlice<SegmentObject> {
            let start = segments.lastIndex { $0.first <= ordinal } ?? segments.startIndex
            return segments[start...]
        }
    }

    package let generations: [Generation]

    package init(generations: [Generation]) { self.generations = generations }

    package var newest: Generation? { generations.last }
}
