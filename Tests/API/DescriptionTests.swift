import API
import HTTPTypes
import Testing
import Vocabulary

struct DescriptionTests {
    private func document() throws -> JSONValue { try JSONReader.read(APIDescription.bytes) }

    @Test func `the description and the routes tell of the same operations`() throws {
        let paths = try #require(try document()["paths"]?.object)
        let described = Set(paths.flatMap { path, operations in (operations.object ?? [:]).keys.map { "\($0.uppercased()) \(path)" } })
        let routed = Set(API.routes.map { "\($0.method.rawValue) \($0.path)" })
        #expect(described.subtracting(routed).sorted() == [])
        #expect(routed.subtracting(described).sorted() == [])
        #expect(routed.count == API.routes.count)
    }

    @Test func `every operation names its parameters, answers and problems`() throws {
        let document = try document()
        var identifiers: Set<String> = []
        for (path, operations) in try #require(document["paths"]?.object) {
            for (method, operation) in operations.object ?? [:] {
                let id = try #require(operation["operationId"]?.string)
                #expect(identifiers.insert(id).inserted)
                let responses = try #require(operation["responses"]?.object)
                #expect(responses.keys.contains { $0.hasPrefix("2") })
                if operation["security"] == nil { #expect(responses["401"] != nil && responses["404"] != nil, "\(method) \(path)") }
                if operation["requestBody"] != nil { #expect(responses["415"] != nil && responses["422"] != nil) }
                let named = try (operation["parameters"]?.array ?? []).map { try resolved($0, document) }
                    .filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
                let inPath = path.split(separator: "{").dropFirst().compactMap { $0.split(separator: "}").first.map(String.init) }
                #expect(Set(named) == Set(inPath), "\(method) \(path)")
            }
        }
    }

    @Test func `every reference leads somewhere`() throws {
        let document = try document()
        var references: [String] = []
        func collect(_ value: JSONValue) {
            if let members = value.object {
                if let reference = members["$ref"]?.string { references.append(reference) }
                members.values.forEach(collect)
            }
            value.array?.forEach(collect)
        }
        collect(document)
        #expect(references.count > 100)
        for reference in Set(references) { _ = try resolved(["$ref": .string(reference)], document) }
    }

    @Test func `no route lets anybody act as somebody else`() {
        let words = ["impersonat", "act-as", "sudo", "become", "switch-user", "login-as"]
        #expect(!API.routes.contains { route in words.contains { route.path.lowercased().contains($0) } })
        #expect(API.routes.filter { $0.need == .nothing }.map(\.path) == ["/openapi.json"])
    }

    private func resolved(_ value: JSONValue, _ document: JSONValue) throws -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        return try #require(reference.dropFirst(2).split(separator: "/").reduce(document as JSONValue?) { $0?[String($1)] })
    }
}
