import Vocabulary

/// Everything that is open in a person's name: devices, sessions, applications; and what came in lately.
package struct AccessPage: Page {
    package struct Device: Sendable {
        let title: String
        let detail: String
        let pills: [Pill]
        let seen: Moment
        let since: Moment
        let address: String

        /// `detail`: what it is, where its name doesn't say so, and roughly where it was used last.
        package init(title: String, detail: [String], pills: [Pill] = [], seen: Moment, since: Moment, address: String) {
            self.title = title
            self.detail = detail.map { $0 + " · " }.joined()
            self.pills = pills
            self.seen = seen
            self.since = since
            self.address = address
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

    package struct Application: Sendable {
        let name: String
        let detail: String
        let used: Moment
        let since: Moment
        let end: String

        package init(name: String, detail: String, used: Moment, since: Moment, end: String) {
            self.name = name
            self.detail = detail
            self.used = used
            self.since = since
            self.end = end
        }
    }

    package let template = "access"
    package let title = "Devices and access"
    package let crumbs = [Link("Your account", "/account")]
    let head: Head
    let devices: [Device]
    let sessions: [Session]
    let applications: [Application]
    let signIns: [SignInRow]
    let unusual: [UnusualRow]

    package init(
        devices: [Device], sessions: [Session], applications: [Application], signIns: [SignInRow], unusual: [UnusualRow] = []
    ) {
        self.unusual = unusual
        head = Head(
            "Devices and access", lead: "Where you are signed in and what may act for you. What you don't know, end.",
            actions: [.init("End everything", "/account/access/end", isDangerous: true)])
        self.devices = devices
        self.sessions = sessions
        self.applications = applications
        self.signIns = signIns
    }
}

/// One completed sign-in.
package struct SignInRow: Sendable {
    let at: Moment
    let device: String
    let network: String
    let methods: String

    package init(at: Moment, device: String, network: String, methods: String) {
        self.at = at
        self.device = device
        self.network = network
        self.methods = methods
    }
}

/// One of a person's devices: its name, whether it is trusted, what was done with it, and the end of it.
package struct DevicePage: Page {
    package let template = "device"
    package let title: String
    package let crumbs = [Link("Your account", "/account"), Link("Devices and access", "/account/access")]
    let head: Head
    let name: Sheet
    let trust: MemberPage.Removal
    let signIns: [SignInRow]
    let revoke: MemberPage.Removal

    /// `address`: of the page; what is done with the device lies below it.
    package init(
        title: String, lead: String, name: String, isTrusted: Bool, isCurrent: Bool, address: String, signIns: [SignInRow],
        refusal: Refusal? = nil
    ) {
        self.title = title
        head = Head(
            title, lead: lead, pill: isCurrent ? Pill("This one", .good) : isTrusted ? Pill("Trusted", .info) : nil)
        self.name = Sheet(
            action: address + "/name", button: "Save",
            fields: [FormField("name", "Name", value: name, hint: "So that you recognise it.", isRequired: true, autocomplete: "off")],
            refusal: refusal)
        trust =
            isTrusted
            ? .init(
                text: "You said that this device is yours alone. Where it signs in from is not questioned.", action: address + "/distrust",
                button: "No longer trust it")
            : .init(
                text: "Say that this device is yours alone and locked when you leave it. Your second factor is asked for all the same.",
                action: address + "/trust", button: "Trust this device")
        self.signIns = signIns
        revoke = .init(
            text: isCurrent
                ? "This is the one you are using: you are signed out at once."
                : "Lost, sold or unknown? Its sessions and tokens end within a second. To come back it has to sign in anew.",
            action: address + "/revoke", button: "Revoke this device")
    }
}

/// What a tenant's administrators see of the devices of one member.
package struct MemberDevicesPage: Page {
    package struct Row: Sendable {
        let platform: String
        let state: Pill
        let seen: Moment
        let since: Moment
        let open: String
        /// Who ended what was open there, and when: the last time.
        let ended: Ended?
        let end: String?

        struct Ended: Sendable {
            let who: String
            let at: Moment
        }

        /// `sessions`: open now. `end`: where to end them; nil where there is nothing to end, or not for this visitor.
        package init(
            platform: String, state: Pill, seen: Moment, since: Moment, sessions: Int = 0, ended: (who: String, at: Moment)? = nil,
            end: String? = nil
        ) {
            open = sessions == 0 ? "None" : "\(sessions)"
            self.ended = ended.map { Ended(who: $0.who, at: $0.at) }
            self.end = end
            self.platform = platform
            self.state = state
            self.seen = seen
            self.since = since
        }
    }

    package let template = "member-devices"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let devices: [Row]
    let unusual: [UnusualRow]

    package init(name: String, place: String, address: String, devices: [Row], unusual: [UnusualRow] = []) {
        self.unusual = unusual
        title = "Devices of \(name)"
        crumbs = [Link("People", "/people"), Link(name, address)]
        head = Head("Devices of \(name)", lead: "What they used to come into \(place). What they do elsewhere is not shown here.")
        self.devices = devices
    }
}
