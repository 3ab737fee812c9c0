import HTTPTypes
import Hummingbird
import Vocabulary

/// The routes of every front door. Components add theirs, then `Front` is made from it.
///
/// A route throws ``Vocabulary/Refusal`` to say no. HEAD follows from GET; every other method on a known path answers 405.
package struct Routes {
    package let apex: Router<HoldfastContext>
    package let environment: Router<HoldfastContext>
    /// What the command line asks over the Unix socket. Every visitor there is `.shell(user:)`.
    package let shell: Router<HoldfastContext>

    package init() {
        apex = Self.router()
        environment = Self.router()
        shell = Self.router()
    }

    private static func router() -> Router<HoldfastContext> {
        let router = Router(context: HoldfastContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: KeepErrors())
        return router
    }

    /// Adds a 405 for each method that a path doesn't have.
    static func closed(_ router: Router<HoldfastContext>) -> RouterResponder<HoldfastContext> {
        var methods: [String: (path: RouterPath, methods: Set<HTTPRequest.Method>)] = [:]
        for route in router.routes {
            methods[route.path.description, default: (route.path, [])].methods.insert(route.method)
        }
        for (path, known) in methods.values {
            var allowed = known
            if known.contains(.get) { allowed.insert(.head) }
            let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options, .trace] where !allowed.contains(method) {
                router.on(path, method: method) { _, _ -> Response in throw MethodNotAllowed(allow: allow) }
            }
        }
        return router.buildResponder()
    }
}

/// No route has this method on this path.
struct MethodNotAllowed: Error {
    let allow: String
}

/// Carries an error past Hummingbird's own answer for it, so that `Front` writes all problems in one form.
struct KeptError: Error {
    let error: any Error
}

struct KeepErrors: RouterMiddleware {
    typealias Context = HoldfastContext

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            throw KeptError(error: error)
        }
    }
}
