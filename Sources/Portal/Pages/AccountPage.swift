import Vocabulary

/// One's own account: name, places, factors, sessions, password.
package struct AccountPage: Page {
    package struct Place: Sendable {
        let name: String
        let pill: Pill
        let roles: String
        let address: String
        package init(name: String, pill: Pill, roles: [String], address: String) {
            self.name = name
            self.pill = pill
            self.roles = roles.joined(separator: ", ")
            self.address = address
        }
    }

    package struct Factor: Sendable {
        let name: String
        let detail: String
        let actions: [Link]
        package init(name: String, detail: String, actions: [Link] = []) {
            self.name = name
            self.detail = detail
            self.actions = actions
        }
    }

    package struct Session: Sendable {
        let device: String
        let address: String
        let place: String
        let seen: Moment
        let since: Moment
        let isCurrent: Bool
        let revoke: String?
        package init(device: String, address: String, place: String, seen: Moment, since: Moment, isCurrent: Bool, revoke: String?) {
            self.device = device
            self.address = address
            self.place = place
            self.seen = seen
            self.since = since
            self.isCurrent = isCurrent
            self.revoke = revoke
        }
    }

    package let template = "account"
    package let title = "Your account"
    let head: Head
    let profile: Sheet
    let places: [Place]
    let factors: [Factor]
    /// Nil where there is an authenticator already: that one has a link of its own.
    let addAuthenticator: String?
    let sessions: [Session]
    let revokeOthers: String?
    let password: Sheet

    package init(
        identifier: String, name: String, places: [Place], factors: [Factor], addAuthenticator: String?, sessions: [Session], hint: String,
        profileRefusal: Refusal? = nil, passwordRefusal: Refusal? = nil
    ) {
        head = Head("Your account", lead: "You are \(identifier) everywhere.")
        profile = Sheet(
            action: "/account/name", button: "Save",
            fields: [FormField("name", "Name", value: name, hint: "As others see you.", isRequired: true, autocomplete: "name")],
            refusal: profileRefusal)
        self.places = places
        self.factors = factors
        self.addAuthenticator = addAuthenticator
        self.sessions = sessions
        revokeOthers = sessions.count > 1 ? "/account/sessions/others/revoke" : nil
        password = Sheet(
            action: "/account/password", button: "Change password",
            fields: [
                FormField("current", "Current password", .currentPassword, isRequired: true),
                FormField("password", "New password", .newPassword, hint: hint, isRequired: true),
            ], refusal: passwordRefusal)
    }
}
