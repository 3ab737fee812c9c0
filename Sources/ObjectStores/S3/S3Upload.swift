import Synchronization

/// An object that is uploaded in parts: nobody sees it before it is complete.
struct S3Upload: Sendable {
    /// S3's own limit.
    private static let partsAtMost = 10_000

    private let store: S3Store
    private let key: ObjectKey
    private let id: String
    private let parts = Parts()

    private final class Parts: Sendable {
        let done = Mutex<(lines: [String], size: UInt64)>(([], 0))
    }

    init(store: S3Store, key: ObjectKey, id: String) {
        self.store = store
        self.key = key
        self.id = id
    }

    static func begin(_ store: S3Store, key: ObjectKey) async throws -> S3Upload {
        let request = S3Request(
            method: .post, key: store.name(key), query: ["uploads": ""], headers: ["x-amz-checksum-algorithm": "SHA256"], body: [])
        let answer = try await store.ask(request)
        guard answer.isSuccess else { throw answer.fault }
        guard let id = XMLElement(answer.body)?.first("UploadId")?.text, !id.isEmpty else {
            throw ObjectFault.unavailable(reason: "it named no upload")
        }
        return S3Upload(store: store, key: key, id: id)
    }

    /// Parts are added one after the other.
    func add(_ bytes: [UInt8]) async throws {
        let number = parts.done.withLock { $0.lines.count } + 1
        guard number <= Self.partsAtMost else { throw ObjectFault.settings(reason: "the object needs more than \(Self.partsAtMost) parts") }
        let query = ["partNumber": "\(number)", "uploadId": id]
        let answer = try await store.ask(S3Request(method: .put, key: store.name(key), query: query, body: bytes, isChecked: true))
        guard answer.isSuccess else { throw answer.fault }
        guard let tag = answer.etag, !tag.contains("<"), !tag.contains("&") else {
            throw ObjectFault.unavailable(reason: "it named no part")
        }
        let checksum = ContentDigest(of: bytes).base64
        guard checksum == answer.checksum ?? checksum else { throw ObjectFault.corrupt(reason: "it keeps another digest of a part") }
        parts.done.withLock {
            $0.lines.append(
                "<Part><ChecksumSHA256>\(checksum)</ChecksumSHA256><ETag>\(tag)</ETag><PartNumber>\(number)</PartNumber></Part>")
            $0.size += UInt64(bytes.count)
        }
    }

    /// Returns the object's size, once the server says that it has as much.
    func complete(ifAbsent: Bool) async throws -> UInt64 {
        let (lines, size) = parts.done.withLock { $0 }
        let body =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(lines.joined())</CompleteMultipartUpload>"
        var request = S3Request(method: .post, key: store.name(key), query: ["uploadId": id], body: Array(body.utf8))
        if ifAbsent { request.headers["If-None-Match"] = "*" }
        let answer = try await store.ask(request)
        if ifAbsent, answer.status == 412 { throw ObjectFault.exists }
        // An answer may begin before the outcome is known, so 200 alone says nothing; and after a lost answer the upload is gone.
        let isDone = answer.isSuccess && XMLElement(answer.body)?.name == "CompleteMultipartUploadResult"
        let wasDone = answer.attempts > 1 && answer.code == "NoSuchUpload"
        guard isDone || wasDone else {
            throw answer.isSuccess ? ObjectFault.unavailable(reason: "it did not put the parts together") : answer.fault
        }
        guard try await store.summary(of: key).size == size else {
            throw ObjectFault.corrupt(reason: "it put another number of bytes together")
        }
        return size
    }

    /// Gives the parts up. What can't be given up now is swept later.
    func abort() async {
        _ = try? await store.ask(S3Request(method: .delete, key: store.name(key), query: ["uploadId": id]))
    }
}
