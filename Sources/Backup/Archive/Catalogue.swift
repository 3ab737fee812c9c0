import ObjectStores
import Vocabulary

/// A segment by its name.
package struct SegmentObject: Sendable, Hashable {
    package let key: ObjectKey
    /// Its first entry.
    package let first: UInt64
    /// In bytes.
    package let size: UInt64
}

/// What an archive holds, the oldest first.
package struct Catalogue: Sendable {
    package struct Generation: Sendable {
        package let opening: Opening
        package internal(set) var bases: [Base] = []
        package internal(set) var segments: [SegmentObject] = []

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
