import HTTPTypes
import Hummingbird
import Identity
import Vocabulary
import Web

/// One request to a page: what came, who sent it, and the frame to answer in.
struct Visit: Sendable {
    let portal: Portal
    let request: Request
    let context: HoldfastContext
    let visitor: Visitor
    let account: Account
    var place: Frame.Place
    /// Every entry of the navigation that this visitor may see.
    var navigation: [Frame.NavigationLink]

    var parts: Portal.Parts { portal.parts }
    var principal: Principal { visitor.principal }

    /// A page in the frame; `current` is the label of its entry in the navigation.
    func show(_ page: some Page, current: String, status: HTTPResponse.Status = .ok) throws -> Response {
        let notice = parts.flash.peek(at: request, in: context)
        let frame = Frame(
            place: place, nonce: context.nonce, theme: portal.theme(of: request),
            navigation: navigation.map { $0.marked(current: $0.label == current) },
            visitor: .init(name: account.displayName, identifier: account.identifier, accountAddress: "\(context.apexOrigin)/account"),
            flash: notice.map(Banner.init))
        var response = Response.page(try portal.templates.html(page, in: frame), in: context, status: status)
        if notice != nil { parts.flash.clear(on: &response) }
        return response
    }

    /// The page again after a refusal, with the status that belongs to it.
    func show(_ page: some Page, current: String, after refusal: Refusal) throws -> Response {
        try show(page, current: current, status: Problem(refusal).status)
    }

    /// 303 with a sentence for the next page.
    func go(_ path: String, _ notice: Notice? = nil) throws -> Response {
        var response = Response.seeOther(path)
        if let notice { try parts.flash.set(notice, on: &response, in: context) }
        return response
    }

    /// The visitor's own session, which what concerns sessions asks for.
    func session() async throws -> Session {
        guard let token = HostCookie.session.value(in: request), let session = try await parts.sessions.find(token: token) else {
            throw Refusal(.unauthenticated, "sign-in-required", "Sign in first.")
        }
        return session
    }
}

extension Refusal {
    /// Whether a form can be shown again with this beside it. What concerns the whole page gets a page of its own.
    var belongsToForm: Bool {
        switch kind {
        case .invalid, .conflict, .stale, .tooLarge, .unsupported, .limited: true
        case .forbidden: code != "forbidden"
        case .unauthenticated: code != "sign-in-required" && code != "sign-in-again" && code != RecentProof.refusal.code
        case .notFound, .gone, .unavailable: false
        }
    }
}

extension Banner {
    init(_ notice: Notice) {
        let tone: Tone =
            switch notice.tone {
            case .done: .good
            case .warning: .plain
            case .problem: .bad
            }
        self.init(notice.text, tone: tone, undo: notice.undo.map { Undo(action: $0) })
    }
}

extension Portal {
    func theme(of request: Request) -> String? { HostCookie("theme").value(in: request) }

    /// A page in the middle of nothing: sign-in, onboarding, errors.
    func lone(
        _ page: some Page, _ request: Request, _ context: HoldfastContext, status: HTTPResponse.Status = .ok, banner: Banner? = nil
    ) throws -> Response {
        let notice = parts.flash.peek(at: request, in: context)
        let frame = Frame(
            place: .init(kind: .platform, name: parts.product, host: ""), nonce: context.nonce, theme: theme(of: request),
            flash: notice.map(Banner.init) ?? banner)
        var response = Response.page(try templates.html(page, in: frame), in: context, status: status)
        if notice != nil { parts.flash.clear(on: &response) }
        return response
    }

    func lone(_ page: some Page, _ request: Request, _ context: HoldfastContext, after refusal: Refusal) throws -> Response {
        try lone(page, request, context, status: Problem(refusal).status)
    }

    /// Where to sign in, and then come back to where the visitor wanted to go.
    static func signInAddress(for request: Request, in context: HoldfastContext) -> String {
        let wanted = checkedPath(request.uri.string).flatMap { $0 == "/" ? nil : $0 }
        return context.site == .apex ? "/sign-in" + query([("return_to", wanted)]) : "/sign-in/start" + query([("return", wanted)])
    }
}
