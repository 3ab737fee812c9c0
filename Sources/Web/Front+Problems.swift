import HTTPTypes
import Hummingbird
import Identity
import Logging
import NIOCore
import Storage
import Vocabulary

/// The host is none of ours (RFC 9110 section 15.5.20).
struct Misdirected: Error {}

extension Front {
    /// The answer to whatever was thrown. Only what is the server's own fault is logged, without values.
    func response(to error: any Error, request: Request, context: HoldfastContext) async -> Response {
        var headers: HTTPFields = [:]
        let problem: Problem
        var isPlain = false
        switch Self.unwrapped(error) {
        case let refusal as Refusal: problem = Problem(refusal)
        case let thrown as Problem.Thrown: problem = thrown.problem
        case is Misdirected:
            problem = Problem(
                status: .misdirectedRequest, code: "unknown-host", detail: "This server doesn't serve that name. Check the address.")
            isPlain = true
        case let error as MethodNotAllowed:
            problem = Problem(status: .methodNotAllowed, code: "method-not-allowed", detail: "This address knows only \(error.allow).")
            headers[.allow] = error.allow
        case let error as DecodingError: problem = Problem(JSONDecoding.refusal(for: error))
        case is NIOTooManyBytesError: problem = Problem(Request.tooLarge(context.bodyLimit))
        case let error as any HTTPResponseError where error.status.code < 500:
            problem =
                error.status == .notFound
                ? Problem(.notFound("page"))
                : Problem(status: error.status, code: "refused", detail: "The request can't be understood.")
        case StorageError.overloaded:
            problem = Problem(Refusal(.unavailable(retryAfter: .seconds(1)), "busy", "The server is busy. Try again in a moment."))
        case StorageError.full, StorageError.readOnly, StorageError.inDoubt:
            logFailure(error, context)
            let refusal = Refusal(.unavailable(retryAfter: .seconds(30)), "storage", "Nothing can be stored right now. Try again later.")
            problem = Problem(refusal)
        case StorageError.unconfirmed:
            logFailure(error, context)
            problem = Problem(
                Refusal(
                    .unavailable(retryAfter: .seconds(5)), "unconfirmed",
                    "Your change is stored, but its second copy isn't confirmed. Look whether it is there before you send it again."))
        case is CancellationError:
            problem = Problem(Refusal(.unavailable(retryAfter: .seconds(1)), "stopping", "The server is stopping. Try again in a moment."))
        default:
            logFailure(error, context)
            problem = Problem(
                status: .internalServerError, code: "internal",
                detail: "Something went wrong on our side. If it happens again, tell support the request's number.")
        }
        if let wait = problem.retryAfter { headers[.retryAfter] = String(max(1, Int(wait.components.seconds))) }
        if problem.status == .unauthorized {
            // RFC 9470 section 3: how a program learns that it must have its person sign in anew, with `max_age`.
            headers[.wwwAuthenticate] =
                problem.code == RecentProof.refusal.code
                ? "Bearer error=\"insufficient_user_authentication\", "
                    + "error_description=\"a proof from the last ten minutes is needed\", max_age=\(RecentProof.life.components.seconds)"
                : "Bearer"
        }
        // A body that nobody read would be taken for the next request's head; the guard bounds the reading.
        var response: Response
        if context.wantsPage || isPlain {
            var page: Response?
            // Without a door there is no host to fetch style and script from. Who is sent away, because there is too much to do or because of
            // too much done already, must not cost what anybody else's page does.
            let isSentAway = problem.status == .tooManyRequests || problem.status == .serviceUnavailable
            if !context.origin.isEmpty, !isSentAway { page = try? await parts.pages.page(for: problem, in: context) }
            response = page ?? PlainPages.page(for: problem, requestID: context.requestID, nonce: Nonce.make(parts.entropy))
        } else {
            let document = problem.document(requestID: context.requestID)
            response = .bytes(ByteBuffer(bytes: document.bytes), type: "application/problem+json", status: problem.status)
        }
        for field in headers where !response.headers.contains(field.name) { response.headers.append(field) }
        return response
    }

    private static func unwrapped(_ error: any Error) -> any Error {
        (error as? KeptError)?.error ?? error
    }

    private func logFailure(_ error: any Error, _ context: HoldfastContext) {
        let kind = String(reflecting: type(of: Self.unwrapped(error)))
        var metadata: Logger.Metadata = ["request": .string(context.id), "error": .string(kind)]
        // Our own storage errors name constraints and engines, never values.
        if let error = Self.unwrapped(error) as? StorageError { metadata["detail"] = .string(String(describing: error)) }
        parts.logger.error("request failed", metadata: metadata)
    }

    /// One line for each request. The route's template stands for the path, because paths hold identifiers and names.
    func log(_ request: Request, _ response: Response, _ context: HoldfastContext) {
        guard parts.logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "request": .string(context.id), "method": .string(Self.knownMethod(request.method)),
            "route": .string(context.endpointPath ?? "-"), "status": .stringConvertible(response.status.code),
            "micros": .stringConvertible((parts.clock.now() - context.arrivedAt).microseconds),
        ]
        if let environment = context.site.environment { metadata["environment"] = .string(environment.description) }
        parts.logger.info("request", metadata: metadata)
    }

    private static func knownMethod(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect: method.rawValue
        default: "OTHER"
        }
    }
}

extension Problem {
    /// For the rare answer that no ``Vocabulary/Refusal`` kind fits.
    package struct Thrown: Error {
        package let problem: Problem
        package init(_ problem: Problem) { self.problem = problem }
    }
}
