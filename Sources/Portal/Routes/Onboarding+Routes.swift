import HTTPTypes
import Hummingbird
import Identity
import Vocabulary
import Web

/// How somebody comes in for the first time: by invitation, or as the first operator. A second factor is part of it.
extension Portal {
    func addOnboarding(to router: Router<HoldfastContext>) {
        addInvitations(to: router)
        addClaim(to: router)
        addEnrolment(to: router)
        addDeparture(to: router)
    }

    private func addInvitations(to router: Router<HoldfastContext>) {
        router.get("/invitations/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let offer: Invitations.Offer
            do {
                offer = try await parts.invitations.inspect(token)
            } catch let refusal as Refusal where refusal.kind == .gone {
                // The link was used by this very person, who has not finished yet.
                guard let session = try await unfinished(request), session.stage == .enrolment else { throw refusal }
                return .seeOther("/onboarding/factor")
            }
            if offer.accountExists, context.visitor == nil {
                return .seeOther("/sign-in" + Self.query([("return_to", "/invitations/\(token)")]))
            }
            return try lone(invitationPage(token, offer), request, context)
        }
        router.post("/invitations/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let form = try await request.form(in: context)
            let offer = try await parts.invitations.inspect(token)
            do {
                if offer.accountExists {
                    guard let session = try await unfinished(request), session.factorVerified else { throw Self.signInAgain }
                    let accepted = try await parts.invitations.accept(token, in: session, by: principal(of: session, context))
                    var response = Response.seeOther("/account")
                    try parts.flash.set(Notice(.done, "You joined \(accepted.tenantName)."), on: &response, in: context)
                    return response
                }
                let browser = browser(request)
                let issued = try await parts.invitations.accept(
                    token, displayName: try form.require("name"), password: try form.secret("password"), by: context.principal,
                    agent: browser.agent)
                return start(issued, at: "/onboarding/factor", in: browser)
            } catch let refusal as Refusal where refusal.belongsToForm {
                let page = invitationPage(token, offer, name: form["name"] ?? "", refusal: refusal)
                return try lone(page, request, context, after: refusal)
            }
        }
    }

    private func invitationPage(_ token: String, _ offer: Invitations.Offer, name: String = "", refusal: Refusal? = nil) -> LoneFormPage {
        .invitation(
            action: "/invitations/\(token)", place: offer.invitation.tenantName, identifier: offer.invitation.address,
            isKnown: offer.accountExists, name: name, hint: offer.policy.description, refusal: refusal)
    }

    private func addClaim(to router: Router<HoldfastContext>) {
        let spent = Refusal(.gone, "link-spent", "This link was used already, or is too old. The server prints a new one when it starts.")
        let hint = PasswordPolicy().description
        router.get("/first-operator/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            guard try await parts.firstOperator.admits(token) else { throw spent }
            return try lone(LoneFormPage.claim(action: "/first-operator/\(token)", hint: hint), request, context)
        }
        router.post("/first-operator/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let form = try await request.form(in: context)
            do {
                let browser = browser(request)
                let issued = try await parts.firstOperator.claim(
                    token, identifier: try form.require("identifier"), displayName: try form.require("name"),
                    password: try form.secret("password"), by: context.principal, agent: browser.agent)
                return start(issued, at: "/onboarding/factor", in: browser)
            } catch let refusal as Refusal where refusal.belongsToForm {
                let page = LoneFormPage.claim(
                    action: "/first-operator/\(token)", identifier: form["identifier"] ?? "", name: form["name"] ?? "", hint: hint,
                    refusal: refusal)
                return try lone(page, request, context, after: refusal)
            }
        }
    }

    private func addEnrolment(to router: Router<HoldfastContext>) {
        router.get("/onboarding/factor") { request, context -> Response in
            try await confirming(request, context) {
                guard let session = try await unfinished(request), session.stage != .factor else { return .seeOther("/sign-in") }
                return try lone(try await enrolmentPage(session, request, context), request, context)
            }
        }
        router.post("/onboarding/factor") { request, context -> Response in
            let form = try await request.form(in: context)
            guard let session = try await unfinished(request), session.stage != .factor else { throw Self.signInAgain }
            do {
                let done = try await parts.signIn.confirmEnrolment(
                    code: try form.require("code"), in: session, by: principal(of: session, context))
                return try welcome(done.session, done.recoveryCodes, from: session, request, context)
            } catch let refusal as Refusal where refusal.belongsToForm {
                let placed = Refusal(refusal.kind, refusal.code, refusal.message, fields: [.init(field: "code", message: refusal.message)])
                let page = try await enrolmentPage(session, request, context, refusal: placed)
                return try lone(page, request, context, after: refusal)
            }
        }
    }

    /// The codes are gone after this whatever is ticked; the box is there to make one think.
    private func addDeparture(to router: Router<HoldfastContext>) {
        router.post("/onboarding/codes") { request, _ -> Response in onward(to: Self.checkedPath(request.query("return_to"))) }
        router.get("/sign-in/continue") { request, context -> Response in
            try lone(ContinuePage(to: Self.checkedPath(request.query("to")) ?? "/"), request, context)
        }
    }

    func enrolmentPage(
        _ session: Session, _ request: Request, _ context: HoldfastContext, refusal: Refusal? = nil, passkeyRefusal: Refusal? = nil
    ) async throws -> EnrolmentPage {
        let enrolment = try await parts.signIn.enrolment(in: session, by: principal(of: session, context))
        let account = try await parts.accounts.find(session.account)
        return EnrolmentPage(
            action: "/onboarding/factor" + Self.query([("return_to", Self.checkedPath(request.query("return_to")))]),
            drawing: enrolment.qrSVG, key: enrolment.secretText, account: account?.identifier ?? "",
            isOnboarding: session.stage == .enrolment, returnTo: Self.checkedPath(request.query("return_to")), refusal: refusal,
            passkeyRefusal: passkeyRefusal)
    }
}
