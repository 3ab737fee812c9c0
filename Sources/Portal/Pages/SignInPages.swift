import Vocabulary

/// Address and password, or a passkey.
package struct SignInPage: Page {
    package let template = "sign-in"
    package let title = "Sign in"
    let toward: String?
    let returnTo: String?
    let form: Sheet
    let passkey: PasskeyForm

    /// `toward`: the name of the tenant or application that sent the person here. `returnTo`: a local path to go on to; already checked.
    package init(identifier: String = "", toward: String? = nil, returnTo: String? = nil, refusal: Refusal? = nil) {
        self.toward = toward
        self.returnTo = returnTo
        passkey = .signIn(returnTo: returnTo)
        form = Sheet(
            action: "/sign-in", button: "Sign in",
            fields: [
                FormField("identifier", "Address", .email, value: identifier, isRequired: true, autocomplete: "username webauthn"),
                FormField("password", "Password", .currentPassword, isRequired: true),
            ], refusal: refusal)
    }
}

/// A page between two hosts, which browsers leave at once by themselves.
package struct ContinuePage: Page {
    package let template = "continue"
    package let title = "Signed in"
    let to: String

    package init(to path: String) { to = path }
}

/// One heading, one form, in the middle of the page; or a passkey and a form, of which one will do.
package struct LoneFormPage: Page {
    package let template = "lone-form"
    package let title: String
    let heading: String
    let lead: String?
    let steps: Steps?
    let passkey: PasskeyForm?
    /// Where the form's own passkey gets its question from: for a form that wants more than a passkey.
    let question: String?
    let form: Sheet?
    let hasBoth: Bool
    /// What is wrong, where no form is there to say it.
    let problem: String?
    let link: Link?
    let below: Below?

    struct Below: Sendable {
        let text: String?
        let link: Link
    }

    package init(
        _ heading: String, lead: String?, steps: Steps? = nil, passkey: PasskeyForm? = nil, question: String? = nil, form: Sheet?,
        problem: String? = nil,
        link: Link? = nil, belowText: String? = nil, below: Link? = nil
    ) {
        title = heading
        self.heading = heading
        self.lead = lead
        self.steps = steps
        self.passkey = passkey
        self.question = question
        self.form = form
        hasBoth = passkey != nil && form != nil
        self.problem = problem
        self.link = link
        self.below = below.map { Below(text: belowText, link: $0) }
    }

    package static func factor(
        returnTo: String? = nil, hasAuthenticator: Bool = true, hasPasskey: Bool = false, refusal: Refusal? = nil
    ) -> LoneFormPage {
        let other = hasAuthenticator ? "Type a code of your authenticator app." : "Use a recovery code, below."
        let form = Sheet(
            action: "/sign-in/factor" + Portal.query([("return_to", returnTo)]), button: "Continue",
            fields: [FormField("code", hasPasskey ? "Code from your authenticator app" : "Code", .code, isRequired: true)], refusal: refusal
        )
        return LoneFormPage(
            "Your second factor",
            lead: hasPasskey ? "Your finger, face or device PIN will do." : "Type the six digits from your authenticator app.",
            passkey: hasPasskey ? .factor(returnTo: returnTo, instead: other) : nil, form: hasAuthenticator ? form : nil,
            problem: hasAuthenticator ? nil : refusal?.message,
            belowText: hasAuthenticator ? "Phone lost?" : "Device lost?",
            below: Link("Use a recovery code", "/sign-in/factor" + Portal.query([("with", "recovery"), ("return_to", returnTo)])))
    }

    package static func recoveryCode(returnTo: String? = nil, refusal: Refusal? = nil) -> LoneFormPage {
        LoneFormPage(
            "Use a recovery code", lead: "One of the codes you put aside when you joined. It works once.",
            form: Sheet(
                action: "/sign-in/factor" + Portal.query([("with", "recovery"), ("return_to", returnTo)]), button: "Continue",
                fields: [FormField("recovery_code", "Recovery code", .code, isRequired: true, autocomplete: "off")], refusal: refusal),
            below: Link("Use another way", "/sign-in/factor" + Portal.query([("return_to", returnTo)])))
    }

    /// Before something dangerous.
    package static func confirmation(
        returnTo: String? = nil, hasAuthenticator: Bool, hasPasskey: Bool, refusal: Refusal? = nil
    ) -> LoneFormPage {
        let label = hasAuthenticator ? "Code from your authenticator app" : "Recovery code"
        let placed = refusal.map { given in
            given.code == "wrong-passkey" || !given.fields.isEmpty
                ? given : Refusal(given.kind, given.code, given.message, fields: [.init(field: "code", message: given.message)])
        }
        return LoneFormPage(
            "Confirm that it is you", lead: "What you are about to do asks for a proof from the last ten minutes. Then it goes on.",
            passkey: hasPasskey ? .confirmation(returnTo: returnTo, instead: "Type a code.") : nil,
            form: Sheet(
                action: "/confirm" + Portal.query([("return_to", returnTo)]), button: "Continue", cancel: Link("Cancel", "/account"),
                fields: [
                    FormField("code", label, .code, hint: hasAuthenticator ? "Or a recovery code." : nil, isRequired: true)
                ], refusal: placed))
    }

    /// Where a passkey alone is not enough.
    package static func further(returnTo: String? = nil, asksPassword: Bool, hasAuthenticator: Bool, refusal: Refusal? = nil)
        -> LoneFormPage
    {
        let name = asksPassword ? "password" : "code"
        let placed = refusal.map { given in
            given.fields.isEmpty
                ? Refusal(given.kind, given.code, given.message, fields: [.init(field: name, message: given.message)]) : given
        }
        let address = { (with: String?) in "/confirm/further" + Portal.query([("with", with), ("return_to", returnTo)]) }
        return LoneFormPage(
            "One thing more", lead: "Where you are going, a passkey alone is not enough. Show your password or a code as well.",
            form: Sheet(
                action: address(name), button: "Continue", cancel: Link("Cancel", "/account"),
                fields: [
                    asksPassword
                        ? FormField("password", "Password", .currentPassword, isRequired: true)
                        : FormField(
                            "code", hasAuthenticator ? "Code from your authenticator app" : "Recovery code", .code,
                            hint: hasAuthenticator ? "Or a recovery code." : nil, isRequired: true)
                ], refusal: placed),
            below: asksPassword
                ? Link(hasAuthenticator ? "Use a code of your app" : "Use a recovery code", address("code"))
                : Link("Use your password", address("password")))
    }

    package static func factorReset(action: String, identifier: String, refusal: Refusal? = nil) -> LoneFormPage {
        LoneFormPage(
            "Set up a new second factor", lead: "For \(identifier). All earlier factors stop working and all sessions end.",
            form: Sheet(
                action: action, button: "Continue", fields: [FormField("password", "Your password", .currentPassword, isRequired: true)],
                refusal: refusal))
    }

    /// One more, for somebody who is signed in.
    package static func newPasskey(returnTo: String?, refusal: Refusal? = nil) -> LoneFormPage {
        LoneFormPage(
            "Add a passkey",
            lead: "Your browser asks where to keep it: on this device, in a password manager, on a phone or a security key.",
            passkey: .creation(returnTo: returnTo, instead: "Use another browser, or an authenticator app."), form: nil,
            problem: refusal?.message, below: Link("Back to your account", "/account"))
    }

    package static func forgotten(identifier: String = "", refusal: Refusal? = nil) -> LoneFormPage {
        LoneFormPage(
            "Set a new password", lead: "We mail you a link. Your second factor is still asked for: a mailbox alone opens nothing.",
            form: Sheet(
                action: "/password/forgotten", button: "Mail me a link",
                fields: [FormField("identifier", "Address", .email, value: identifier, isRequired: true, autocomplete: "username")],
                refusal: refusal),
            below: Link("Back to sign-in", "/sign-in"))
    }

    package static func forgottenSent() -> LoneFormPage {
        LoneFormPage(
            "Look in your mailbox",
            lead: "If the address belongs to an account, a link is on its way. It is valid for thirty minutes and works once.",
            form: nil, link: Link("Back to sign-in", "/sign-in"))
    }

    package static func reset(
        action: String, identifier: String, needsFactor: Bool, hasPasskey: Bool = false, hint: String, refusal: Refusal? = nil
    ) -> LoneFormPage {
        var fields = [FormField("password", "New password", .newPassword, hint: hint, isRequired: true)]
        if needsFactor {
            fields.append(FormField("code", "Code from your authenticator app, or a recovery code", .code, isRequired: !hasPasskey))
        }
        return LoneFormPage(
            "Choose a new password", lead: "For \(identifier). All your sessions end when you set it.",
            question: hasPasskey ? action + "/options" : nil,
            form: Sheet(action: action, button: "Set password", fields: fields, refusal: refusal))
    }

    package static func invitation(
        action: String, place: String, identifier: String, isKnown: Bool, name: String = "", hint: String, refusal: Refusal? = nil
    ) -> LoneFormPage {
        isKnown
            ? LoneFormPage(
                "Join \(place)", lead: "You have an account as \(identifier). Sign in with it, and \(place) is yours to open.",
                form: Sheet(action: action, button: "Join", fields: [], refusal: refusal))
            : LoneFormPage(
                "Join \(place)", lead: "You are invited as \(identifier). One account opens every place that invites you.",
                steps: .onboarding(0),
                form: Sheet(
                    action: action, button: "Continue",
                    fields: [
                        FormField("name", "Your name", value: name, isRequired: true, autocomplete: "name"),
                        FormField("password", "Password", .newPassword, hint: hint, isRequired: true),
                    ], refusal: refusal))
    }

    package static func claim(action: String, identifier: String = "", name: String = "", hint: String, refusal: Refusal? = nil)
        -> LoneFormPage
    {
        LoneFormPage(
            "Claim this installation", lead: "You become its first operator. The link you followed works once.", steps: .onboarding(0),
            form: Sheet(
                action: action, button: "Continue",
                fields: [
                    FormField("identifier", "Your address", .email, value: identifier, isRequired: true, autocomplete: "username"),
                    FormField("name", "Your name", value: name, isRequired: true, autocomplete: "name"),
                    FormField("password", "Password", .newPassword, hint: hint, isRequired: true),
                ], refusal: refusal))
    }
}
