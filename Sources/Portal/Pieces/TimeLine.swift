import Records
import Vocabulary

/// How much was changed when, as bars that lead to the moment before each.
package struct TimeLine: Sendable {
    /// A stretch in which something was changed.
    package struct Bar: Sendable {
        struct Part: Sendable {
            let kind: String
            let y: Int
            let height: Int
        }

        let x: Int
        let address: String
        let said: String
        let parts: [Part]
    }

    package struct Row: Sendable {
        let at: Moment
        let collection: String
        let created: String
        let changed: String
        let deleted: String
        let address: String
    }

    package static let height = 72

    let width: Int
    let barWidth: Int
    let bars: [Bar]
    let from: Moment
    let until: Moment
    let summary: String
    /// The newest stretches in words, for whoever doesn't see the bars.
    let rows: [Row]
    let spans: [Choice]

    /// - Parameters:
    ///   - names: of collections that may be named.
    ///   - address: of a moment.
    package init(
        _ counts: [ChangeCounts], names: [CollectionID: String], from: Instant, until: Instant, each step: Duration, spans: [Choice],
        address: (Instant) -> String
    ) {
        let first = from.microseconds / step.microseconds
        let places = max(1, Int(until.microseconds / step.microseconds - first) + 1)
        barWidth = max(3, min(24, 960 / places))
        width = places * barWidth
        self.from = Moment(from)
        self.until = Moment(until)
        self.spans = spans
        let groups = Dictionary(grouping: counts, by: \.at)
        let most = groups.values.map { $0.reduce(0) { $0 + $1.all } }.max() ?? 0
        var bars: [Bar] = []
        for (at, group) in groups.sorted(by: { $0.key < $1.key }) {
            let place = Int(at.microseconds / step.microseconds - first)
            guard place >= 0, place < places else { continue }
            let before = max(at, from)
            let words = group.map { "\(names[$0.collection] ?? "Others"): \(Self.words($0))" }.joined(separator: "; ")
            bars.append(
                Bar(
                    x: place * barWidth, address: address(before), said: "Before \(Moment(before).text). Then \(words)",
                    parts: Self.parts(group, most: most)))
        }
        self.bars = bars
        let all = counts.reduce(0) { $0 + $1.all }
        summary = all == 0 ? "Nothing was changed in this time." : "\(Numeral.count(all, "change")) in this time."
        rows = counts.suffix(12).reversed().map {
            Row(
                at: Moment(max($0.at, from)), collection: names[$0.collection] ?? "Others", created: Numeral.text($0.created),
                changed: Numeral.text($0.changed), deleted: Numeral.text($0.deleted), address: address(max($0.at, from)))
        }
    }

    private static func words(_ counts: ChangeCounts) -> String {
        let parts = [(counts.created, "created"), (counts.changed, "changed"), (counts.deleted, "deleted")]
        return parts.filter { $0.0 > 0 }.map { "\(Numeral.text($0.0)) \($0.1)" }.joined(separator: ", ")
    }

    /// By the order of magnitude: beside an import of thousands, a single deletion is still to be seen.
    private static func parts(_ group: [ChangeCounts], most: Int) -> [Bar.Part] {
        let all = group.reduce(0) { $0 + $1.all }
        let height = max(6, Int(Double(Self.height) * Double(bits(all)) / Double(max(1, bits(most)))))
        var y = Self.height
        let sums = [
            ("created", group.reduce(0) { $0 + $1.created }), ("changed", group.reduce(0) { $0 + $1.changed }),
            ("deleted", group.reduce(0) { $0 + $1.deleted }),
        ].filter { $0.1 > 0 }
        return sums.map { kind, count in
            let share = max(2, height * count / max(1, all))
            y = max(0, y - share)
            return Bar.Part(kind: kind, y: y, height: share)
        }
    }

    private static func bits(_ number: Int) -> Int { Int.bitWidth - (number + 1).leadingZeroBitCount }
}
