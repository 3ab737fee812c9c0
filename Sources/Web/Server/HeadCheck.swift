import HTTPTypes
import NIOHTTP1
import Vocabulary

/// What is wrong with a request's head before any route sees it. The front turns it into a problem.
enum HeadFault: String, Sendable {
    case malformed
    case host
    case targetTooLong
    case headersTooLarge
    case bodyTooLarge
    case expectation

    /// Carries the fault to the front. The guards remove any that a client sends.
    static let marker = HTTPField.Name.headFault

    var problem: Problem {
        switch self {
        case .malformed: Problem(status: .badRequest, code: "malformed-request", detail: "The request is not well-formed HTTP.")
        case .host: Problem(status: .badRequest, code: "host-missing", detail: "The request must name exactly one host.")
        case .targetTooLong: Problem(status: .uriTooLong, code: "address-too-long", detail: "The address is too long.")
        case .headersTooLarge:
            Problem(
                status: .requestHeaderFieldsTooLarge, code: "headers-too-large",
                detail: "There are too many headers, or the address or one of them is too long.")
        case .bodyTooLarge: Problem(status: .contentTooLarge, code: "body-too-large", detail: "The body is too large.")
        case .expectation: Problem(status: .expectationFailed, code: "expectation", detail: "Only 100-continue can be expected.")
        }
    }
}

/// The rules for heads, the same for HTTP/1.1 and HTTP/2.
struct HeadCheck {
    let limits: Limits

    /// An HTTP/1.1 head as the shared types say it, or what is wrong with it.
    func request(from head: HTTPRequestHead, secure: Bool) -> Result<HTTPRequest, Fault> {
        guard head.uri.utf8.count <= limits.targetBytes else { return .failure(Fault(.targetTooLong)) }
        guard head.headers.count <= limits.headerCount else { return .failure(Fault(.headersTooLarge)) }
        guard let method = HTTPRequest.Method(head.method.rawValue) else { return .failure(Fault(.malformed)) }
        var bytes = 0
        var host: String?
        var lengths = 0
        var isChunked = false
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            bytes += name.utf8.count + value.utf8.count + 4
            guard let name = HTTPField.Name(name) else { return .failure(Fault(.malformed)) }
            switch name {
            case .host:
                guard host == nil else { return .failure(Fault(.host)) }
                host = value
                continue
            case .contentLength: lengths += 1
            case .transferEncoding: isChunked = true
            case HeadFault.marker: continue
            default: break
            }
            fields.append(HTTPField(name: name, value: value))
        }
        guard bytes <= limits.headerBytes else { return .failure(Fault(.headersTooLarge)) }
        // Two framings are how requests are smuggled past a proxy (RFC 9112 section 11.2).
        guard lengths <= 1, !(isChunked && lengths == 1) else { return .failure(Fault(.malformed)) }
        guard var authority = host else { return .failure(Fault(.host)) }
        var target = Substring(head.uri)
        if target.utf8.first != UInt8(ascii: "/") {
            if let rest = Self.absolute(target) {
                authority = String(rest.authority)
                guard authority.lowercased() == host?.lowercased() else { return .failure(Fault(.host)) }
                target = rest.path
            } else if target != "*" || method != .options {
                return .failure(Fault(.malformed))
            }
        }
        guard Self.isPlain(target) else { return .failure(Fault(.malformed)) }
        let request = HTTPRequest(
            method: method, scheme: secure ? "https" : "http", authority: authority, path: String(target), headerFields: fields)
        return check(request)
    }

    /// What both versions have in common.
    func check(_ request: HTTPRequest) -> Result<HTTPRequest, Fault> {
        if let text = request.headerFields[.contentLength] {
            guard let length = Int(text), length >= 0 else { return .failure(Fault(.malformed)) }
            guard length <= limits.streamedBodyBytes else { return .failure(Fault(.bodyTooLarge)) }
        }
        if let expectation = request.headerFields[.expect], expectation.lowercased() != "100-continue" {
            return .failure(Fault(.expectation))
        }
        return .success(request)
    }

    /// An HTTP/2 head: sizes were bounded by the decoder, the rest is checked here.
    func check2(_ original: HTTPRequest) -> Result<HTTPRequest, Fault> {
        var request = original
        request.headerFields[HeadFault.marker] = nil
        guard let path = request.path, path.utf8.count <= limits.targetBytes else { return .failure(Fault(.targetTooLong)) }
        guard request.headerFields.count <= limits.headerCount else { return .failure(Fault(.headersTooLarge)) }
        guard path.utf8.first == UInt8(ascii: "/") || (path == "*" && request.method == .options), Self.isPlain(path[...]) else {
            return .failure(Fault(.malformed))
        }
        let hosts = request.headerFields[values: .host]
        guard hosts.count <= 1, let authority = request.authority ?? hosts.first else { return .failure(Fault(.host)) }
        if let host = hosts.first, host.lowercased() != authority.lowercased() { return .failure(Fault(.host)) }
        request.authority = authority
        request.headerFields[.host] = nil
        return check(request)
    }

    struct Fault: Error {
        let fault: HeadFault
        init(_ fault: HeadFault) { self.fault = fault }
    }

    /// Visible ASCII without a fragment, and no escaped NUL: everything else is a mistake or an attempt.
    private static func isPlain(_ target: Substring) -> Bool {
        var previous: (UInt8, UInt8) = (0, 0)
        for byte in target.utf8 {
            guard (0x21...0x7E).contains(byte), byte != UInt8(ascii: "#") else { return false }
            if previous == (UInt8(ascii: "%"), UInt8(ascii: "0")), byte == UInt8(ascii: "0") { return false }
            previous = (previous.1, byte)
        }
        return true
    }

    /// Takes `https://host/path` apart (RFC 9112 section 3.2.2).
    private static func absolute(_ target: Substring) -> (authority: Substring, path: Substring)? {
        let lower = target.prefix(8).lowercased()
        let skipped = lower.hasPrefix("https://") ? 8 : lower.hasPrefix("http://") ? 7 : 0
        guard skipped > 0 else { return nil }
        let rest = target.dropFirst(skipped)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard end > rest.startIndex else { return nil }
        let path = rest[end...]
        return (rest[..<end], path.first == "/" ? path : "/" + path)
    }
}
