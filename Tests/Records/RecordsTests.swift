import Records
import Testing
import Vocabulary

struct RecordsTests {
    @Test func `a record is read back as it was written, with its version and author`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let made = try await f.workspace.records.create(
            [
                "number": "UA 1", "distance": 1400.0, "cancelled": false, "day": "2013-01-01", "departed": "2013-01-01T05:17:00-05:00",
                "origin": "EWR",
            ],
            in: "flights", by: f.editor)
        let read = try await f.workspace.records.find(made.id, in: "flights", by: f.reader)
        #expect(read == made)
        #expect(read.version == 1)
        #expect(read.createdBy == Author(f.editor.principal))
        #expect(
            read.body
                == #"{"number":"UA 1","distance":1400,"cancelled":false,"day":"2013-01-01","departed":"2013-01-01T10:17:00.000Z","origin":"EWR"}"#
        )
    }

    @Test func `every wrong value is named, with its field`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let long = String(repeating: "x", count: 1001)
        let refusal = await f.refusal {
            try await f.workspace.records.create(
                [
                    "distance": "far", "cancelled": 1, "day": "2013-02-30", "departed": "yesterday", "origin": "BER",
                    "carrier": "00000000-0000-7000-8000-000000000000", "remark": .string("a\u{0}b"), "colour": "red",
                ], in: "flights", by: f.editor)
        }
        #expect(refusal?.code == "invalid-values")
        #expect(
            Set(refusal?.fields.map(\.field) ?? []) == ["number", "distance", "cancelled", "day", "departed", "origin", "remark", "colour"])
        let tooLong = await f.refusal { try await f.workspace.records.create(["number": .string(long)], in: "flights", by: f.editor) }
        #expect(tooLong?.fields.map(\.field) == ["number"])
        let dangling = await f.refusal {
            try await f.workspace.records.create(
                ["number": "1", "carrier": "00000000-0000-7000-8000-000000000000"], in: "flights", by: f.editor)
        }
        #expect(dangling?.fields.map(\.field) == ["carrier"])
    }

    @Test func `a unique value is refused the second time, and free again when its record is deleted`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let records = f.workspace.records
        let first = try await records.create(["number": "UA 1"], in: "flights", by: f.editor)
        let refusal = await f.refusal { try await records.create(["number": "UA 1"], in: "flights", by: f.editor) }
        #expect(refusal?.kind == .conflict)
        #expect(refusal?.fields.map(\.field) == ["number"])
        try await records.delete(first.id, in: "flights", ifVersion: 1, by: f.editor)
        try await records.create(["number": "UA 1"], in: "flights", by: f.editor)
        let restore = await f.refusal { try await records.restore(first.id, in: "flights", ifVersion: nil, by: f.editor) }
        #expect(restore?.code == "not-unique")
    }

    @Test func `the second of two changes from the same version is stale`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let records = f.workspace.records
        let made = try await records.create(["number": "UA 1", "distance": 1], in: "flights", by: f.editor)
        let changed = try await records.change(made.id, in: "flights", ["distance": 2], ifVersion: 1, by: f.editor)
        #expect(changed.version == 2)
        #expect(changed.values == ["number": "UA 1", "distance": 2])
        let refusal = await f.refusal { try await records.change(made.id, in: "flights", ["distance": 3], ifVersion: 1, by: f.editor) }
        #expect(refusal?.kind == .stale)
        let same = try await records.change(made.id, in: "flights", ["distance": 2], ifVersion: 2, by: f.editor)
        #expect(same.version == 2)
    }

    @Test func `history tells every version with what differs, and any of them can be restored`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let records = f.workspace.records
        let made = try await records.create(["number": "UA 1", "distance": 1], in: "flights", by: f.editor)
        f.clock.advance(by: .seconds(60))
        try await records.replace(made.id, in: "flights", with: ["number": "UA 1", "remark": "late"], ifVersion: 1, by: f.owner)
        try await records.delete(made.id, in: "flights", ifVersion: 2, by: f.editor)
        let hidden = await f.refusal { try await records.find(made.id, in: "flights", by: f.reader) }
        #expect(hidden?.kind == .notFound)
        let back = try await records.restore(made.id, in: "flights", version: 1, ifVersion: 3, by: f.editor)
        #expect(back.version == 4)
        #expect(back.values == made.values)
        let history = try await f.workspace.history.list(of: made.id, in: "flights", by: f.reader)
        #expect(history.map(\.action) == [.restored, .deleted, .changed, .created])
        #expect(history.map(\.version) == [4, 3, 2, 1])
        #expect(history[2].by == Author(f.owner.principal))
        #expect(Set(history[2].changes.map(\.key)) == ["distance", "remark"])
        #expect(history[3].changes.count == 2)
        #expect(try await f.workspace.history.find(2, of: made.id, in: "flights", by: f.reader).values["remark"] == "late")
    }

    @Test func `each change is in the audit log, and a refused one too`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let records = f.workspace.records
        let made = try await records.create(["number": "UA 1"], in: "flights", by: f.editor)
        try await records.change(made.id, in: "flights", ["distance": 2], ifVersion: nil, by: f.editor)
        try await records.delete(made.id, in: "flights", ifVersion: nil, by: f.editor)
        try await records.restore(made.id, in: "flights", ifVersion: nil, by: f.editor)
        let refusal = await f.refusal { try await records.delete(made.id, in: "flights", ifVersion: nil, by: f.reader) }
        #expect(refusal?.kind == .forbidden)
        let events = try await f.events().suffix(5)
        #expect(events == ["record_created", "record_changed", "record_deleted", "record_restored", "access_refused"])
    }

    @Test func `the same request with the same key makes one record, another request with it is refused`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let records = f.workspace.records
        let key = try IdempotencyKey("k-1", request: Array("body".utf8))
        let first = try await records.create(["number": "UA 1"], in: "flights", idempotency: key, by: f.editor)
        try await records.change(first.id, in: "flights", ["distance": 5], ifVersion: 1, by: f.editor)
        let second = try await records.create(["number": "UA 1"], in: "flights", idempotency: key, by: f.editor)
        #expect(second == first)
        let other = try IdempotencyKey("k-1", request: Array("other".utf8))
        let refusal = await f.refusal { try await records.create(["number": "UA 2"], in: "flights", idempotency: other, by: f.editor) }
        #expect(refusal?.code == "idempotency-key-reused")
        // Keys are each person's own, and expire.
        try await records.create(["number": "UA 3"], in: "flights", idempotency: other, by: f.owner)
        f.clock.advance(by: .hours(25))
        try await records.create(["number": "UA 4"], in: "flights", idempotency: other, by: f.editor)
    }

    @Test func `two hundred parallel creations with one key make one record`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let key = try IdempotencyKey("k-1", request: [1])
        let ids = try await withThrowingTaskGroup(of: RecordID.self) { group in
            for _ in 0..<200 {
                group.addTask { try await f.workspace.records.create(["number": "UA 1"], in: "flights", idempotency: key, by: f.editor).id }
            }
            return try await group.reduce(into: Set<RecordID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }
}
