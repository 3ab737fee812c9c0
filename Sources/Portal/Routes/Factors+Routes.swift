import Hummingbird
import Identity
import Vocabulary
import Web

/// The factors of one's own account: more of them, other names, fewer. Everything but a name takes a recent proof.
extension Portal {
    func addFactors(to router: Router<HoldfastContext>) {
        page("/account/factors/new", on: router) { visit in
            try await visit.requireRecentProof()
            return .seeOther("/onboarding/factor?return_to=/account")
        }
        page("/account/passkeys/new", on: router) { visit in
            try await visit.requireRecentProof()
            return try lone(LoneFormPage.newPasskey(returnTo: "/account"), visit.request, visit.context)
        }
        page("/account/recovery-codes", on: router) { visit in
            try await visit.requireRecentProof()
            return try visit.show(
                FormPage(
                    Head("New recovery codes", lead: "Ten new ones are shown once. All earlier ones stop working at that moment."),
                    crumbs: [Link("Your account", "/account")],
                    form: Sheet(action: "/account/recovery-codes", button: "Make new codes", cancel: Link("Cancel", "/account"), fields: [])
                ),
                current: "Your account")
        }
        action("/account/recovery-codes", on: router) { visit, _ in
            let codes = try await parts.signIn.regenerateRecoveryCodes(in: try await visit.session(), by: visit.principal)
            return try lone(RecoveryCodesPage(codes: codes, next: "/account", isOnboarding: false), visit.request, visit.context)
        }
        addPasskeyPages(to: router)
        addRemovals(to: router)
    }

    private func addPasskeyPages(to router: Router<HoldfastContext>) {
        page("/account/passkeys/{id}", on: router) { visit in try await visit.showPasskey() }
        action("/account/passkeys/{id}", on: router) { visit, form in
            let id: PasskeyID = try visit.context.id("id", what: "passkey")
            do {
                try await parts.desk.passkeys.rename(id, to: form["name"] ?? "", by: visit.principal)
                return try visit.go("/account", Notice(.done, "The passkey has its new name."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showPasskey(name: form["name"] ?? "", refusal: refusal)
            }
        }
    }

    private func addRemovals(to router: Router<HoldfastContext>) {
        page("/account/passkeys/{id}/removal", on: router) { visit in
            let passkey = try await visit.passkey()
            return try await visit.askBeforeRemoving("the passkey “\(passkey.name)”")
        }
        action("/account/passkeys/{id}/removal", on: router) { visit, _ in
            let id: PasskeyID = try visit.context.id("id", what: "passkey")
            do {
                try await parts.signIn.removePasskey(id, in: try await visit.session(), by: visit.principal)
            } catch let refusal as Refusal where refusal.kind == .conflict {
                return try visit.go("/account", Notice(.problem, refusal.message))
            }
            return try visit.go(
                "/account", Notice(.done, "The passkey is removed. Delete it on the device, too: there it still looks good."))
        }
        page("/account/authenticator/removal", on: router) { visit in try await visit.askBeforeRemoving("the authenticator app") }
        action("/account/authenticator/removal", on: router) { visit, _ in
            do {
                try await parts.signIn.removeAuthenticator(in: try await visit.session(), by: visit.principal)
            } catch let refusal as Refusal where refusal.kind == .conflict {
                return try visit.go("/account", Notice(.problem, refusal.message))
            }
            return try visit.go("/account", Notice(.done, "The authenticator app is removed. Its codes no longer sign you in."))
        }
    }
}

extension Visit {
    func requireRecentProof() async throws {
        try RecentProof.require(since: try await session().authenticatedAt, at: parts.clock.now())
    }

    fileprivate func passkey() async throws -> Passkey {
        let id: PasskeyID = try context.id("id", what: "passkey")
        guard let passkey = try await parts.desk.passkeys.list(of: account.id).first(where: { $0.id == id }) else {
            throw Refusal.notFound("passkey")
        }
        return passkey
    }

    fileprivate func showPasskey(name: String? = nil, refusal: Refusal? = nil) async throws -> Response {
        let passkey = try await passkey()
        let path = "/account/passkeys/\(passkey.id)"
        let page = FormPage(
            Head(
                passkey.name, lead: Self.describe(passkey),
                actions: [.init("Remove", path + "/removal", isDangerous: true)]),
            crumbs: [Link("Your account", "/account")],
            form: Sheet(
                action: path, button: "Save", cancel: Link("Cancel", "/account"),
                fields: [
                    FormField(
                        "name", "Name", value: name ?? passkey.name, hint: "So that you know which device it is.", isRequired: true,
                        autocomplete: "off")
                ], refusal: refusal))
        guard let refusal else { return try show(page, current: "Your account") }
        return try show(page, current: "Your account", after: refusal)
    }

    fileprivate func askBeforeRemoving(_ what: String) async throws -> Response {
        try await requireRecentProof()
        let page = FormPage(
            Head("Remove \(what)?", lead: "It will no longer sign you in, nor confirm that it is you. Sessions that are open stay open."),
            crumbs: [Link("Your account", "/account")],
            form: Sheet(
                action: request.uri.path, button: "Remove", cancel: Link("Keep it", "/account"), fields: [], hidden: [("sure", "yes")]),
            isDangerous: true)
        return try show(page, current: "Your account")
    }

    static func describe(_ passkey: Passkey) -> String {
        let place =
            switch (passkey.backupEligible, passkey.backedUp) {
            case (true, true): "on your devices"
            case (true, false): "may be copied to your other devices"
            case (false, _): "on one device only"
            }
        let provider = passkey.provider.map { $0 == passkey.name ? "" : "\($0), " } ?? ""
        let used = passkey.lastUsedAt.map { "last used on \(Moment($0).text)" } ?? "not used yet"
        let text = "\(provider)\(place), added on \(Moment(passkey.createdAt).text), \(used)"
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// The rows of the account's page.
    func factorRows() async throws -> [AccountPage.Factor] {
        let summary = try await parts.factors.summary(of: account.id)
        let hasAnother = summary.passkeys.count + (summary.hasAuthenticator ? 1 : 0) > 1
        var rows = summary.passkeys.map { passkey in
            AccountPage.Factor(
                name: passkey.name, detail: Self.describe(passkey), actions: [Link("Rename or remove", "/account/passkeys/\(passkey.id)")])
        }
        if let enrolledAt = summary.enrolledAt {
            rows.append(
                .init(
                    name: "Authenticator app", detail: "Added on \(Moment(enrolledAt).text)",
                    actions: [Link("Replace", "/account/factors/new")]
                        + (hasAnother ? [Link("Remove", "/account/authenticator/removal")] : [])))
        }
        rows.append(
            .init(
                name: "Recovery codes", detail: "\(Numeral.count(summary.recoveryCodesLeft, "code")) left",
                actions: [Link("Make new ones", "/account/recovery-codes")]))
        return rows
    }
}
