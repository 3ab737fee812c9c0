import HTTPTypes
import Hummingbird
import Identity
import OIDCProvider
import Vocabulary
import Web

/// Devices, sessions and applications of one's own account, and the end of each, or of all.
extension Portal {
    func addAccess(to router: Router<HoldfastContext>) {
        page("/account/access", on: router) { try await $0.showAccess() }
        action("/account/sessions/{id}/revoke", on: router) { visit, _ in
            let id: SessionID = try visit.context.id("id", what: "session")
            try await parts.sessions.revoke(id, by: visit.principal)
            return try visit.go("/account/access", Notice(.done, "That session has ended."))
        }
        action("/account/applications/{client}/end", on: router) { visit, _ in
            try await visit.applications.end(try visit.context.parameter("client"), of: visit.account.id, by: visit.principal)
            return try visit.go("/account/access", Notice(.done, "Its access has ended. It may ask you again."))
        }
        page("/account/access/end", on: router) { try $0.askBeforeEnding() }
        action("/account/access/end", on: router) { visit, form in
            let keepsThis = form["what"] != "all"
            try await parts.desk.wayOut.endEverything(
                of: visit.account.id, but: keepsThis ? try await visit.session() : nil, by: visit.principal)
            guard !keepsThis else {
                return try visit.go("/account/access", Notice(.done, "Everything has ended but what you are using now."))
            }
            var response = Response.seeOther("/sign-in?signed-out")
            HostCookie.session.clear(on: &response)
            return response
        }
        action("/account/risks/{id}/dismiss", on: router) { visit, _ in
            let id: RiskEventID = try visit.context.id("id", what: "sign-in")
            do {
                try await parts.desk.risks.dismiss(id, in: try await visit.session(), by: visit.principal)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try visit.go("/account/access", Notice(.problem, refusal.message))
            }
            return try visit.go("/account/access", Notice(.done, "Thank you. That sign-in was yours."))
        }
        addDevices(to: router)
        addWayOut(to: router)
    }

