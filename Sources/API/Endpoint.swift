import HTTPTypes
import Hummingbird
import Records
import Vocabulary
import Web

/// One route: what it is, what it takes, and the domain call behind it.
package struct Endpoint: Sendable {
    /// What a visitor needs to get through.
    package enum Need: Sendable, Hashable {
        /// Anybody at all.
        case nothing
        /// A member of the tenant, whatever their roles: they see what is theirs.
        case membership
        case permission(Permission)
    }

    package let method: HTTPRequest.Method
    /// Below ``API/base``, with parameters in braces.
    package let path: String
    package let need: Need
    let answer: @Sendable (Call) async throws -> Response

    init(_ method: HTTPRequest.Method, _ path: String, needs need: Need, _ answer: @escaping @Sendable (Call) async throws -> Response) {
        self.method = method
        self.path = path
        self.need = need
        self.answer = answer
    }

    init(
        _ method: HTTPRequest.Method, _ path: String, needs permission: Permission,
        _ answer: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.init(method, path, needs: .permission(permission), answer)
    }
}

/// One request to the API, with what routes ask of it.
struct Call: Sendable {
    let parts: API.Parts
    let request: Request
    let context: HoldfastContext

    /// Who asks. A visitor without a role here sees nothing.
    func actor() throws -> Actor {
        let visitor = try context.requireVisitor()
        return Actor(principal: visitor.principal, roles: visitor.roles)
    }

    func workspace() async throws -> Workspace { try await parts.workspace(try context.requireEnvironment()) }

    /// The slug in the path. What can't be one is not there.
    func collection() throws -> String {
        let slug = try context.parameter("collection")
        guard Text.isSlug(slug) else { throw Refusal.notFound("collection") }
        return slug
    }

    func record() throws -> RecordID { try context.id("record", what: "record") }

    func body<Value: Decodable>(_ type: Value.Type = Value.self) async throws -> Value { try await request.decode(type, in: context) }

    /// A number in the query string.
    func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = request.query(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Refusal.invalid(
                "invalid-parameter", "This is a whole number from \(range.lowerBound) to \(range.upperBound).", field: name)
        }
        return number
    }

    func flag(_ name: String) throws -> Bool {
        switch request.query(name) {
        case nil, "false": false
        case "true", "": true
        default: throw Refusal.invalid("invalid-parameter", "This is true or false.", field: name)
        }
    }

    /// Text from the query string, without NUL.
    func text(_ name: String) throws -> String? {
        guard let text = request.query(name) else { return nil }
        guard !text.utf8.contains(0) else {
            throw Refusal.invalid("invalid-parameter", "The text can't hold the NUL character.", field: name)
        }
        return text
    }

    /// The version in `If-Match` (RFC 9110 section 13.1.1); nil if there is none, or `*`. A tag that is none of ours matches nothing.
    func ifMatch() throws -> Int? {
        guard let header = request.headers[.ifMatch], header != "*" else { return nil }
        guard let version = Self.version(header) else {
            throw Refusal(.stale, "stale-version", "The If-Match header is not this resource's ETag. Read it again and repeat your change.")
        }
        return version
    }

    /// Whether the client has this version already.
    func has(_ etag: String) -> Bool {
        guard let header = request.headers[.ifNoneMatch] else { return false }
        return header.split(separator: ",").contains { tag in
            let tag = tag.drop { $0 == " " }
            return tag == etag || tag == "W/" + etag || tag == "*"
        }
    }

    private static func version(_ tag: String) -> Int? {
        guard tag.hasPrefix("\""), tag.hasSuffix("\""), tag.utf8.count > 2 else { return nil }
        return Int(tag.dropFirst().dropLast())
    }
}
