import Backup
import Records
import Recovery
import Vocabulary

extension Standing {
    package var document: JSONValue {
        [
            "edition": .string(edition.name), "window_days": .integer(retention.window.microseconds / 86_400_000_000),
            "weeks": .integer(Int64(retention.weeks)), "months": .integer(Int64(retention.months)),
            "bytes": .integer(Int64(clamping: size)),
            "stretches": .array(
                stretches.map { stretch in
                    [
                        "generation": .integer(Int64(stretch.generation)), "from": .string(stretch.from.description),
                        "until": .string(stretch.until.description), "begun_because": .string(stretch.reason.rawValue),
                    ]
                }),
            "copies": .array(
                copies.map { copy in
                    [
                        "generation": .integer(Int64(copy.generation)), "at": .string(copy.at.description),
                        "bytes": .integer(Int64(clamping: copy.size)),
                        "kept_for": .array(copy.reasons.map(\.name).sorted().map { .string($0) }),
                        "kind": .string(copy.kind?.lowercased() ?? "full"),
                    ]
                }),
            "stored_until": storedUntil.map { .string($0.description) } ?? .null, "waiting": .integer(Int64(waiting)),
            "waiting_since": waitingSince.map { .string($0.description) } ?? .null,
            "longest_lag_ms": .integer(lagMost.microseconds / 1000), "failure": failure.map { .string($0) } ?? .null,
        ]
    }
}

extension Retention.Reason {
    fileprivate var name: String {
        switch self {
        case .newest: "newest"
        case .window: "window"
        case .week: "week"
        case .month: "month"
        case .foundation: "foundation"
        }
    }
}

extension Drill {
    package var document: JSONValue {
        [
            "at": .string(at.description), "moment": .string(moment.description), "commit": .string("\(generation):\(commit)"),
            "passed": .bool(passed), "failure": failure.map { .string($0) } ?? .null, "exposure_ms": .integer(exposure.microseconds / 1000),
            "restore_ms": .integer(took.microseconds / 1000), "records": .integer(Int64(records)),
            "bytes": .integer(Int64(clamping: size)),
        ]
    }
}

extension ChangeCounts {
    package var document: JSONValue {
        [
            "at": .string(at.description), "collection": .string(collection.description), "created": .integer(Int64(created)),
            "changed": .integer(Int64(changed)), "deleted": .integer(Int64(deleted)),
        ]
    }
}

extension CollectionDifference {
    /// Counts, and which records differ: what stands in them is read from the record's own routes.
    package var document: JSONValue {
        [
            "id": .string(id.description), "slug": .string(slug), "name": .string(name), "then": .integer(Int64(then)),
            "now": .integer(Int64(now)), "goes": .integer(Int64(gone)), "changes": .integer(Int64(changed)),
            "returns": .integer(Int64(returned)), "redesigned": .bool(isRedesigned), "made_since": .bool(isNew),
            "records": .array(
                samples.map { ["id": .string($0.record.description), "fate": .string($0.fate.rawValue)] }),
        ]
    }
}

extension Restore {
    package var document: JSONValue {
        func text(_ commit: Commit?) -> JSONValue { commit.map { .string("\($0.generation):\($0.ordinal)") } ?? .null }
        return [
            "id": .string(operation.id.description), "state": .string(operation.state.rawValue), "message": .string(operation.message),
            "mode": .string(mode), "commit": text(commit), "time": time.map { .string($0.description) } ?? .null, "undo": text(undo),
            "place": place.map { .string($0) } ?? .null,
            "records": .integer(Int64(records)), "changed": .integer(Int64(changed)), "digest": digest.map { .string($0) } ?? .null,
            "milliseconds": .integer(Int64(milliseconds)),
            "pause_milliseconds": pauseMilliseconds.map { .integer(Int64($0)) } ?? .null, "copy": copy.map { .string($0) } ?? .null,
            "created_at": .string(operation.createdAt.description),
            "finished_at": operation.finishedAt.map { .string($0.description) } ?? .null,
        ]
    }
}
