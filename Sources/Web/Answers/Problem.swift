import HTTPTypes
import Hummingbird
import Vocabulary

/// A refusal as HTTP says it (RFC 9457).
package struct Problem: Sendable, Equatable {
    package let status: HTTPResponse.Status
    /// Stable and kebab-case; `type` is `urn:holdfast:problem:` and this.
    package let code: String
    package let title: String
    package let detail: String
    package let fields: [Refusal.FieldProblem]
    package let retryAfter: Duration?

    package var type: String { "urn:holdfast:problem:\(code)" }

    package init(
        status: HTTPResponse.Status, code: String, detail: String, title: String? = nil, fields: [Refusal.FieldProblem] = [],
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title ?? Self.title(of: status)
        self.detail = detail
        self.fields = fields
        self.retryAfter = retryAfter
    }

    /// The one place where a domain's no becomes a status.
    package init(_ refusal: Refusal) {
        var retryAfter: Duration?
        let status: HTTPResponse.Status
        switch refusal.kind {
        case .invalid: status = refusal.fields.isEmpty ? .badRequest : .unprocessableContent
        case .unauthenticated: status = .unauthorized
        case .forbidden: status = .forbidden
        case .notFound: status = .notFound
        case .conflict: status = .conflict
        case .stale: status = .preconditionFailed
        case .tooLarge: status = .contentTooLarge
        case .unsupported: status = .unsupportedMediaType
        case .gone: status = .gone
        case .limited(let wait):
            status = .tooManyRequests
            retryAfter = wait
        case .unavailable(let wait):
            status = .serviceUnavailable
            retryAfter = wait
        }
        self.init(status: status, code: refusal.code, detail: refusal.message, fields: refusal.fields, retryAfter: retryAfter)
    }

    /// What a person reads as the heading.
    private static func title(of status: HTTPResponse.Status) -> String {
        switch status.code {
        case 400: "The request can't be understood"
        case 401: "Sign-in needed"
        case 403: "Not allowed"
        case 404: "Not found"
        case 405: "Not possible here"
        case 408: "Too slow"
        case 409: "In conflict with what is there"
        case 410: "No longer there"
        case 412: "Changed in the meantime"
        case 413: "Too large"
        case 414: "Address too long"
        case 415: "Unknown format"
        case 421: "Unknown host"
        case 422: "Some values need another look"
        case 429: "Too many requests"
        case 431: "Headers too large"
        case 503: "Not available right now"
        default: status.code < 500 ? "Refused" : "Something went wrong"
        }
    }

    /// The document, with the request's id so that a person can quote it.
    package func document(requestID: RequestIdentifier) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(type), "title": .string(title), "status": .integer(Int64(status.code)), "detail": .string(detail),
            "code": .string(code), "request": .string(requestID.description),
        ]
        if !fields.isEmpty {
            members["fields"] = .array(fields.map { ["field": .string($0.field), "message": .string($0.message)] })
        }
        return .object(members)
    }
}
