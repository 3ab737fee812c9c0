import Testing
import Vocabulary

@testable import ObjectStores

@Suite struct ObjectValueTests {
    @Test func `a key leads nowhere else and needs no escaping`() {
        for good in ["a", "a/b", "tile/0/x001/000.p/17", "-_.x", "A-9", "a..b", String(repeating: "x", count: 200)] {
            #expect(ObjectKey(good)?.description == good)
        }
        for bad in [
            "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.b", ".scratch/x", "a b", "a%2fb", "a\\b", "a\u{0}b", "ä", "a\n",
            "a?b", "a#b", "a+b", String(repeating: "x", count: 201), Array(repeating: "x", count: 400).joined(separator: "/"),
        ] { #expect(ObjectKey(bad) == nil, "\(bad)") }
    }

    @Test func `a place in S3 is taken apart, and nothing else passes for one`() throws {
        let place = try S3Place("s3://holdfast/prod/one?endpoint=https://s3.example.com:9000&region=eu-central-1")
        #expect(place.bucket == "holdfast" && place.prefix == "prod/one/" && place.endpoint == "https://s3.example.com:9000")
        #expect(place.region == "eu-central-1")
        #expect(try S3Place("s3://holdfast?region=eu-central-1").endpoint == "https://s3.eu-central-1.amazonaws.com")
        #expect(try S3Place("s3://holdfast/?region=eu&endpoint=http://127.0.0.1:9000/").endpoint == "http://127.0.0.1:9000")
        #expect(try S3Place("s3://holdfast/?region=eu&endpoint=http://[::1]:9000").endpoint == "http://[::1]:9000")
        for bad in [
            "", "s3://", "https://holdfast/", "s3://holdfast/a", "s3://HOLD/?region=eu", "s3://ab?region=eu",
            "s3://key:secret@holdfast?region=eu",
            "s3://holdfast?region=", "s3://holdfast?region=eu central", "s3://holdfast?region=eu&region=us",
            "s3://holdfast?region=eu&secret=x",
            "s3://holdfast/../x?region=eu", "s3://holdfast/a b?region=eu", "s3://holdfast?region=eu&endpoint=http://s3.example.com",
            "s3://holdfast?region=eu&endpoint=ftp://s3.example.com", "s3://holdfast?region=eu&endpoint=https://s3.example.com/path",
            "s3://holdfast?region=eu&endpoint=https://u:p@s3.example.com", "s3://holdfast?region=eu&endpoint=https://",
            "s3://holdfast:80?region=eu", "s3://holdfast?region=eu#x",
        ] { #expect(throws: Refusal.self, "\(bad)") { try S3Place(bad) } }
    }

    @Test func `a query is sorted and escaped as it is signed`() throws {
        let place = try S3Place("s3://holdfast/p?endpoint=https://s3.example.com&region=eu")
        let request = S3Request(method: .get, query: ["prefix": "p/a b+c~", "list-type": "2", "uploads": ""])
        #expect(request.url(place) == "https://s3.example.com/holdfast?list-type=2&prefix=p%2Fa%20b%2Bc~&uploads=")
        #expect(S3Request(method: .get, key: "p/a").url(place) == "https://s3.example.com/holdfast/p/a")
        #expect(
            S3Request(method: .put, key: "p/a", headers: ["If-None-Match": "*"], body: [], isChecked: true).lines == [
                "Content-Type: application/octet-stream", "If-None-Match: *",
                "x-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ])
    }

    @Test func `XML is read as far as S3 writes it`() throws {
        let text = "<?xml version=\"1.0\"?>\n<!-- c --><A xmlns=\"x\"><B>1 &amp; &#50;&#x33;&lt;</B><B/><C><D>x</D></C>\n</A>"
        let a = try #require(XMLElement(Array(text.utf8)))
        #expect(a.name == "A" && a.all("B").map(\.text) == ["1 & 23<", ""] && a.first("C")?.first("D")?.text == "x")
        for end in 0..<text.utf8.count { #expect(XMLElement(Array(text.utf8.prefix(end))) == nil) }
        let deep = String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40)
        for bad in [
            "", "x", "<a></b>", "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", "<a>&e;</a>", "<a>&#xD800;</a>", "<>x</>", deep,
            "<a>&amp</a>",
        ] {
            #expect(XMLElement(Array(bad.utf8)) == nil, "\(bad)")
        }
    }

    @Test func `what a status and code mean`() {
        func answer(_ status: Int, _ code: String?) -> S3Answer {
            let body = code.map { "<Error><Code>\($0)</Code></Error>" } ?? ""
            return S3Answer(status: status, body: Array(body.utf8), etag: nil, contentRange: nil, contentLength: nil, checksum: nil)
        }
        #expect(answer(404, "NoSuchKey").fault == .missing && answer(404, nil).fault == .missing)
        #expect(answer(404, "NoSuchBucket").fault == .placeMissing)
        #expect(answer(403, "SignatureDoesNotMatch").fault == .denied)
        #expect(answer(507, "XMinioStorageFull").fault == .full && answer(403, "QuotaExceeded").fault == .full)
        #expect(answer(400, "BadDigest").fault == .corrupt(reason: "the server received other bytes than were sent"))
        #expect(answer(301, "PermanentRedirect").fault == .settings(reason: "the bucket is elsewhere; check its region and endpoint"))
        #expect(answer(400, "EntityTooSmall").fault == .unavailable(reason: "it answered 400 (EntityTooSmall)"))
        #expect(answer(503, "SlowDown").isPassing && answer(500, nil).isPassing && answer(400, "RequestTimeout").isPassing)
        #expect(!answer(400, "BadDigest").isPassing && !answer(501, nil).isPassing && !answer(404, nil).isPassing)
    }
}
