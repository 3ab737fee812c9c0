import HTTPTypes
import Testing
import Vocabulary

struct WorkRouteTests {
    @Test func `a file is sent, looked at, imported and exported`() async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let working = Task { try await scene.desk.run() }
        defer { working.cancel() }
        let file = Array("name;size\na;1\nb;zwei\nc;3\n".utf8)
        let upload = try await scene.ask(.post, "/imports?name=notes.csv", headers: [.contentType: "text/csv"], bytes: file)
        #expect(upload.status == 201)
        #expect(upload.json["delimiter"] == ";")
        let id = try #require(upload.json["id"]?.string)
        #expect(try await scene.ask(.get, "/imports/\(id)?collection=notes").json["columns"]?.array?.count == 2)
        #expect(try await scene.ask(.get, "/imports/\(id)", as: "editor").status == 404)
        #expect(try await scene.ask(.post, "/imports/\(id)/operation", ["collection": "notes", "mode": "maybe"]).status == 422)
        let started = try await scene.ask(.post, "/imports/\(id)/operation", ["collection": "notes"])
        #expect(started.status == 202)
        let location = try #require(started.headers[.location]?.dropFirst("/api/v1".count)).description
        var operation = try await scene.ask(.get, location)
        for _ in 0..<500 where operation.json["finished_at"]?.isNull != false {
            try await Task.sleep(for: .milliseconds(10))
            operation = try await scene.ask(.get, location)
        }
        #expect(operation.json["state"] == "succeeded")
        #expect(operation.json["result"] == ["collection": "notes", "imported": 2, "refused": 1])
        let refusals = try await scene.ask(.get, location + "/refusals")
        #expect(refusals.json["lines"]?.array?.first?["line"] == 3)
        #expect(try await scene.ask(.get, location + "/refusals?format=csv").text.contains("3,size,Expected a number."))
        let csv = try await scene.ask(.get, "/collections/notes/export?format=csv&sort=name", as: "reader")
        #expect(csv.headers[.contentDisposition] == "attachment; filename=\"notes.csv\"")
        #expect(
            csv.text.split(separator: "\r\n").map { $0.split(separator: ",").suffix(2).joined(separator: ",") } == [
                "name,size", "a,1", "c,3", "canary-acme,1",
            ])
        let lines = try await scene.ask(.get, "/collections/notes/export?format=json-lines&filter=size%20%3E%201")
        #expect(lines.text.hasSuffix("\"name\":\"c\",\"size\":3}\n"))
        #expect(try await scene.ask(.get, "/operations").json["operations"]?.array?.count == 1)
        #expect(try await scene.ask(.get, location, as: "reader").status == 404)
    }

    @Test func `roles are defined, and open what they say`() async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let collection = try await scene.ask(.get, "/collections/notes")
        let id = try #require(collection.json["id"]?.string)
        let defined = try await scene.ask(
            .put, "/roles/guest", ["label": "Guest", "permissions": ["collections": .object([id: ["view"]])]], as: "administrator")
        #expect(defined.status == 200)
        #expect(try await scene.ask(.get, "/collections/notes/records", as: "guest").status == 200)
        #expect(try await scene.ask(.post, "/collections/notes/records", ["values": ["name": "x"]], as: "guest").status == 403)
        #expect(try await scene.ask(.get, "/permissions", as: "guest").json["permissions"]?["collections"]?[id] == ["view"])
        #expect(try await scene.ask(.put, "/roles/guest", ["label": "G", "permissions": ["everywhere": ["fly"]]]).status == 422)
        #expect(try await scene.ask(.put, "/roles/owner", ["label": "G", "permissions": [:]]).status == 409)
        #expect(try await scene.ask(.delete, "/roles/guest").status == 204)
        #expect(try await scene.ask(.get, "/collections/notes/records", as: "guest").status == 404)
        let entries = try await scene.ask(.get, "/audit?limit=500", as: "administrator")
        let events = entries.json["entries"]?.array?.compactMap { $0["event"]?.string } ?? []
        #expect(events.contains("role_defined") && events.contains("access_refused") && events.contains("record_created"))
    }

    @Test func `a collection is designed by its ETag`() async throws {
        let scene = try await Scene()
        _ = try await scene.furnish()
        let first = try await scene.ask(.get, "/collections/notes")
        let added = try await scene.ask(
            .post, "/collections/notes/fields", ["key": "kind", "type": "choice", "options": ["a", "b"]], headers: [.ifMatch: first.etag])
        #expect(added.status == 201)
        #expect(try await scene.ask(.patch, "/collections/notes", ["name": "x"], headers: [.ifMatch: first.etag]).status == 412)
        let referenced = try await scene.ask(
            .post, "/collections",
            [
                "slug": "pages", "name": "Pages", "title_field": "title",
                "fields": [["key": "title", "type": "text"], ["key": "note", "type": "reference", "collection": "notes"]],
            ])
        #expect(referenced.status == 201)
        #expect(try await scene.ask(.delete, "/collections/notes").status == 409)
        #expect(try await scene.ask(.patch, "/collections/notes/fields/kind", ["options": ["b", "c"]]).status == 200)
        #expect(try await scene.ask(.patch, "/collections/notes/fields/name", ["type": "number"]).status == 409)
        #expect(try await scene.ask(.delete, "/collections/notes/fields/kind").status == 200)
        #expect(try await scene.ask(.delete, "/collections/pages").status == 204)
        let deleted = try await scene.ask(.get, "/deleted-collections")
        let id = try #require(deleted.json["collections"]?.array?.first?["id"]?.string)
        #expect(try await scene.ask(.post, "/deleted-collections/\(id)/restoration").status == 200)
        #expect(try await scene.ask(.get, "/collections", as: "reader").json["collections"]?.array?.count == 2)
    }
}
