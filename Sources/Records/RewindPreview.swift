import Storage
import Vocabulary

/// What going back to a moment would do to one collection. Counted, not done.
package struct CollectionDifference: Sendable {
    /// One record that differs.
    package struct Sample: Sendable {
        package enum Fate: String, Sendable {
            /// Made since: it would be set aside.
            case goes
            case changes
            /// Deleted since: it would be back.
            case returns
        }

        package struct Field: Sendable {
            package let label: String
            package let then: JSONValue?
            package let now: JSONValue?
        }

        package let record: RecordID
        package let title: String
        package let fate: Fate
        package let fields: [Field]
    }

    package let id: CollectionID
    package let name: String
    package let slug: String
    /// Living records.
    package fileprivate(set) var then = 0
    package fileprivate(set) var now = 0
    package fileprivate(set) var gone = 0
    package fileprivate(set) var changed = 0
    package fileprivate(set) var returned = 0
    /// Whether its name, its fields or its presence would change.
    package let isRedesigned: Bool
    /// Made since: the collection itself would be set aside.
    package let isNew: Bool
    /// The first ones that differ.
    package fileprivate(set) var samples: [Sample] = []

    package var differs: Bool { gone + changed + returned > 0 || isRedesigned || isNew }
}

extension Rewind {
    static let samplesMost = 12

    /// Compares what is with what was. Others may write meanwhile: what they do may be counted or not.
    /// - Parameter tells: of which collections records may be shown.
    package static func preview(
        _ database: any Database, from past: any Database, showing tells: @escaping @Sendable (CollectionID) -> Bool
    ) async throws -> [CollectionDifference] {
        let then = try await past.read { try DesignRow.all(in: $0) }
        let now = try await database.read { try DesignRow.all(in: $0) }
        var differences: [CollectionDifference] = []
        for row in now.filter({ now in !then.contains { $0.id == now.id } }) + then {
            guard let id = CollectionID(row.id) else { throw StorageError.unexpectedColumn("collection.id") }
            let (was, stands) = (then.first { $0.id == row.id }, now.first { $0.id == row.id })
            if was?.isDeleted ?? true, stands?.isDeleted ?? true { continue }
            let isRedesigned = was != nil && (stands?.values != was?.values || stands?.fields != was?.fields)
            var difference = CollectionDifference(
                id: id, name: row.name, slug: row.slug, isRedesigned: isRedesigned, isNew: was?.isDeleted ?? true)
            try await count(&difference, was, stands, database, past, tells(id))
            differences.append(difference)
        }
        return differences
    }

    private static func count(
        _ difference: inout CollectionDifference, _ was: DesignRow?, _ stands: DesignRow?, _ database: any Database,
        _ past: any Database, _ isTold: Bool
    ) async throws {
        var after: String? = ""
        while let start = after {
            var (then, now): ([RecordPair.Line], [RecordPair.Line]) = ([], [])
            if let number = was?.number { then = try await past.read { try RecordPair.page(of: number, after: start, in: $0) } }
            if let number = stands?.number { now = try await database.read { try RecordPair.page(of: number, after: start, in: $0) } }
            let (pairs, next) = RecordPair.pairs(then, now)
            after = next
            for pair in pairs {
                if pair.then?.isDeleted == false { difference.then += 1 }
                if pair.now?.isDeleted == false { difference.now += 1 }
                // A collection that was made since goes as a whole; its records stay with it.
                guard was != nil, let step = pair.step else { continue }
                switch step {
                case .goes: difference.gone += 1
                case .changes: difference.changed += 1
                case .returns: difference.returned += 1
                }
                if isTold, difference.samples.count < samplesMost, let design = was ?? stands {
                    if let sample = Sample(pair, step, design) { difference.samples.append(sample) }
                }
            }
        }
    }

    private typealias Sample = CollectionDifference.Sample
}

extension CollectionDifference.Sample {
    fileprivate init?(_ pair: RecordPair, _ step: RecordPair.Step, _ design: DesignRow) {
        guard let line = pair.then ?? pair.now, let record = RecordID(line.id) else { return nil }
        let then = Self.values(pair.then)
        let now = Self.values(pair.now)
        let labels = design.fields.compactMap { field -> (key: String, label: String)? in
            if case (.text(let key), .text(let label)) = (field[2], field[3]) { (key, label) } else { nil }
        }
        let title = design.titleField.flatMap { then[$0] ?? now[$0] }
        self.record = record
        self.title = title.map { $0.string ?? $0.text } ?? line.id
        switch step {
        case .goes: fate = .goes
        case .changes: fate = .changes
        case .returns: fate = .returns
        }
        fields =
            step == .changes
            ? labels.compactMap { then[$0.key] == now[$0.key] ? nil : Field(label: $0.label, then: then[$0.key], now: now[$0.key]) } : []
    }

    private static func values(_ line: RecordPair.Line?) -> JSONObject {
        guard let line else { return JSONObject() }
        return (try? JSONReader.read(line.body.utf8, limits: .init(depth: 64, values: .max)))?.object ?? JSONObject()
    }
}
