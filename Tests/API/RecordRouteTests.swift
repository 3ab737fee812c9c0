import HTTPTypes
import Testing
import Vocabulary

struct RecordRouteTests {
    @Test func `a record goes its way from creation to restoration`() async throws {
        let scene = try await Scene()
        let id = try await scene.furnish().acme
        let path = "/collections/notes/records/\(id)"
        let read = try await scene.ask(.get, path, as: "reader")
        #expect(read.status == 200)
        #expect(read.etag == "\"1\"")
        #expect(read.json["values"] == ["name": "canary-acme", "size": 1])
        #expect(try await scene.ask(.get, path, headers: [.ifNoneMatch: "\"1\""]).status == 304)
        let changed = try await scene.ask(.patch, path, ["values": ["size": nil]], headers: [.ifMatch: read.etag])
        #expect(changed.status == 200)
        #expect(changed.json["values"] == ["name": "canary-acme"])
        for tag in [read.etag, "\"nonsense\"", "W/\"2\"", "2"] {
            #expect(try await scene.ask(.put, path, ["values": ["name": "x"]], headers: [.ifMatch: tag]).status == 412)
        }
        #expect(try await scene.ask(.delete, path, headers: [.ifMatch: "\"2\""]).status == 204)
        #expect(try await scene.ask(.get, path, as: "reader").status == 404)
        let restored = try await scene.ask(.post, path + "/restoration", ["version": 1], as: "editor")
        #expect(restored.json["version"] == 4)
        let versions = try await scene.ask(.get, path + "/versions", as: "reader")
        #expect(versions.json["versions"]?.array?.compactMap { $0["action"]?.string } == ["restored", "deleted", "changed", "created"])
        #expect(try await scene.ask(.get, path + "/versions/2").json["changes"]?.array?.count == 1)
    }

    @Test func `lists have pages, links and counts`() async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        for number in 0..<5 {
            _ = try await scene.ask(
                .post, "/collections/notes/records", ["values": ["name": .string("n\(number)"), "size": .integer(Int64(number))]])
        }
        let first = try await scene.ask(.get, "/collections/notes/records?sort=-size&limit=2&count=true&filter=size%20%3E%3D%200")
        #expect(first.json["total"] == 6)
        #expect(first.json["records"]?.array?.compactMap { $0["values"]?["size"]?.integer } == [4, 3])
        let link = try #require(HTTPField.Name("Link").flatMap { first.headers[$0] })
        let target = try #require(link.split(separator: ">").first?.dropFirst("</api/v1".count))
        #expect(link.hasSuffix("; rel=\"next\""))
        let second = try await scene.ask(.get, String(target))
        #expect(second.json["records"]?.array?.compactMap { $0["values"]?["size"]?.integer } == [2, 1])
        let cursor = try #require(first.json["next"]?.string)
        // A cursor is good for its own list, and for nobody else's.
        #expect(try await scene.ask(.get, "/collections/notes/records?sort=size&limit=2&cursor=\(cursor)").status == 400)
        #expect(
            try await scene.ask(
                .get, "/collections/notes/records?sort=-size&limit=2&count=true&filter=size%20%3E%3D%200&cursor=\(cursor)", at: "zenith"
            )
            .status == 400)
    }

    @Test func `the same Idempotency-Key makes one record`() async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let headers: HTTPFields = HTTPField.Name("Idempotency-Key").map { [$0: "k1"] } ?? [:]
        let first = try await scene.ask(.post, "/collections/notes/records", ["values": ["name": "once"]], headers: headers)
        let again = try await scene.ask(.post, "/collections/notes/records", ["values": ["name": "once"]], headers: headers)
        #expect(first.status == 201)
        #expect(again.text == first.text)
        let other = try await scene.ask(.post, "/collections/notes/records", ["values": ["name": "twice"]], headers: headers)
        #expect(other.status == 422)
    }

    @Test(
        arguments: [
            (#"{"values":{"name":"x""#, 422), (#"{"values":{"name":1}}"#, 422), (#"{"values":{"nom":"x","name":"y"}}"#, 422),
            (#"{"value":{}}"#, 422),
            (#"{"values":{"name":"a","name":"b"}}"#, 422), (#"{"values":{"name":"a\u0000b"}}"#, 422), (#"[]"#, 400), ("", 400),
            (#"{"values":null}"#, 422),
            (#"{"values":{"name":"x","size":1e999}}"#, 422), (#"{"values":{"name":"x","size":"1"}}"#, 422), (#"{"values":{}}"#, 422),
            (#"{"values":{"name":""# + String(repeating: "x", count: 1001) + #""}}"#, 422),
            (#"{"values":"# + String(repeating: #"{"a":"#, count: 100) + "1" + String(repeating: "}", count: 101), 422),
            (#"{"values":{"name":"canary-acme"}}"#, 409),
        ] as [(String, Int)])
    func `bad bodies are refused, naming the field`(body: String, status: Int) async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let answer = try await scene.ask(
            .post, "/collections/notes/records", headers: [.contentType: "application/json"], bytes: Array(body.utf8))
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.headers[.contentType]?.hasPrefix("application/problem+json") == true)
        if status != 400 { #expect(answer.json["fields"]?.array?.isEmpty == false) }
    }

    @Test func `invalid UTF-8, another media type and a huge body are refused`() async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let json: HTTPFields = [.contentType: "application/json"]
        let invalid = Array(#"{"values":{"name":""#.utf8) + [0xFF] + Array(#""}}"#.utf8)
        #expect(try await scene.ask(.post, "/collections/notes/records", headers: json, bytes: invalid).status == 422)
        #expect(
            try await scene.ask(.post, "/collections/notes/records", headers: [.contentType: "text/plain"], bytes: Array("{}".utf8)).status
                == 415)
        let huge = [UInt8](repeating: 0x20, count: 2 << 20)
        #expect(try await scene.ask(.post, "/collections/notes/records", headers: json, bytes: huge).status == 413)
    }

    @Test func `a filter of too many terms is a problem that names it`() async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let filter = String(repeating: "size=1%20or%20", count: 150) + "size=1"
        let answer = try await scene.ask(.get, "/collections/notes/records?filter=\(filter)")
        #expect(answer.status == 422)
        #expect(answer.json["fields"]?.array?.first?["field"] == "filter")
    }

    @Test(arguments: ["limit=0", "limit=501", "limit=x", "count=maybe", "sort=colour", "filter=%28", "search=%00", "deleted=1"])
    func `bad parameters are refused, naming them`(query: String) async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let answer = try await scene.ask(.get, "/collections/notes/records?\(query)")
        #expect(answer.status == 422)
        #expect(answer.json["fields"]?.array?.first?["field"]?.string == query.split(separator: "=").first.map(String.init))
    }
}
