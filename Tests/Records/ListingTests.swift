import Records
import TestSupport
import Testing
import Vocabulary

struct ListingTests {
    private func filled() async throws -> Fixture {
        let f = try await Fixture()
        try await f.flights()
        let origins = ["JFK", "LGA", "EWR"]
        for number in 0..<30 {
            var values: JSONObject = [
                "number": .string("N\(number)"), "cancelled": .bool(number % 2 == 0), "origin": .string(origins[number % 3]),
            ]
            if number % 5 != 0 { values["distance"] = .integer(Int64(number * 100)) }
            if number % 4 == 0 { values["remark"] = .string("Délayed by fog number \(number)") }
            values["day"] = .string("2013-01-\(number < 9 ? "0" : "")\(number + 1)")
            try await f.workspace.records.create(values, in: "flights", by: f.editor)
            f.clock.advance(by: .milliseconds(5))
        }
        return f
    }

    private func numbers(_ f: Fixture, _ query: Query) async throws -> [Int] {
        try await f.workspace.records.list(in: "flights", query, by: f.reader).records.compactMap { record in
            record.values["number"]?.string.flatMap { Int($0.dropFirst()) }
        }
    }

    @Test(
        arguments: [
            (#"distance > 2500"#, [26, 27, 28, 29]),
            (#"distance >= 2600 and origin = "JFK""#, [27]),
            (#"number = 'N1' or number = 'N2' and cancelled = false"#, [1]),
            (#"(number = 'N1' or number = 'N2') and cancelled = true"#, [2]),
            (#"distance is empty"#, [0, 5, 10, 15, 20, 25]),
            (#"distance is not empty and distance < 300"#, [1, 2]),
            (#"not (distance >= 300) and distance is not empty"#, [1, 2]),
            (#"remark ~ "NUMBER 28""#, [28]),
            (#"number in ("N3", "N4")"#, [3, 4]),
            (#"day < "2013-01-03""#, [0, 1]),
            (#"origin != "JFK" and origin != "LGA" and distance > 2500"#, [26, 29]),
            (#"_version = 2"#, []),
            (#"number ~ "%" "#, []),
            (#"not number !~ "N29""#, [29]),
        ] as [(String, [Int])])
    func `a filter finds what it says`(filter: String, expected: [Int]) async throws {
        let f = try await filled()
        #expect(try await numbers(f, Query(filter: filter)) == expected)
    }

    @Test(arguments: [
        "distance >", "distance", "= 3", "distance > \"x\"", "colour = \"red\"", "number = 5", "(distance > 1", "distance > 1)",
        "number = \"x",
        "cancelled > true", "extra = \"x\"", "day = \"2013-02-30\"", "distance = null and", "distance ! 3", "number ~ 5", "distance > 01",
        "origin in ()", "number = 'a\u{0}'", "and and and", "; DROP TABLE record", "distance > 1 distance > 2",
    ])
    func `a filter that makes no sense is refused, naming the parameter`(filter: String) async throws {
        let f = try await Fixture()
        try await f.flights()
        let refusal = await f.refusal { try await f.workspace.records.list(in: "flights", Query(filter: filter), by: f.reader) }
        #expect(refusal?.code == "invalid-filter")
        #expect(refusal?.fields.first?.field == "filter")
    }

    @Test func `a million terms, or a million brackets, are refused at once`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let hostile = [
            String(repeating: "distance > 1 and ", count: 1_000_000), String(repeating: "(", count: 1_000_000),
            String(repeating: "not ", count: 2000) + "distance > 1", String(repeating: "(", count: 8000),
            String(repeating: "a=1 or ", count: 1100) + "a=1",
        ]
        let start = ContinuousClock.now
        for (index, filter) in hostile.enumerated() where index != 2 {
            let refusal = await f.refusal { try await f.workspace.records.list(in: "flights", Query(filter: filter), by: f.reader) }
            #expect(refusal?.code == "invalid-filter")
        }
        _ = try await f.workspace.records.list(in: "flights", Query(filter: hostile[2]), by: f.reader)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(arguments: [
        "distance", "-distance", "cancelled,-distance", "-origin,distance", "_created", "-_created", "-_updated", "day", "-day", "number",
    ])
    func `pages follow each other without gap or repetition`(sort: String) async throws {
        let f = try await filled()
        let whole = try await f.workspace.records.list(in: "flights", Query(sort: sort, limit: 500), by: f.reader).records.map(\.id)
        #expect(whole.count == 30)
        var paged: [RecordID] = []
        var query = Query(sort: sort, limit: 7)
        repeat {
            let page = try await f.workspace.records.list(in: "flights", query, by: f.reader)
            paged += page.records.map(\.id)
            query.cursor = page.next
        } while query.cursor != nil
        #expect(paged == whole)
    }

    @Test func `empty values come first, or last when descending`() async throws {
        let f = try await filled()
        let up = try await numbers(f, Query(sort: "distance", limit: 7))
        #expect(up == [0, 5, 10, 15, 20, 25, 1])
        let down = try await numbers(f, Query(sort: "-distance", limit: 2))
        #expect(down == [29, 28])
    }

    @Test func `search finds words by their beginning, in any case and without accents`() async throws {
        let f = try await filled()
        #expect(try await numbers(f, Query(search: "delay FOG 28")) == [28])
        #expect(try await numbers(f, Query(search: "de\u{301}la fög 28")) == [28])
        #expect(try await numbers(f, Query(search: "n7")) == [7])
        #expect(try await numbers(f, Query(search: "fog-28")) == [28])
        #expect(try await numbers(f, Query(search: "\" OR *")).isEmpty)
        #expect(try await numbers(f, Query(search: "*")).count == 30)
        #expect(try await numbers(f, Query(search: "nothing")).isEmpty)
        let other = try await f.workspace.records.list(in: "carriers", Query(search: "fog"), by: f.reader)
        #expect(other.records.isEmpty)
        let refusal = await f.refusal {
            try await f.workspace.records.list(in: "flights", Query(search: String(repeating: "a ", count: 400)), by: f.reader)
        }
        #expect(refusal?.code == "search-too-long")
    }

    @Test func `search follows a change`() async throws {
        let f = try await filled()
        let found = try await f.workspace.records.list(in: "flights", Query(search: "N28"), by: f.reader)
        let record = try #require(found.records.first)
        try await f.workspace.records.change(record.id, in: "flights", ["remark": "Sunshine"], ifVersion: nil, by: f.editor)
        #expect(try await numbers(f, Query(search: "fog 28")).isEmpty)
        #expect(try await numbers(f, Query(search: "sunshine")) == [28])
    }

    @Test func `a cursor is good for its own list only`() async throws {
        let f = try await filled()
        let page = try await f.workspace.records.list(in: "flights", Query(sort: "distance", limit: 5), by: f.reader)
        let cursor = try #require(page.next)
        let wrong = [
            Query(cursor: cursor, limit: 5), Query(filter: "distance > 1", sort: "distance", cursor: cursor),
            Query(sort: "-distance", cursor: cursor),
            Query(sort: "distance", cursor: cursor + "A"), Query(sort: "distance", cursor: "AAAA" + cursor.dropFirst(4)),
            Query(sort: "distance", cursor: ""), Query(sort: "distance", cursor: "%%%"),
            Query(sort: "distance", cursor: String(repeating: "A", count: 100_000)),
        ]
        for query in wrong {
            let refusal = await f.refusal { try await f.workspace.records.list(in: "flights", query, by: f.reader) }
            #expect(refusal?.code == "invalid-cursor")
        }
        let neighbour = try await f.neighbour()
        try await f.flights(in: neighbour)
        let refusal = await f.refusal {
            try await neighbour.records.list(in: "flights", Query(sort: "distance", cursor: cursor, limit: 5), by: f.reader)
        }
        #expect(refusal?.code == "invalid-cursor")
    }

    @Test func `limits and sorts outside the rules are refused`() async throws {
        let f = try await Fixture()
        try await f.flights()
        for query in [
            Query(limit: 0), Query(limit: 501), Query(sort: "colour"), Query(sort: "remark"), Query(sort: "distance,distance"),
            Query(sort: "distance,,day"), Query(sort: "-"), Query(sort: "number,distance,cancelled,day,departed"),
        ] {
            let refusal = await f.refusal { try await f.workspace.records.list(in: "flights", query, by: f.reader) }
            #expect(refusal?.kind == .invalid)
        }
    }

    @Test func `a page counts all that match, and names what its records refer to`() async throws {
        let f = try await filled()
        let carrier = try await f.workspace.records.create(["name": "United"], in: "carriers", by: f.editor)
        try await f.workspace.records.create(
            ["number": "X", "carrier": .string(carrier.id.description)], in: "flights", by: f.editor)
        let page = try await f.workspace.records.list(
            in: "flights", Query(filter: "number = \"X\"", count: true, titles: true), by: f.reader)
        #expect(page.total == 1)
        #expect(page.titles == [carrier.id: "United"])
        #expect(try await f.workspace.records.suggestions("nit", in: "carriers", by: f.reader).map(\.title) == ["United"])
        #expect(try await f.workspace.records.counts(by: f.reader).values.sorted() == [1, 31])
    }

    @Test func `deleted records are listed for whoever may restore them`() async throws {
        let f = try await filled()
        let record = try #require(try await f.workspace.records.list(in: "flights", Query(limit: 1), by: f.reader).records.first)
        try await f.workspace.records.delete(record.id, in: "flights", ifVersion: nil, by: f.editor)
        #expect(try await f.workspace.records.list(in: "flights", Query(deleted: true), by: f.editor).records.map(\.id) == [record.id])
        let refusal = await f.refusal { try await f.workspace.records.list(in: "flights", Query(deleted: true), by: f.reader) }
        #expect(refusal?.kind == .forbidden)
        #expect(try await numbers(f, Query(limit: 500)).count == 29)
    }

    @Test func `a collection's last change is its newest record's, edit's or deletion's, and costs no scan`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        func last() async throws -> Instant? { try await f.workspace.records.lastChanges(by: f.reader)[flights.id] }
        #expect(try await last() == nil)
        let first = try await f.workspace.records.create(["number": "1"], in: "flights", by: f.editor)
        f.clock.advance(by: .minutes(1))
        try await f.workspace.records.create(["number": "2"], in: "flights", by: f.editor)
        #expect(try await last() == f.clock.now())
        f.clock.advance(by: .minutes(1))
        try await f.workspace.records.change(first.id, in: "flights", ["distance": 4], ifVersion: nil, by: f.editor)
        #expect(try await last() == f.clock.now())
        f.clock.advance(by: .minutes(1))
        try await f.workspace.records.delete(first.id, in: "flights", ifVersion: nil, by: f.editor)
        #expect(try await last() == f.clock.now())
        #expect(try await f.workspace.records.lastChanges(by: f.stranger).isEmpty)
        // With so few rows PostgreSQL reads them all, whatever there is.
        if TestEngine.isPostgres { return }
        let plan = try await f.workspace.database.read { reader in
            try reader.rows(
                """
                EXPLAIN QUERY PLAN SELECT updated_at FROM record WHERE collection = 2 AND updated_at IS NOT NULL
                ORDER BY updated_at DESC LIMIT 1
                """
            ).map { try $0.get("detail", as: String.self) }
        }
        #expect(plan.count == 1 && plan[0].contains("record_by_change"), "\(plan)")
    }

    /// Many records share each value, some have none: only the identifier tells them apart.
    @Test(arguments: ["", "origin", "-origin", "-distance", "distance,-origin", "cancelled,-_created", "-_updated"])
    func `paging to the end and back shows the same pages`(sort: String) async throws {
        let f = try await filled()
        func page(_ cursor: String?) async throws -> RecordPage {
            let query = Query(filter: "distance is empty or distance > 300", sort: sort.isEmpty ? nil : sort, cursor: cursor, limit: 4)
            return try await f.workspace.records.list(in: "flights", query, by: f.reader)
        }
        var there = [try await page(nil)]
        #expect(there[0].previous == nil)
        while let next = there.last?.next { there.append(try await page(next)) }
        #expect(there.count > 5)
        #expect(Set(there.flatMap(\.records).map(\.id)).count == there.flatMap(\.records).count)
        var back = [try #require(there.last)]
        while let previous = back[0].previous { back.insert(try await page(previous), at: 0) }
        #expect(back.map { $0.records.map(\.id) } == there.map { $0.records.map(\.id) })
        #expect(back[0].next != nil)
        // And forward again from a page that was reached backwards.
        let again = try await page(back[0].next)
        #expect(again.records == there[1].records)
    }
}
