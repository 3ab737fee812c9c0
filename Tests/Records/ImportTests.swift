import Jobs
import Records
import Testing
import Vocabulary

struct ImportTests {
    private func upload(_ f: Fixture, _ bytes: [UInt8], name: String = "flights.csv", pieces: Int = 7) async throws -> ImportUpload {
        let stream = AsyncStream<[UInt8]> { continuation in
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                continuation.yield(Array(bytes[start..<min(start + pieces, bytes.count)]))
            }
            continuation.finish()
        }
        return try await f.workspace.imports.upload(name: name, stream, by: f.owner)
    }

    private func imported(
        _ f: Fixture, _ text: String, name: String = "flights.csv", mode: ImportPlan.Mode = .goodLines
    ) async throws -> (report: ImportReport, operation: Operation) {
        let upload = try await upload(f, Array(text.utf8), name: name, pieces: 1000)
        let flights = try await f.workspace.collections.find("flights", by: f.owner)
        let preview = try await f.workspace.imports.preview(upload.id, for: "flights", by: f.owner)
        let operation = try await f.workspace.imports.start(upload.id, ImportPlan(preview, into: flights, mode: mode), by: f.owner)
        let report = try await f.workspace.imports.run(operation.id)
        return (report, try await f.workspace.operations.find(operation.id))
    }

    private func count(_ f: Fixture) async throws -> Int? {
        try await f.workspace.records.list(in: "flights", Query(count: true), by: f.owner).total
    }

    @Test func `a file becomes a collection of its own, with the types that its values have`() async throws {
        let f = try await Fixture()
        let text = #"""
            Flight No;Distance;Late?;Day;time_hour;Tail Number;Remark
            1545;1400,5;yes;2013-01-01;2013-01-01 05:00:00;N14228;"on ""time"""
            1714;1416;no;2013-01-02;2013-01-01 05:00:00;NA;"two
            lines"
            """#
        let upload = try await upload(f, Array(text.utf8))
        let preview = try await f.workspace.imports.preview(upload.id, by: f.owner)
        #expect(preview.delimiter == ";")
        #expect(preview.columns.map(\.suggestedKey) == ["flight_no", "distance", "late", "day", "time_hour", "tail_number", "remark"])
        #expect(preview.columns.map(\.suggestedType) == [.number, .number, .boolean, .date, .dateTime, .text, .longText])
        let operation = try await f.workspace.imports.start(
            upload.id, ImportPlan(preview, newSlug: "flights", name: "Flights"), by: f.owner)
        let report = try await f.workspace.imports.run(operation.id)
        #expect(report.imported == 2)
        #expect(report.lines.isEmpty)
        let page = try await f.workspace.records.list(in: "flights", Query(), by: f.owner)
        #expect(
            page.records.map(\.body) == [
                #"{"flight_no":1545,"distance":1400.5,"late":true,"day":"2013-01-01","time_hour":"2013-01-01T05:00:00.000Z","tail_number":"N14228","remark":"on \"time\""}"#,
                #"{"flight_no":1714,"distance":1416,"late":false,"day":"2013-01-02","time_hour":"2013-01-01T05:00:00.000Z","tail_number":"NA","remark":"two\nlines"}"#,
            ])
        let found = try await f.workspace.records.list(in: "flights", Query(search: "n14228"), by: f.owner)
        #expect(found.records.count == 1)
        let history = try await f.workspace.history.list(of: page.records[0].id, in: "flights", by: f.owner)
        #expect(history.map(\.action) == [.imported])
        let events = try await f.events()
        #expect(events.suffix(3) == ["import_started", "records_imported", "import_finished"])
        let gone = await f.refusal { try await f.workspace.imports.find(upload.id, by: f.owner) }
        #expect(gone?.kind == .notFound)
    }

    @Test func `bad lines are refused one by one, with line and reason, and good ones kept`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let united = try await f.workspace.records.create(["name": "United"], in: "carriers", by: f.owner)
        try await f.workspace.records.create(["number": "taken"], in: "flights", by: f.owner)
        let text =
            "number,distance,origin,carrier,cancelled\r\n" + "a,1,JFK,United,true\r\n" + "b,far,JFK,,false\r\n" + "c,3,BER,,false\r\n"
            + ",4,JFK,,false\r\n" + "a,5,JFK,,false\r\n" + "taken,6,JFK,,false\r\n" + "d,7,JFK,Lufthansa,\r\n" + "e,8,JFK\r\n"
            + "f,9,JFK,,,,\r\n" + "\"g\" x,10,JFK,,\r\n" + "\r\n" + "h,11,LGA,\(united.id),no\r\n" + "\"i\n,12,JFK,,"
        let (report, operation) = try await imported(f, text)
        #expect(report.imported == 2)
        #expect(report.refused == 10)
        #expect(report.lines.map(\.line) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 14])
        #expect(
            report.lines.map { $0.reasons.first?.field } == ["distance", "origin", "number", "number", "number", "carrier", "", "", "", ""])
        #expect(operation.state == .succeeded)
        #expect(operation.message == "Imported 2 records; 10 lines were refused.")
        let csv = String(decoding: Exports.csv(of: report), as: UTF8.self)
        #expect(csv.hasPrefix("line,field,reason\r\n3,distance,Expected a number.\r\n"))
    }

    @Test func `all or nothing means nothing, when one line is bad`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let (report, operation) = try await imported(f, "number,distance\na,1\nb,far\nc,3\na,4\n", mode: .allOrNothing)
        #expect(report.imported == 0)
        #expect(report.lines.map(\.line) == [3, 5])
        #expect(operation.state == .failed)
        #expect(operation.message.hasPrefix("Nothing was imported: 2 lines"))
        #expect(try await count(f) == 0)
        let (good, done) = try await imported(f, "number,distance\na,1\nb,2\n", mode: .allOrNothing)
        #expect(good.imported == 2)
        #expect(done.state == .succeeded)
    }

    @Test(
        arguments: [
            Array("number,remark\nä,Grüße\n".utf8), [0xEF, 0xBB, 0xBF] + Array("number;remark\nä;Grüße\n".utf8),
            Array("number\tremark\rä\tGrüße\r".utf8), "number|remark\nä|Grüße".unicodeScalars.map { UInt8($0.value) },
            [0xFF, 0xFE] + "number,remark\r\nä,Grüße".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
            "number,remark\r\nä,Grüße".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] },
        ] as [[UInt8]])
    func `encodings, marks, delimiters and line ends are recognised`(file: [UInt8]) async throws {
        let f = try await Fixture()
        try await f.flights()
        let upload = try await upload(f, file)
        let flights = try await f.workspace.collections.find("flights", by: f.owner)
        let preview = try await f.workspace.imports.preview(upload.id, for: "flights", by: f.owner)
        let operation = try await f.workspace.imports.start(upload.id, ImportPlan(preview, into: flights), by: f.owner)
        #expect(try await f.workspace.imports.run(operation.id).imported == 1)
        let page = try await f.workspace.records.list(in: "flights", Query(), by: f.owner)
        #expect(page.records.first?.values == ["number": "ä", "remark": "Grüße"])
    }

    @Test func `JSON Lines are held to the same rules`() async throws {
        let f = try await Fixture()
        try await f.flights()
        try await f.workspace.records.create(["name": "United"], in: "carriers", by: f.owner)
        let text = """
            {"number":"a","distance":1.5,"carrier":"United"}
            {"number":"b","distance":"2"}
            {"number":
            [1]

            {"number":"c","number":"d"}
            {"number":"e","extra":{"a":[1,2]}}
            """
        let (report, _) = try await imported(f, text, name: "flights.jsonl")
        #expect(report.imported == 2)
        #expect(report.lines.map(\.line) == [2, 3, 4, 6])
    }

    @Test func `an import that crashed goes on after its last batch`() async throws {
        let f = try await Fixture()
        try await f.flights()
        var text = "number,distance,remark\n"
        let filler = String(repeating: "x", count: 900)
        for line in 0..<1500 { text += "n\(line),\(line),\(filler)\n" }
        let upload = try await upload(f, Array(text.utf8), pieces: 100_000)
        let flights = try await f.workspace.collections.find("flights", by: f.owner)
        let preview = try await f.workspace.imports.preview(upload.id, for: "flights", by: f.owner)
        let operation = try await f.workspace.imports.start(upload.id, ImportPlan(preview, into: flights), by: f.owner)
        let running = Task { try await f.workspace.imports.run(operation.id) }
        while try await count(f) == 0 { try await Task.sleep(for: .milliseconds(1)) }
        running.cancel()
        _ = await running.result
        let interrupted = try await f.workspace.operations.find(operation.id)
        if interrupted.state == .running {
            let next = f.restarted()
            let left = try await next.operations.recover(resumable: [Imports.kind])
            #expect(left.map(\.id) == [operation.id])
            try await next.imports.run(operation.id)
        }
        let report = try await f.workspace.imports.report(operation.id, by: f.owner)
        #expect(report.imported == 1500)
        #expect(try await count(f) == 1500)
        // The file's order is the order of the list.
        let first = try await f.workspace.records.list(in: "flights", Query(limit: 500), by: f.owner)
        let isInOrder = first.records.map { $0.values["distance"]?.integer } == (0..<500).map { Int64($0) }
        #expect(isInOrder)
    }

    @Test func `a cancelled import says what it has imported`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let upload = try await upload(f, Array("number\na\n".utf8))
        let operation = try await f.workspace.imports.start(
            upload.id, ImportPlan(target: .existing(slug: "flights"), mappings: [.init(column: "number", field: "number")]), by: f.owner)
        try await f.workspace.imports.cancel(operation.id, by: f.owner)
        #expect(try await f.workspace.operations.find(operation.id).state == .cancelled)
        let refusal = await f.refusal { try await f.workspace.imports.run(operation.id) }
        #expect(refusal != nil)
        #expect(try await count(f) == 0)
    }

    @Test func `uploads are each person's own, and plans are checked`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let upload = try await upload(f, Array("number,x\na,1\n".utf8))
        #expect(await f.refusal { try await f.workspace.imports.find(upload.id, by: f.administrator) }?.kind == .notFound)
        #expect(
            await f.refusal { try await f.workspace.imports.upload(name: "x", AsyncStream<[UInt8]> { $0.finish() }, by: f.reader) }?.kind
                == .forbidden)
        #expect(
            await f.refusal { try await f.workspace.imports.upload(name: "x", AsyncStream<[UInt8]> { $0.finish() }, by: f.owner) }?.code
                == "empty-file")
        let plans: [(ImportPlan, String)] = [
            (ImportPlan(target: .existing(slug: "flights"), mappings: []), "no-mapping"),
            (ImportPlan(target: .existing(slug: "flights"), mappings: [.init(column: "x", field: "distance")]), "required-not-mapped"),
            (ImportPlan(target: .existing(slug: "flights"), mappings: [.init(column: "y", field: "number")]), "unknown-column"),
            (ImportPlan(target: .existing(slug: "flights"), mappings: [.init(column: "x", field: "colour")]), "unknown-field"),
            (ImportPlan(target: .existing(slug: "nowhere"), mappings: [.init(column: "x", field: "number")]), "not-found"),
        ]
        for (plan, code) in plans {
            #expect(await f.refusal { try await f.workspace.imports.start(upload.id, plan, by: f.owner) }?.code == code)
        }
        let large = AsyncStream<[UInt8]> { continuation in
            for _ in 0..<20 { continuation.yield([UInt8](repeating: 65, count: 100_000)) }
            continuation.finish()
        }
        let tooLarge = await f.refusal { try await f.workspace.imports.upload(name: "big", large, limit: 1_000_000, by: f.owner) }
        #expect(tooLarge?.kind == .tooLarge)
        let left = try await f.workspace.database.read { try $0.value("SELECT count(*) FROM import_chunk", as: Int.self) }
        #expect(left == 1)
    }

    @Test func `an export is read back as what it was`() async throws {
        let f = try await Fixture()
        try await f.flights()
        var text = "number,distance,cancelled,day,origin,remark\n"
        for line in 0..<1200 { text += "n\(line),\(line).5,true,2013-01-01,JFK,\"=1+\"\"2\"\", x\"\n" }
        #expect(try await imported(f, text).report.imported == 1200)
        for format in [ExportFormat.csv, .jsonLines] {
            var bytes: [UInt8] = []
            for try await chunk in try await f.workspace.exports.stream("flights", as: format, by: f.reader) { bytes += chunk }
            let neighbour = try await Fixture()
            try await neighbour.flights()
            let (report, _) = try await imported(neighbour, String(decoding: bytes, as: UTF8.self), name: "x.\(format.fileExtension)")
            #expect(report.imported == 1200)
            let before = try await f.workspace.records.list(in: "flights", Query(sort: "number", limit: 500), by: f.owner).records.map(
                \.body)
            let after = try await neighbour.workspace.records.list(in: "flights", Query(sort: "number", limit: 500), by: f.owner).records
                .map(\.body)
            #expect(before == after)
        }
        var guarded: [UInt8] = []
        let query = Query(filter: "number = \"n7\"")
        for try await chunk in try await f.workspace.exports.stream("flights", as: .csv, query, guardFormulas: true, by: f.reader) {
            guarded += chunk
        }
        #expect(String(decoding: guarded, as: UTF8.self).hasSuffix(",n7,7.5,true,2013-01-01,,JFK,,\"'=1+\"\"2\"\", x\",\r\n"))
        #expect(await f.refusal { try await f.workspace.exports.stream("flights", as: .csv, by: f.stranger) }?.kind == .notFound)
    }

    @Test func `members see their own imports, whoever designs a collection all that go into it`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let imports = f.workspace.imports
        let operation = try await imported(f, "number,distance\na,1\nb,far\n").operation
        let colleague = Actor(
            principal: Principal(.account(AccountID(at: f.clock.now(), entropy: f.entropy))), roles: [Role.editor])
        // The editor may import into the same collection, and sees nothing of the owner's import all the same.
        #expect(try await imports.operations(by: f.editor).isEmpty)
        #expect(await f.refusal { try await imports.operation(operation.id, by: f.editor) }?.kind == .notFound)
        #expect(await f.refusal { try await imports.report(operation.id, by: f.editor) }?.kind == .notFound)
        #expect(await f.refusal { try await imports.cancel(operation.id, by: f.editor) }?.kind == .notFound)

        let bytes = AsyncStream<[UInt8]> { stream in
            stream.yield(Array("number\nc\n".utf8))
            stream.finish()
        }
        let upload = try await imports.upload(name: "mine.csv", bytes, by: f.editor)
        let plan = ImportPlan(try await imports.preview(upload.id, for: "flights", by: f.editor), into: flights)
        let own = try await imports.start(upload.id, plan, by: f.editor)
        #expect(try await imports.operations(by: f.editor).map(\.id) == [own.id])
        #expect(try await imports.operation(own.id, by: f.editor).id == own.id)
        #expect(try await imports.operations(by: colleague).isEmpty)
        #expect(try await imports.operations(by: f.reader).isEmpty)
        #expect(try await imports.operations(by: f.administrator).map(\.id) == [own.id, operation.id])
        #expect(try await imports.operations(before: own.id, by: f.owner).map(\.id) == [operation.id])
        #expect(try await imports.operations(after: operation.id, by: f.owner).map(\.id) == [own.id])

        // Designing one collection shows what goes into that one.
        let designer = Actor(principal: Principal(.account(AccountID(at: f.clock.now(), entropy: f.entropy))), roles: ["designer"])
        let permissions = Permissions(collections: [flights.id: [.view, .design]])
        _ = try await f.workspace.roles.define("designer", label: "Designer", permissions: permissions, by: f.owner)
        #expect(try await imports.operations(by: designer).map(\.id) == [own.id, operation.id])
        // Another environment of the same engine knows none of it.
        #expect(try await f.neighbour().imports.operations(by: f.owner).isEmpty)
        #expect(await f.refusal { try await f.neighbour().imports.operation(own.id, by: f.owner) }?.kind == .notFound)
    }
}
