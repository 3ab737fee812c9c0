import Vocabulary

/// One's own account: name, places, factors, password, and the way to devices and access.
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

    package let template = "account"
    package let title = "Your account"
    let head: Head
    let profile: Sheet
    let places: [Place]
    let factors: [Factor]
    /// Nil where there is an authenticator already: that one has a link of its own.
    let addAuthenticator: String?
    /// How much there is on the page of devices and access.
    let access: String
    let password: Sheet

    package init(
        identifier: String, name: String, places: [Place], factors: [Factor], addAuthenticator: String?, access: String, hint: String,
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
        self.access = access
        password = Sheet(
            action: "/account/password", button: "Change password",
            fields: [
                FormField("current", "Current password", .currentPassword, isRequired: true),
                FormField("password", "New password", .newPassword, hint: hint, isRequired: true),
            ], refusal: passwordRefusal)
    }
}
