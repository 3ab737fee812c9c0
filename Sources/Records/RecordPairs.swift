import Storage
import Vocabulary

/// One record as it was and as it is, as far as going back looks at it.
struct RecordPair {
    struct Line: Sendable {
        let number: Int64
        let id: String
        let body: String
        let isDeleted: Bool
    }

    /// What going back does to a record.
    enum Step: Sendable {
        /// It was made since.
        case goes
        case changes
        /// It was deleted since.
        case returns
    }

    let then: Line?
    let now: Line?

    /// Nil where it stands as it did.
    var step: Step? {
        let (was, stands) = (then?.isDeleted == false, now?.isDeleted == false)
        switch (was, stands) {
        case (true, true): return then?.body == now?.body ? nil : .changes
        case (true, false): return .returns
        case (false, true): return .goes
        case (false, false): return nil
        }
    }

    static let pageLength = 500

    static func page(of collection: Int64, after id: String, in reader: any Reader) throws -> [Line] {
        try reader.rows(
            """
            SELECT number, id, body, deleted_at FROM record WHERE collection = \(collection) AND id > \(id) ORDER BY id LIMIT \(pageLength)
            """
        ).map { row in
            Line(number: try row.get(0), id: try row.get(1), body: try row.get(2), isDeleted: try row.get(3, as: Int64?.self) != nil)
        }
    }

    /// Puts two pages side by side, as far as both reach. The second value is where the next two begin; nil at the end.
    static func pairs(_ then: [Line], _ now: [Line]) -> (pairs: [RecordPair], next: String?) {
        let ends = [then, now].compactMap { $0.count == pageLength ? $0.last?.id : nil }
        let end = ends.min()
        var pairs: [RecordPair] = []
        var (left, right) = (0, 0)
        while left < then.count || right < now.count {
            let old = left < then.count ? then[left] : nil
            let new = right < now.count ? now[right] : nil
            guard let id = [old?.id, new?.id].compactMap({ $0 }).min(), end.map({ id <= $0 }) ?? true else { break }
            let pair = RecordPair(then: old?.id == id ? old : nil, now: new?.id == id ? new : nil)
            if pair.then != nil { left += 1 }
            if pair.now != nil { right += 1 }
            pairs.append(pair)
        }
        return (pairs, end)
    }
}
