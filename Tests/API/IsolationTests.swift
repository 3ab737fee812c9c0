import API
import HTTPTypes
import Testing
import Vocabulary

/// Every route × {nobody, nobody of this tenant, a reader, the other tenant's owner}.
struct IsolationTests {
    /// Paths with the parameters of Acme's own things.
    private func path(_ template: String, record: String) -> String {
        template.replacing("{collection}", with: "notes").replacing("{record}", with: record).replacing("{field}", with: "size")
            .replacing("{version}", with: "1").replacing("{role}", with: "guest")
            .replacing(/\{\w+\}/, with: "00000000-0000-7000-8000-000000000009")
    }

    private func body(of endpoint: Endpoint) -> JSONValue? {
        guard [.post, .put, .patch].contains(endpoint.method) else { return nil }
        switch endpoint.path {
        case let path where path.hasSuffix("/records") || path.hasSuffix("/records/{record}"): return ["values": ["name": "stolen"]]
        case "/collections": return ["slug": "stolen", "name": "Stolen"]
        case "/collections/{collection}/fields": return ["key": "stolen", "type": "text"]
        case "/roles/{role}/copies": return ["label": "Stolen"]
        case "/roles/{role}": return ["label": "Guest", "permissions": ["everywhere": ["view"]]]
        case "/people/{account}/roles": return ["roles": ["owner"]]
        case "/risk-policy": return ["medium": "allow", "high": "allow"]
        case "/sign-in-rule": return ["passkey_alone": false]
        case "/invitations/lists": return ["addresses": "mallory@example.com", "roles": ["owner"]]
        case "/people/{account}/successor": return ["account": "00000000-0000-7000-8000-000000000009"]
        case "/invitations": return ["address": "mallory@example.com", "roles": ["owner"]]
        default: return [:]
        }
    }

    @Test func `nobody gets 401 from every route but the description`() async throws {
        let scene = try await Scene()
        let record = try await scene.furnish().acme
        for endpoint in API.routes {
            let answer = try await scene.ask(endpoint.method, path(endpoint.path, record: record), body(of: endpoint), as: nil)
            #expect(answer.status == (endpoint.need == .nothing ? 200 : 401), "\(endpoint.method) \(endpoint.path): \(answer.text)")
        }
    }

    @Test func `a visitor without a role sees and changes nothing`() async throws {
        let scene = try await Scene()
        let record = try await scene.furnish().acme
        for endpoint in API.routes where endpoint.need != .nothing && endpoint.path != "/controls" {
            let answer = try await scene.ask(endpoint.method, path(endpoint.path, record: record), body(of: endpoint), as: "none")
            #expect(!answer.text.contains("canary"), "\(endpoint.method) \(endpoint.path)")
            if case .permission = endpoint.need {
                #expect([403, 404].contains(answer.status), "\(endpoint.method) \(endpoint.path): \(answer.status) \(answer.text)")
            }
        }
        #expect(try await scene.ask(.get, "/collections/notes/records/\(record)").json["version"] == 1)
    }

    @Test func `a reader changes nothing`() async throws {
        let scene = try await Scene()
        let record = try await scene.furnish().acme
        for endpoint in API.routes where endpoint.method != .get {
            let answer = try await scene.ask(endpoint.method, path(endpoint.path, record: record), body(of: endpoint), as: "reader")
            #expect([403, 404].contains(answer.status), "\(endpoint.method) \(endpoint.path): \(answer.status) \(answer.text)")
        }
        #expect(try await scene.ask(.get, "/collections/notes/records/\(record)").json["version"] == 1)
    }

    @Test func `the other tenant's owner meets 404 for what is not theirs, and never sees it`() async throws {
        let scene = try await Scene()
        let record = try await scene.furnish().acme
        for endpoint in API.routes where endpoint.path != "/collections/{collection}" || endpoint.method == .get {
            if endpoint.path == "/collections/{collection}/fields/{field}" { continue }
            let answer = try await scene.ask(endpoint.method, path(endpoint.path, record: record), body(of: endpoint), at: "zenith")
            #expect(!answer.text.contains("canary-acme"), "\(endpoint.method) \(endpoint.path)")
            if endpoint.path.contains("{record}") { #expect(answer.status == 404, "\(endpoint.method) \(endpoint.path): \(answer.text)") }
        }
        let untouched = try await scene.ask(.get, "/collections/notes/records/\(record)")
        #expect(untouched.json["values"]?["name"] == "canary-acme")
        #expect(untouched.json["version"] == 1)
        let foreign = try await scene.ask(.get, "/collections/notes/records?search=canary&count=true", at: "zenith")
        #expect(!foreign.text.contains("canary-acme"))
    }
}
