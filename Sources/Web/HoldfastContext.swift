import Hummingbird
import Identity
import Logging
import Vocabulary

package typealias RequestIdentifier = ID<Kinds.Request>

/// What is known about a request while it is answered. `Front` fills it before any route runs.
package struct HoldfastContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package var requestID: RequestIdentifier {
        didSet { id = requestID.description }
    }
    /// ``requestID`` as text.
    package private(set) var id: String
    package var site: Site
    /// Nil for nobody.
    package var visitor: Visitor?
    /// Network address of the client as text, without port; nil on the Unix socket.
    package var address: String?
    /// For `<script nonce>` and `<style nonce>` on a page; 128 random bits, fresh for each request.
    package var nonce: String
    /// This host's own origin, such as `https://acme.holdfast.localhost:8443`.
    package var origin: String
    package var apexOrigin: String
    /// Whether the client wants a page (a browser's navigation) and not JSON.
    package var wantsPage: Bool
    /// Most bytes of a body that is read into memory.
    package var bodyLimit: Int
    /// Whether it is refused for what its address did before.
    package var isKeptOut: Bool
    /// Why it is answered although its address is kept out.
    package var pass: Pass?
    /// When the request arrived.
    package var arrivedAt: Instant

    package var maxUploadSize: Int { bodyLimit }

    package init(source: ApplicationRequestContextSource) { self.init(logger: source.logger) }

    package init(logger: Logger) {
        coreContext = CoreRequestContextStorage(source: LoggerSource(logger: logger))
        requestID = ID(at: Instant(microseconds: 0), entropy: NoEntropy())
        id = ""
        site = .apex
        nonce = ""
        origin = ""
        apexOrigin = ""
        wantsPage = false
        isKeptOut = false
        bodyLimit = Limits().bodyBytes
        arrivedAt = Instant(microseconds: 0)
    }

    /// The visitor's principal, or an anonymous one with the address.
    package var principal: Principal { visitor?.principal ?? Principal(.anonymous, address: address) }

    /// - Throws: `unauthenticated` where nobody is signed in.
    package func requireVisitor() throws -> Visitor {
        guard let visitor else {
            throw Refusal(.unauthenticated, "sign-in-required", "Sign in first.")
        }
        return visitor
    }

    /// - Throws: `confirm-it-is-you` unless the visitor showed a factor in the last ten minutes (RFC 9470). Whoever sits at the machine's own
    /// command line shows none.
    package func requireRecentProof() throws {
        let visitor = try requireVisitor()
        guard visitor.means != .shell else { return }
        guard let proof = visitor.authenticatedAt else { throw RecentProof.refusal }
        try RecentProof.require(since: proof, at: arrivedAt)
    }

    /// - Throws: `notFound` at the apex, where no environment is.
    package func requireEnvironment() throws -> EnvironmentID {
        guard let environment = site.environment else { throw Refusal.notFound("page") }
        return environment
    }

    /// A path parameter.
    package func parameter(_ name: String) throws -> String {
        guard let value = parameters.get(name), !value.utf8.contains(0) else { throw Refusal.notFound("page") }
        return value
    }

    /// A path parameter that is an identifier; anything else is simply not there.
    package func id<Kind>(_ name: String, of kind: Kind.Type = Kind.self, what: String = "page") throws -> ID<Kind> {
        guard let text = parameters.get(name), let id = ID<Kind>(text) else { throw Refusal.notFound(what) }
        return id
    }
}

private struct LoggerSource: RequestContextSource {
    let logger: Logger
}

private struct NoEntropy: Entropy {
    func words() -> (UInt64, UInt64) { (0, 0) }
    func bytes(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
}
