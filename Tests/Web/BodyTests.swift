import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing
import TestSupport
import Vocabulary

@testable import Web

struct BodyTests {
    struct Person: Codable, Equatable {
        struct Address: Codable, Equatable {
            let lines: [String]
        }
        let name: String
        let age: Int?
        let address: Address?
    }

    private func post(_ body: [UInt8], type: String = "application/json", limits: Limits = Limits()) async throws -> FinishedAnswer {
        let headers: HTTPFields = [.contentType: type, .authorization: "Bearer good"]
        return try await Scene(limits: limits).front.exchange(
            .post, "/api/v1/things", host: Scene.acmeHost, headers: headers, body: ByteBuffer(bytes: body))
    }

    @Test(arguments: [
        ("{", 400), ("", 400), ("{\"a\":1,\"a\":2}", 422), ("{\"a\":\"\\u0000\"}", 422), ("{\"a\":01}", 422), ("{\"a\":1e999}", 422),
        ("{\"a\":\"\\ud800\"}", 422), ("[1,]", 422), ("{\"a\":NaN}", 422), ("{'a':1}", 400), ("{} {}", 400), ("\u{FEFF}{}", 400),
    ])
    func `a document that isn't strict JSON is refused`(text: String, status: Int) async throws {
        let answer = try await post(Array(text.utf8))
        #expect(answer.status.code == status)
        #expect(answer.headers[.contentType] == "application/problem+json")
    }

    @Test func `invalid UTF-8, deep nesting and huge counts are refused by place`() async throws {
        let invalid = try await post(Array("{\"name\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8))
        #expect(invalid.status == .unprocessableContent)
        #expect(invalid.text.contains(#""field":"name""#))
        let deep = try await post(Array(String(repeating: "[", count: 33).utf8))
        #expect(deep.text.contains("too deeply"))
        let fits = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(try await post(Array(fits.utf8)).status == .ok)
        let many = "[" + String(repeating: "0,", count: 100_000) + "0]"
        #expect(try await post(Array(many.utf8)).text.contains("too many values"))
    }

    @Test func `another media type and a long body are refused`() async throws {
        #expect(try await post(Array("{}".utf8), type: "text/plain").status == .unsupportedMediaType)
        #expect(try await post(Array("{}".utf8), type: "application/merge-patch+json; charset=utf-8").status == .ok)
        var limits = Limits()
        limits.bodyBytes = 10
        #expect(try await post(Array("{\"a\":\"0123456789\"}".utf8), limits: limits).status == .contentTooLarge)
    }

    @Test(arguments: [
        (#"{"name":1}"#, "name"), (#"{}"#, "name"), (#"{"name":"A","age":"x"}"#, "age"), (#"{"name":"A","age":1.5}"#, "age"),
        (#"{"name":"A","colour":1}"#, "colour"), (#"{"name":"A","address":{"lines":[1]}}"#, "address.lines[0]"),
        (#"{"name":"A","address":{"lines":[],"zip":1}}"#, "address.zip"), (#"{"name":"A","age":99999999999999999999}"#, "age"),
    ])
    func `a wrong value is named by its field`(text: String, field: String) throws {
        let value = try JSONReader.read(text.utf8)
        let refusal = #expect(throws: Refusal.self) { try JSONDecoding.decode(Person.self, from: value) }
        #expect(refusal?.fields.first?.field == field)
    }

    @Test func `a right document is read`() throws {
        let value = try JSONReader.read(#"{"name":"Ada","address":{"lines":["\u00e9\ud83d\ude00","b"]}}"#.utf8)
        let person = try JSONDecoding.decode(Person.self, from: value)
        #expect(person == Person(name: "Ada", age: nil, address: .init(lines: ["é😀", "b"])))
        #expect(try JSONDecoding.decode([String: Int].self, from: ["a": 1, "b": 2]) == ["a": 1, "b": 2])
        #expect(try JSONDecoding.decode([String: JSONValue].self, from: ["a": ["x": 1]]) == ["a": ["x": 1]])
    }

    @Test func `a form is decoded strictly`() throws {
        let form = try Form.urlEncoded("name=Ada+L%C3%A9&tick=&name=B&empty".utf8)
        #expect(form["name"] == "Ada Lé")
        #expect(form.values("name") == ["Ada Lé", "B"])
        #expect(form.isTicked("tick") && form.isTicked("empty") && !form.isTicked("other"))
        for bad in ["a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "%ff=a"] {
            #expect(throws: Refusal.self) { try Form.urlEncoded(bad.utf8) }
        }
        #expect(throws: Refusal.self) { try Form.urlEncoded(String(repeating: "a=1&", count: 1001).utf8) }
    }

    private func upload(_ text: String, chunk: Int, boundary: String = "XX") async throws -> (form: Form, files: [String: String]) {
        let bytes = Array(text.utf8)
        let chunks = stride(from: 0, to: bytes.count, by: chunk).map { ByteBuffer(bytes: bytes[$0..<min($0 + chunk, bytes.count)]) }
        let head = HTTPRequest(
            method: .post, scheme: "https", authority: "x", path: "/",
            headerFields: [.contentType: "multipart/form-data; boundary=\(boundary)"])
        let request = Request(
            head: head,
            body: RequestBody(
                asyncSequence: AsyncStream { continuation in
                    for chunk in chunks { continuation.yield(chunk) }
                    continuation.finish()
                }))
        let files = Mutex<[String: String]>([:])
        let form = try await request.upload(
            in: HoldfastContext(logger: .init(label: "x", factory: { _ in MemoryLog().handler })), limit: 10_000
        ) { file, stream in
            var content = ""
            for try await part in stream { content += String(buffer: part) }
            let text = content
            files.withLock { $0["\(file.name)/\(file.filename)"] = text }
        }
        return (form, files.withLock { $0 })
    }

    private let good =
        "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n"
        + "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22;b.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        + "a,b\r\n--X,\r\n\r\n--XX\r\nContent-Disposition: form-data; name=\"empty\"; filename=\"\"\r\n\r\n\r\n--XX--\r\n"

    @Test(arguments: [1, 2, 3, 7, 64, 10_000])
    func `an upload streams, wherever the network cuts it`(chunk: Int) async throws {
        let (form, files) = try await upload(good, chunk: chunk)
        #expect(form["title"] == "Hello")
        #expect(files == ["file/a\";b.csv": "a,b\r\n--X,\r\n", "empty/": ""])
    }

    @Test func `a broken upload is refused and never half accepted`() async throws {
        for count in stride(from: 0, to: good.utf8.count - 4, by: 5) {
            await #expect(throws: Refusal.self) {
                _ = try await upload(String(decoding: good.utf8.prefix(count), as: UTF8.self), chunk: 11)
            }
        }
        await #expect(throws: Refusal.self) { _ = try await upload(good, chunk: 64, boundary: "YY") }
        await #expect(throws: Refusal.self) { _ = try await upload(good, chunk: 64, boundary: "") }
        let long = good.replacing("Hello", with: String(repeating: "x", count: 10_000))
        let refusal = await #expect(throws: Refusal.self) { _ = try await upload(long, chunk: 64) }
        #expect(refusal?.kind == .tooLarge)
    }
}
