import Hummingbird
import Vocabulary
import Web

/// Draws refusals as pages.
package struct PortalProblems: PageRenderer {
    private let templates: Templates
    private let product: String

    package init(product: String) throws {
        templates = try Templates()
        self.product = product
    }

    package func page(for problem: Problem, in context: HoldfastContext) async throws -> Response? {
        let request = context.requestID.description
        let status = Int(problem.status.code)
        let page: ProblemPage
        if problem.code == "sealed" {
            page = .sealed(request: request)
        } else if status == 401 {
            page = ProblemPage(
                status: status, message: problem.detail, request: request,
                links: [Link("Sign in", context.site == .apex ? "/sign-in" : "/sign-in/start")])
        } else if status == 421 {
            page = ProblemPage(status: status, request: request, links: [])
        } else {
            // A refusal's own words say more than the status; for breakage there are only ours.
            let detail = status < 500 || status == 503 ? problem.fields.first?.message ?? problem.detail : nil
            page = ProblemPage(status: status, message: detail, request: request)
        }
        let frame = Frame(place: .init(kind: .platform, name: product, host: ""), nonce: context.nonce)
        return .page(try templates.html(page, in: frame), in: context, status: problem.status)
    }
}
