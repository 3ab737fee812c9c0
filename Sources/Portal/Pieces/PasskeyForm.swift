/// A button that has the browser ask for a passkey. It needs script; what stands beside it does not.
package struct PasskeyForm: Sendable {
    /// Where the answer goes, as the field `credential` of a form.
    let action: String
    /// Where the script gets the question from.
    let options: String
    /// `get` or `create`, as the browser's calls are named.
    let kind: String
    let button: String
    /// What to do where passkeys don't work.
    let instead: String
    /// Whether the browser offers passkeys among what it fills in.
    let isConditional: Bool
    let isPrimary: Bool

    /// The address of the question is `action`'s, with `/options` after its path.
    private init(
        _ kind: String, action path: String, returnTo: String?, button: String, instead: String, isConditional: Bool = false,
        isPrimary: Bool = true
    ) {
        self.kind = kind
        action = path + Portal.query([("return_to", returnTo)])
        options = path + "/options"
        self.button = button
        self.instead = instead
        self.isConditional = isConditional
        self.isPrimary = isPrimary
    }

    static func signIn(returnTo: String?) -> PasskeyForm {
        PasskeyForm(
            "get", action: "/sign-in/passkey", returnTo: returnTo, button: "Sign in with a passkey", instead: "Sign in with your password.",
            isConditional: true, isPrimary: false)
    }

    static func factor(returnTo: String?, instead: String) -> PasskeyForm {
        PasskeyForm("get", action: "/sign-in/factor/passkey", returnTo: returnTo, button: "Use your passkey", instead: instead)
    }

    static func confirmation(returnTo: String?, instead: String) -> PasskeyForm {
        PasskeyForm("get", action: "/confirm/passkey", returnTo: returnTo, button: "Confirm with your passkey", instead: instead)
    }

    static func creation(returnTo: String?, instead: String) -> PasskeyForm {
        PasskeyForm("create", action: "/onboarding/passkey", returnTo: returnTo, button: "Create a passkey", instead: instead)
    }
}
