/// Why the platform says no, in words for the person who asked: what happened and what to do.
///
/// Domains throw it and know no status codes; `Web` maps ``Kind`` to RFC 9457 problems in one exhaustive switch,
/// the command line to exit codes. Never carries internal detail: no SQL, no paths, no stack.
package struct Refusal: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case invalid
        case unauthenticated
        case forbidden
        case notFound
        case conflict
        /// The caller's version is not the current one (HTTP If-Match).
        case stale
        case tooLarge
        case unsupported
        case gone
        case limited(retryAfter: Duration)
        case unavailable(retryAfter: Duration)
    }

    /// One wrong value among several.
    package struct FieldProblem: Sendable, Equatable {
        package let field: String
        package let message: String
        package init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    package let kind: Kind
    /// Stable, kebab-case, part of the API: becomes the problem's `type`.
    package let code: String
    package let message: String
    package let fields: [FieldProblem]

    package init(_ kind: Kind, _ code: String, _ message: String, fields: [FieldProblem] = []) {
        self.kind = kind
        self.code = code
        self.message = message
        self.fields = fields
    }

    package static func invalid(_ code: String, _ message: String, field: String? = nil) -> Refusal {
        Refusal(.invalid, code, message, fields: field.map { [FieldProblem(field: $0, message: message)] } ?? [])
    }

    package static func notFound(_ what: String) -> Refusal {
        Refusal(.notFound, "not-found", "There is no such \(what), or you may not see it.")
    }

    package static func conflict(_ code: String, _ message: String, field: String? = nil) -> Refusal {
        Refusal(.conflict, code, message, fields: field.map { [FieldProblem(field: $0, message: message)] } ?? [])
    }

    package static func forbidden(_ code: String, _ message: String) -> Refusal {
        Refusal(.forbidden, code, message)
    }
}
