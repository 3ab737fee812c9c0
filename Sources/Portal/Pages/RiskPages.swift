import Identity
import Vocabulary

/// One sign-in that was worth a second look.
package struct UnusualRow: Sendable {
    let title: String
    let level: Pill
    let state: Pill
    let detail: String
    let at: Moment
    /// Where to say that it was right; nil where that was said, or is not for this visitor to say.
    let dismiss: String?

    /// `detail`: what it was, and where it came from as far as the reader may know.
    package init(title: String, level: Pill, state: Pill, detail: [String], at: Moment, dismiss: String?) {
        self.title = title
        self.level = level
        self.state = state
        self.detail = detail.map { $0 + " · " }.joined()
        self.at = at
        self.dismiss = dismiss
    }

    init(_ event: RiskEvent, from places: [String?], who: String? = nil, dismiss: String?) {
        let reasons = event.risk.reasons.map(\.title).joined(separator: ", ")
        let state =
            switch (event.state, event.action, isToken: event.application != nil) {
            case (.confirmed, _, _): Pill("Confirmed by mail", .good)
            case (.dismissed, _, _): Pill("It was right", .good)
            case (.open, .allow, _): Pill("Let in")
            case (.open, _, isToken: true): Pill("Ended", .info)
            case (.open, .block, _): Pill("Stopped", .info)
            case (.open, .stepUp, _): Pill("Not confirmed", .info)
            }
        self.init(
            title: who ?? reasons.prefix(1).uppercased() + reasons.dropFirst(),
            level: event.risk.level == .high ? Pill("High", .bad) : Pill("Medium", .warn), state: state,
            detail: (who == nil ? [] : [reasons]) + [event.means] + places.compactMap(\.self), at: Moment(event.at),
            dismiss: event.state == .open ? dismiss : nil)
    }
}

/// Unusual sign-ins of a tenant's members, and what is done about the next ones.
package struct RisksPage: Page {
    package let template = "risks"
    package let title = "Unusual sign-ins"
    package let crumbs = [Link("People", "/people")]
    let head = Head(
        "Unusual sign-ins",
        lead:
            "Password and second factor were right, and still it looked like somebody else: a place nobody gets to in the time, a spray before it, a new device far away. Or an application’s token is suddenly far from where it was."
    )
    let policy: Sheet?
    let unusual: [UnusualRow]

    /// `policy`: nil for those who may not set it.
    package init(policy: Sheet?, unusual: [UnusualRow]) {
        self.policy = policy
        self.unusual = unusual
    }

    package static func policy(medium: String, high: String, refusal: Refusal? = nil) -> Sheet {
        let choices: [FormField.Option] = [
            .init("allow", "Let it in, and say so"), .init("step-up", "Ask its owner by mail first"), .init("block", "Stop it"),
        ]
        return Sheet(
            action: "/people/risks", button: "Save",
            fields: [
                FormField("medium", "Where the risk is medium", .select(choices), value: medium),
                FormField(
                    "high", "Where the risk is high", .select(choices), value: high,
                    hint:
                        "A passkey is never stopped: it can't be stolen by a page that looks like yours. An application that is far away all of a sudden has to be signed in to again, unless it is let in here."
                ),
            ], refusal: refusal)
    }
}

/// Waits until the owner of the account has said by mail that it is them.
package struct WaitingPage: Page {
    package let template = "waiting"
    package let title = "Look into your mailbox"
    package let refreshes = true
    let to: String

    /// `to`: where it looks again.
    package init(to path: String) { to = path }
}

extension LoneFormPage {
    static func stopped(_ refusal: Refusal) -> LoneFormPage {
        LoneFormPage(
            "This sign-in was stopped", lead: refusal.message + " A mail tells the owner of the account about it.", form: nil,
            link: Link("Sign in another way", "/sign-in"))
    }

    package static func confirmSignIn(action: String, when: String, facts: String) -> LoneFormPage {
        LoneFormPage(
            "Is it you who signs in?", lead: "At \(when): \(facts). Say yes only if it is you, in front of that device, right now.",
            form: Sheet(action: action, button: "Yes, let me in", fields: []), belowText: "It is not you?",
            below: Link("Set a new password", "/password/forgotten"))
    }
}