    private func addDevices(to router: Router<HoldfastContext>) {
        page("/account/devices/{id}", on: router) { try await $0.showDevice() }
        action("/account/devices/{id}/name", on: router) { visit, form in
            let id: DeviceID = try visit.context.id("id", what: "device")
            do {
                try await parts.desk.devices.rename(id, to: form["name"] ?? "", by: visit.principal)
                return try visit.go("/account/devices/\(id)", Notice(.done, "The device has its name."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showDevice(name: form["name"] ?? "", refusal: refusal)
            }
        }
        for (verb, trusted, said) in [("trust", true, "You trust this device now."), ("distrust", false, "It is no longer trusted.")] {
            action("/account/devices/{id}/\(verb)", on: router) { visit, _ in
                let id: DeviceID = try visit.context.id("id", what: "device")
                try await parts.desk.devices.setTrust(trusted, of: id, in: try await visit.session(), by: visit.principal)
                return try visit.go("/account/devices/\(id)", Notice(.done, said))
            }
        }
        action("/account/devices/{id}/revoke", on: router) { visit, _ in
            let id: DeviceID = try visit.context.id("id", what: "device")
            let isOwn = try await visit.session().device == id
            try await parts.desk.devices.revoke(id, by: visit.principal)
            guard isOwn else {
                return try visit.go("/account/access", Notice(.done, "The device is revoked. Its sessions and tokens have ended."))
            }
            var response = Response.seeOther("/sign-in?signed-out")
            HostCookie.session.clear(on: &response)
            return response
        }
    }

    /// The link in the mail about a new device. Opening it ends nothing yet: mail programs open links by themselves.
    private func addWayOut(to router: Router<HoldfastContext>) {
        router.get("/sign-out/everywhere/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let account = try await parts.desk.wayOut.inspect(token)
            let page = LoneFormPage(
                "End everything?",
                lead: "\(account.identifier) is signed out on every device, and no application acts for it any more.",
                form: Sheet(action: "/sign-out/everywhere/\(token)", button: "End everything", fields: []))
            return try lone(page, request, context)
        }
        router.post("/sign-out/everywhere/{token}") { request, context -> Response in
            try await parts.desk.wayOut.follow(try context.parameter("token"), by: context.principal)
            let page = LoneFormPage(
                "Everything has ended",
                lead: "Set a new password now, if it was not you who signed in. Then look at your passkeys on the page of your account.",
                form: nil, link: Link("Set a new password", "/password/forgotten"))
            return try lone(page, request, context)
        }
    }
}

extension Visit {
    fileprivate var applications: Applications { Applications(parts.desk.plane) }

    /// `2 devices, 3 sessions, 1 application`.
    func accessInWords() async throws -> String {
        let devices = try await parts.desk.devices.list(of: account.id).count
        let sessions = try await parts.sessions.list(of: account.id).count
        let applications = try await applications.list(of: account.id).count
        return [
            Numeral.count(devices, "device"), Numeral.count(sessions, "session"), Numeral.count(applications, "application"),
        ].joined(separator: ", ")
    }

    fileprivate func showAccess() async throws -> Response {
        let current = try await session()
        let devices = try await parts.desk.devices.list(of: account.id)
        let titles = Dictionary(devices.map { ($0.id, $0.title) }) { first, _ in first }
        let page = AccessPage(
            devices: devices.map { device in
                .init(
                    title: device.title, detail: (device.name == nil ? [] : [device.platform.name]) + (device.network.map { [$0] } ?? []),
                    pills: (device.id == current.device ? [Pill("This one", .good)] : [])
                        + (device.isTrusted ? [Pill("Trusted", .info)] : []),
                    seen: Moment(device.lastSeenAt), since: Moment(device.firstSeenAt), address: "/account/devices/\(device.id)")
            }, sessions: try await sessions(current: current, titles),
            applications: try await applications.list(of: account.id).map { application in
                .init(
                    name: application.name, detail: Self.words(for: application), used: Moment(application.lastUsedAt),
                    since: Moment(application.since), end: "/account/applications/\(application.client)/end")
            }, signIns: try await parts.desk.devices.arrivals(of: account.id, limit: 20).map { Self.row($0, titles) },
            unusual: try await parts.desk.risks.list(of: account.id, limit: 20).map {
                UnusualRow($0, from: [$0.country, $0.network], dismiss: "/account/risks/\($0.id)/dismiss")
            })
        return try show(page, current: "Your account")
    }

    private func sessions(current: Session, _ titles: [DeviceID: String]) async throws -> [AccessPage.Session] {
        var listed: [AccessPage.Session] = []
        for session in try await parts.sessions.list(of: account.id) {
            var place = parts.product
            if let id = session.environment {
                let environment = try await parts.tenants.environment(id)
                place = host(of: environment.label)
            }
            let isCurrent = session.id == current.id
            listed.append(
                .init(
                    device: session.device.flatMap { titles[$0] } ?? DevicePlatform(agent: session.agent).name,
                    address: session.address ?? "unknown address", place: place, seen: Moment(session.lastSeenAt),
                    since: Moment(session.createdAt), isCurrent: isCurrent,
                    revoke: isCurrent ? nil : "/account/sessions/\(session.id)/revoke"))
        }
        return listed
    }

    private static func words(for application: AllowedApplication) -> String {
        let what =
            application.scopes.contains(.write)
            ? "reads and changes records" : application.scopes.contains(.read) ? "reads records" : "knows who you are"
        return application.families > 1 ? "\(what), allowed \(Numeral.text(application.families)) times" : what
    }

    private static func row(_ arrival: Arrival, _ titles: [DeviceID: String]) -> SignInRow {
        SignInRow(
            at: Moment(arrival.at), device: arrival.device.flatMap { titles[$0] } ?? arrival.platform.name,
            network: arrival.network ?? "unknown", methods: SignInWords.methods(arrival.methods))
    }

    fileprivate func askBeforeEnding() throws -> Response {
        let page = FormPage(
            Head("End everything", lead: "All sessions on all devices, and the access of all applications, end within a second."),
            crumbs: [Link("Your account", "/account"), Link("Devices and access", "/account/access")],
            form: Sheet(
                action: "/account/access/end", button: "End it", cancel: Link("Cancel", "/account/access"),
                fields: [
                    FormField(
                        "what", "What",
                        .radio([
                            .init("others", "Everything but this browser", hint: "You stay signed in here."),
                            .init("all", "Everything", hint: "You are signed out here, too."),
                        ]), value: "others")
                ]), isDangerous: true)
        return try show(page, current: "Your account")
    }

    fileprivate func showDevice(name: String? = nil, refusal: Refusal? = nil) async throws -> Response {
        let id: DeviceID = try context.id("id", what: "device")
        guard let device = try await parts.desk.devices.list(of: account.id).first(where: { $0.id == id }) else {
            throw Refusal.notFound("device")
        }
        let arrivals = try await parts.desk.devices.arrivals(of: account.id, limit: 1000).filter { $0.device == id }
        let page = DevicePage(
            title: device.title, lead: device.name == nil ? "Known since \(Moment(device.firstSeenAt).text)." : device.platform.name,
            name: name ?? device.name ?? "", isTrusted: device.isTrusted, isCurrent: try await session().device == id,
            address: "/account/devices/\(id)", signIns: arrivals.prefix(20).map { Self.row($0, [:]) }, refusal: refusal)
        guard let refusal else { return try show(page, current: "Your account") }
        return try show(page, current: "Your account", after: refusal)
    }
}

/// What was shown at a sign-in, in words.
enum SignInWords {
    static func methods(_ methods: [String]) -> String {
        let words = [("pop", "passkey"), ("pwd", "password"), ("otp", "authenticator"), ("rec", "recovery code")]
        let shown = words.filter { methods.contains($0.0) }.map(\.1)
        return shown.isEmpty ? "unknown" : shown.joined(separator: " and ")
    }
}
