import Crypto

/// One request to S3, before it is signed.
struct S3Request: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    let method: Method
    /// With the place's prefix; nil for the bucket itself.
    var key: String?
    /// Sorted by name when it is sent: libcurl signs the query as it stands.
    var query: [String: String] = [:]
    var headers: [String: String] = [:]
    var body: [UInt8]?
    /// Bytes of an answer that is taken whole into memory.
    var answerAtMost = 4 << 20

    /// Has the server compare the body's digest before it takes it.
    var isChecked = false

    func url(_ place: S3Place) -> String {
        var url = "\(place.endpoint)/\(place.bucket)"
        if let key { url += "/\(key)" }
        let pairs = query.sorted { $0.key < $1.key }.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
        if !pairs.isEmpty { url += "?" + pairs.joined(separator: "&") }
        return url
    }

    /// Every header that is signed. None may be empty: libcurl would sign what it doesn't send.
    var lines: [String] {
        let digest = ContentDigest(of: body ?? [])
        var headers = headers
        headers["x-amz-content-sha256"] = digest.description
        if isChecked { headers["x-amz-checksum-sha256"] = digest.base64 }
        if body != nil { headers["Content-Type"] = "application/octet-stream" }
        return headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }

    /// As SigV4 wants it: everything but the unreserved characters of RFC 3986.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

struct S3Answer: Sendable {
    let status: Int
    let body: [UInt8]
    let etag: String?
    let contentRange: String?
    let contentLength: UInt64?
    let checksum: String?
    /// How many times it was asked. After more than one, an earlier attempt may have been carried out without an answer.
    var attempts = 1

    var isSuccess: Bool { (200...299).contains(status) }
    /// S3's own word for what is wrong: `NoSuchKey`, `SlowDown`.
    var code: String? { XMLElement(body)?.first("Code").map { String($0.text.prefix(60)) } }

    /// What a status means where nothing special is expected.
    var fault: ObjectFault {
        let code = code
        switch (status, code) {
        case (507, _), (_, "QuotaExceeded"?), (_, "XMinioStorageFull"?), (_, "InsufficientStorage"?),
            (_, "XMinioAdminBucketQuotaExceeded"?):
            return .full
        case (404, "NoSuchBucket"?): return .placeMissing
        case (404, _): return .missing
        case (401, _), (403, _): return .denied
        case (412, _): return .changed
        case (400, "BadDigest"?), (400, "XAmzContentSHA256Mismatch"?), (400, "XAmzContentChecksumMismatch"?), (400, "InvalidDigest"?):
            return .corrupt(reason: "the server received other bytes than were sent")
        case (301, _), (307, _), (308, _), (_, "AuthorizationHeaderMalformed"?), (_, "PermanentRedirect"?):
            return .settings(reason: "the bucket is elsewhere; check its region and endpoint")
        default: return .unavailable(reason: words)
        }
    }

    var words: String { code.map { "it answered \(status) (\($0))" } ?? "it answered \(status)" }

    /// Worth asking again: the server is busy or broken for a moment.
    var isPassing: Bool { [429, 500, 502, 503, 504].contains(status) || (status == 400 && code == "RequestTimeout") || code == "SlowDown" }
}
