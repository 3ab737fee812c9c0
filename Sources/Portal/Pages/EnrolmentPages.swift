import Vocabulary

/// A passkey, or an authenticator: scan or type the key, prove it with a code.
package struct EnrolmentPage: Page {
    package let template = "enrolment"
    package let title: String
    let lead: String
    let steps: Steps?
    let passkey: PasskeyForm?
    /// What was wrong with a passkey.
    let problem: String?
    /// Whether script may fold the authenticator up, because there is a better way and this one was not just tried.
    let foldsUp: Bool
    /// Markup of our own making, from `Identity`: the one thing that goes into a page unescaped.
    let drawing: String
    let key: String
    let account: String
    let form: Sheet

    /// `drawing`: the code as SVG; `key`: in groups of four, for typing.
    package init(
        action: String, drawing: String, key: String, account: String, isOnboarding: Bool, returnTo: String? = nil, refusal: Refusal? = nil,
        passkeyRefusal: Refusal? = nil
    ) {
        title = isOnboarding ? "Add a second factor" : "Set up an authenticator app"
        lead =
            isOnboarding
            ? "A password alone opens nothing here." : "The app that you have set up until now stops working when you confirm."
        steps = isOnboarding ? .onboarding(1) : nil
        passkey = isOnboarding ? .creation(returnTo: returnTo, instead: "Use an authenticator app.") : nil
        problem = passkeyRefusal?.message
        foldsUp = isOnboarding && refusal == nil
        self.drawing = drawing
        self.key = key
        self.account = account
        form = Sheet(
            action: action, button: "Confirm",
            fields: [FormField("code", "Six digits from the app", .code, isRequired: true)], refusal: refusal)
    }
}

/// The codes for a rainy day, shown once.
package struct RecoveryCodesPage: Page {
    package let template = "recovery-codes"
    package let title = "Keep your recovery codes"
    let steps: Steps?
    let codes: [String]
    let download: String
    let form: Sheet

    /// `next`: a local path to go on to.
    package init(codes: [String], next: String, isOnboarding: Bool) {
        steps = isOnboarding ? .onboarding(2) : nil
        self.codes = codes
        download = "data:text/plain;charset=utf-8," + codes.joined(separator: "%0A") + "%0A"
        form = Sheet(
            action: "/onboarding/codes" + Portal.query([("return_to", next)]), button: isOnboarding ? "Finish" : "Done",
            fields: [FormField("kept", "I have put these codes in a safe place", .checkbox)])
    }
}
