import Portal
import Records
import Recovery
import Tenants
import Vocabulary

// PortalSamples: every page of the portal with invented data, for tests and for looking at.

/// `poison` is appended to every text that could come from a person, to see that none of it becomes markup.
package struct Samples {
    package let poison: String

    package init(poison: String = "") { self.poison = poison }

    /// Every page by the name of its file.
    package var all: [(name: String, page: any Page, frame: Frame)] {
        [
            ("sign-in", SignInPage(toward: t("Acme Instruments")), lone),
            (
                "sign-in-refused",
                SignInPage(
                    identifier: t("ada@acme.example"),
                    refusal: Refusal(.unauthenticated, "wrong", "The address or the password is wrong. Nothing tells which.")), lone
            ),
            (
                "factor",
                LoneFormPage.factor(
                    refusal: .invalid("wrong", "That code is wrong or was used already. Wait for the next one.", field: "code")), lone
            ),
            ("factor-passkey", LoneFormPage.factor(hasAuthenticator: true, hasPasskey: true), lone),
            (
                "factor-passkey-only",
                LoneFormPage.factor(
                    hasAuthenticator: false, hasPasskey: true,
                    refusal: Refusal(.unauthenticated, "wrong-passkey", "This passkey did not work.")),
                lone
            ),
            ("recovery-code", LoneFormPage.recoveryCode(), lone),
            ("confirm-it-is-you", LoneFormPage.confirmation(returnTo: "/account", hasAuthenticator: true, hasPasskey: true), lone),
            ("further-password", LoneFormPage.further(returnTo: "/account", asksPassword: true, hasAuthenticator: false), lone),
            ("further-code", LoneFormPage.further(returnTo: "/account", asksPassword: false, hasAuthenticator: true), lone),
            ("factor-reset", LoneFormPage.factorReset(action: "/factor-reset/abc", identifier: t("ada@acme.example")), lone),
            ("new-passkey", LoneFormPage.newPasskey(returnTo: "/account"), lone),
            ("forgotten", LoneFormPage.forgotten(), lone),
            ("forgotten-sent", LoneFormPage.forgottenSent(), lone),
            (
                "reset",
                LoneFormPage.reset(action: "/password/reset/abc", identifier: t("ada@acme.example"), needsFactor: true, hint: hint), lone
            ),
            (
                "reset-passkey",
                LoneFormPage.reset(
                    action: "/password/reset/abc", identifier: t("ada@acme.example"), needsFactor: true, hasPasskey: true, hint: hint), lone
            ),
            (
                "invitation",
                LoneFormPage.invitation(
                    action: "/invitations/abc", place: t("Acme Instruments"), identifier: t("grace@acme.example"), isKnown: false,
                    hint: hint), lone
            ),
            (
                "invitation-known",
                LoneFormPage.invitation(
                    action: "/invitations/abc", place: t("Acme Instruments"), identifier: t("grace@acme.example"), isKnown: true, hint: hint
                ), lone
            ),
            ("continue", ContinuePage(to: "/oauth/authorize?continue=abc"), lone),
            ("claim", LoneFormPage.claim(action: "/onboarding/claim/abc", hint: hint), lone),
            ("enrolment", enrolment, lone),
            ("recovery-codes", RecoveryCodesPage(codes: codes, next: "/", isOnboarding: true), lone),
            ("account", account, console(current: "")),
            ("access", access(isEmpty: false), console(current: "")), ("access-empty", access(isEmpty: true), console(current: "")),
            ("device", device(isTrusted: false), console(current: "")), ("device-trusted", device(isTrusted: true), console(current: "")),
            ("risks", risks(isEmpty: false), console(current: "")), ("risks-empty", risks(isEmpty: true), console(current: "")),
            ("waiting", WaitingPage(to: "/sign-in/waiting"), lone),
            (
                "confirm-sign-in",
                LoneFormPage.confirmSignIn(
                    action: "/sign-in/confirmation/x", when: "21 Nov 2026, 18:00 UTC", facts: t("Firefox on Linux, AU")), lone
            ),
            ("member-devices", memberDevices(isEmpty: false), console(current: "")),
            ("member-devices-empty", memberDevices(isEmpty: true), console(current: "")),
            ("tenants", tenants, console(current: "Tenants", flash: Banner("Tenant Globex created."))),
            ("bans", bans(isEmpty: false), console(current: "Bans", flash: Banner("11.22.33.44 may come in again."))),
            ("bans-empty", bans(isEmpty: true), console(current: "Bans")),
            ("alarms", alarms(isEmpty: false), console(current: "Alarms", flash: Banner("“An automatic ban” is yours."))),
            ("alarms-empty", alarms(isEmpty: true), frame(current: "Alarms")),
            ("alarm", alarm(isClosed: false), frame(current: "Alarms")),
            ("alarm-closed", alarm(isClosed: true), console(current: "Alarms")),
            ("nodes", nodes(places: []), console(current: "Nodes")),
            ("nodes-apart", nodes(places: ["/srv/objects", "s3://holdfast/ at https://s3.example.com"]), console(current: "Nodes")),
            (
                "tenants-empty",
                TenantsPage(
                    query: "", editions: [Choice("", "Any")], regions: [Choice("", "Any")], tenants: [], pager: Pager(said: "No tenants")),
                console(current: "Tenants")
            ),
            ("tenant-new", tenantForm, console(current: "Tenants")),
            ("tenant", tenant, console(current: "Tenants")),
            ("leaving", LeavingPage(leaving(.destroying)), console(current: "Tenants")),
            ("leaving-window", LeavingPage(leaving(.window)), console(current: "Tenants")),
            ("leaving-gone", LeavingPage(leaving(.gone)), console(current: "Tenants")),
            ("trust", trust(isPublic: false), frame(current: "Trust")),
            ("trust-public", trust(isPublic: true), lone),
            ("trust-area", trustArea(isPublic: false), frame(current: "Trust")),
            ("trust-area-public", trustArea(isPublic: true), lone),
            ("home", home, frame(current: "Home")),
            ("home-empty", emptyHome, frame(current: "Home", kind: .sandbox)),
            ("collections", collections, frame(current: "Collections")),
            ("collections-empty", CollectionsPage(collections: [], mayCreate: true), frame(current: "Collections")),
            ("designer", designer, frame(current: "Collections")),
            (
                "records", records,
                frame(
                    current: "Flights",
                    flash: Banner(t("Record UA 1545 deleted."), undo: .init(action: "/collections/flights/records/1/restore")))
            ),
            ("records-untouched", untouchedRecords, frame(current: "Flights")),
            ("record", record, frame(current: "Flights")),
            ("record-form", recordForm, frame(current: "Flights")),
            (
                "import-upload",
                ImportPage.upload(
                    head: Head("Import flights", lead: nil), crumbs: crumbs, action: "/collections/flights/import", limit: "200 MB",
                    cancel: "/collections/flights"), frame(current: "Flights")
            ),
            ("import-preview", importPreview, frame(current: "Flights")),
            ("operation-running", running, frame(current: "Activity")),
            ("operation-finished", finished, frame(current: "Activity")),
            ("operations", operations, frame(current: "Activity")),
            ("backups", backups, frame(current: "Backups")),
            ("own-copies", ownCopies, frame(current: "Backups")), ("own-copies-none", ownCopiesNone, frame(current: "Backups")),
            ("own-copy", ownCopy(passphrase: "k7f2-9x3m-0abc-defg-hjkm-npqr"), frame(current: "Backups")),
            ("own-copy-sealed", ownCopy(passphrase: nil), frame(current: "Backups")),
            ("backups-off", BackupsPage(because: Refusal.conflict("backups-off", "Nothing is backed up here.")), frame(current: "Backups")),
            ("backup-moment", backupMoment, frame(current: "Backups")),
            ("restore-finished", restored, frame(current: "Backups")),
            ("people", people, frame(current: "People")),
            ("invite", invite(isRefused: false), frame(current: "People")),
            ("invite-refused", invite(isRefused: true), frame(current: "People")),
            ("invited", invited, frame(current: "People")),
            ("vendor", vendor, frame(current: "People")),
            ("staff", staff, console(current: "Staff")),
            ("member", member, frame(current: "People")),
            ("roles", roles, frame(current: "Roles")),
            ("role", role(isEditable: true), frame(current: "Roles")),
            ("role-fixed", role(isEditable: false), frame(current: "Roles")),
            ("preview", preview, frame(current: "Roles")),
            (
                "preview-empty", PreviewPage(of: t("Nobody"), choices: [], navigation: [], views: [], hidden: [], environment: "people"),
                frame(current: "Roles")
            ),
            ("reach", reach, frame(current: "People")),
            ("collection-reach", collectionReach, frame(current: "People")),
            (
                "collection-reach-empty",
                CollectionReachPage(head: Head("Who can see Weather", lead: nil), crumbs: [], people: [], pager: nil),
                frame(current: "People")
            ),
            ("audit", audit, frame(current: "Audit")),
            ("confirm", confirm, frame(current: "Collections")),
            ("sealed", ProblemPage.sealed(request: "01937f3e-6b0c-7def-8123-0123456789ab"), lone),
        ]
            + [400, 401, 403, 404, 409, 410, 421, 429, 500, 503].map {
                ("error-\($0)", ProblemPage(status: $0, request: "01937f3e-6b0c-7def-8123-0123456789ab"), lone)
            }
    }

    let hint = "At least 8 characters. A few unrelated words are easier to remember than a riddle."
    let codes = [
        "k7f2-9qxm-4wtd", "p3zr-61hc-8vny", "d9wb-2mjk-7rte", "x5nq-84tf-1chs", "m2vd-7kpz-9wyb", "t8hc-3rxn-6fqj", "w4jy-5bdm-2zkp",
        "c1sf-9ntv-8xrh",
    ]
    let crumbs = [Link("Collections", "/collections"), Link("Flights", "/collections/flights")]

    func t(_ text: String) -> String { text + poison }
    func at(_ minutesAgo: Int64) -> Moment { Moment(Instant(seconds: 1_795_250_000 - minutesAgo * 60)) }

    package var lone: Frame { Frame(place: .init(kind: .platform, name: t("Holdfast"), host: "holdfast.localhost"), nonce: "n0nce") }

    package func frame(current: String, kind: Frame.Place.Kind = .production, flash: Banner? = nil) -> Frame {
        func link(_ label: String, _ address: String, _ icon: String?, _ key: String? = nil, count: String? = nil, nested: Bool = false)
            -> Frame.NavigationLink
        {
            Frame.NavigationLink(label, address, icon: icon, key: key, count: count, isCurrent: label == current, isNested: nested)
        }
        return Frame(
            place: .init(kind: kind, name: t("Acme Instruments"), host: "acme.holdfast.localhost"), nonce: "n0nce",
            navigation: [
                link("Home", "/", "home", "h"), link("Collections", "/collections", "collections", "c"),
                link("Flights", "/collections/flights", nil, count: "336 776", nested: true),
                link("Airlines", "/collections/airlines", nil, count: "16", nested: true),
                link("Packages", "/collections/packages", nil, count: "64 419", nested: true),
                link("Activity", "/operations", "work", "w"), link("People", "/people", "people", "p"),
                link("Roles", "/roles", "roles", "r"),
                link("Audit", "/audit", "audit", "a"), link("Backups", "/backups", "backup", "b"), link("Trust", "/trust", "trust", "t"),
            ], visitor: .init(name: t("Ada Lovelace"), identifier: t("ada@acme.example")), flash: flash)
    }

    func console(current: String, flash: Banner? = nil) -> Frame {
        Frame(
            place: .init(kind: .platform, name: t("Holdfast"), host: "holdfast.localhost"), nonce: "n0nce",
            navigation: [
                .init("Tenants", "/tenants", icon: "tenants", key: "c", isCurrent: current == "Tenants"),
                .init("Audit", "/audit", icon: "audit", key: "a"),
                .init("Alarms", "/alarms", icon: "alert", key: "l", count: "2", isCurrent: current == "Alarms"),
                .init("Bans", "/bans", icon: "bans", key: "b", isCurrent: current == "Bans"),
                .init("Nodes", "/nodes", icon: "work", key: "w", isCurrent: current == "Nodes"),
                .init("Trust", "/trust", icon: "trust", key: "t"),
            ], visitor: .init(name: t("Ada Lovelace"), identifier: t("ada@acme.example")), flash: flash)
    }

    var enrolment: EnrolmentPage {
        EnrolmentPage(
            action: "/onboarding/factor",
            drawing: "<svg viewBox=\"0 0 9 9\" role=\"img\" aria-label=\"QR code\"><path fill=\"#000\" d=\"M1 1h7v7H1z\"/></svg>",
            key: "JBSW Y3DP EHPK 3PXP", account: t("grace@acme.example"), isOnboarding: true)
    }

    var account: AccountPage {
        AccountPage(
            identifier: t("ada@acme.example"), name: t("Ada Lovelace"),
            places: [
                .init(name: t("Acme Instruments"), pill: Pill("Production"), roles: ["owner"], address: "https://acme.holdfast.localhost/"),
                .init(
                    name: t("Acme Instruments"), pill: Pill("Sandbox", .warn), roles: ["owner"],
                    address: "https://acme-sandbox.holdfast.localhost/"),
            ],
            factors: [
                .init(
                    name: t("Apple Passwords"),
                    detail: "On your devices, added on 3 Nov 2026, 09:12 UTC, last used on 20 Nov 2026, 17:40 UTC",
                    actions: [Link("Rename or remove", "/account/passkeys/1")]),
                .init(
                    name: "Authenticator app", detail: "Added 3 Nov 2026",
                    actions: [Link("Replace", "/account/factors/new"), Link("Remove", "/account/authenticator/removal")]),
                .init(name: "Recovery codes", detail: "7 of 8 left", actions: [Link("Make new ones", "/account/recovery-codes")]),
            ],
            addAuthenticator: nil,
            access: "2 devices, 2 sessions, 1 application", hint: hint,
            passwordRefusal: .invalid("wrong", "That is not your current password.", field: "current"))
    }

    private var signIns: [SignInRow] {
        [
            .init(at: at(0), device: t("At home"), network: "2001:db8::/48", methods: "passkey"),
            .init(at: at(1300), device: t("Safari on iPhone"), network: "198.51.100.0/24", methods: "password and authenticator"),
        ]
    }

    func access(isEmpty: Bool) -> AccessPage {
        AccessPage(
            devices: isEmpty
                ? []
                : [
                    .init(
                        title: t("At home"), detail: ["Firefox on Linux", "2001:db8::/48"],
                        pills: [Pill("This one", .good), Pill("Trusted", .info)], seen: at(0), since: at(9000),
                        address: "/account/devices/1"),
                    .init(
                        title: t("Safari on iPhone"), detail: ["198.51.100.0/24"], seen: at(1300), since: at(9000),
                        address: "/account/devices/2"),
                ],
            sessions: [
                .init(
                    device: t("Firefox on Linux"), address: "2001:db8::17", place: t("Acme Instruments"), seen: at(0), since: at(240),
                    isCurrent: true, revoke: nil),
                .init(
                    device: t("Safari on iPhone"), address: "198.51.100.7", place: t("Holdfast"), seen: at(1300), since: at(9000),
                    isCurrent: false, revoke: "/account/sessions/1/revoke"),
            ],
            applications: isEmpty
                ? []
                : [
                    .init(
                        name: t("Field notes"), detail: "reads and changes records, allowed 2 times", used: at(30), since: at(4000),
                        end: "/account/applications/1/end")
                ], signIns: isEmpty ? [] : signIns, unusual: isEmpty ? [] : unusual)
    }

    private var unusual: [UnusualRow] {
        [
            .init(
                title: "Impossible travel, a new device", level: Pill("High", .bad), state: Pill("Stopped", .info),
                detail: [t("Safari on iPhone"), "AU"], at: at(30), dismiss: "/account/risks/1/dismiss"),
            .init(
                title: t("Grace Hopper"), level: Pill("Medium", .warn), state: Pill("Confirmed by mail", .good), detail: ["a new country"],
                at: at(4000), dismiss: nil),
        ]
    }

    func risks(isEmpty: Bool) -> RisksPage {
        RisksPage(policy: RisksPage.policy(medium: "step-up", high: "block"), unusual: isEmpty ? [] : unusual)
    }

    func device(isTrusted: Bool) -> DevicePage {
        DevicePage(
            title: t("At home"), lead: "Firefox on Linux", name: t("At home"), isTrusted: isTrusted, isCurrent: !isTrusted,
            address: "/account/devices/1", signIns: signIns,
            refusal: isTrusted ? .invalid("device-name", "A name has 1 to 60 characters.", field: "name") : nil)
    }

    func memberDevices(isEmpty: Bool) -> MemberDevicesPage {
        MemberDevicesPage(
            name: t("Grace Hopper"), place: t("Acme Instruments"), address: "/people/1",
            devices: isEmpty
                ? []
                : [
                    .init(
                        platform: "Firefox on Linux", state: Pill("Trusted", .info), seen: at(0), since: at(9000), sessions: 2,
                        end: "/people/1/devices/1/end"),
                    .init(
                        platform: "Edge on Windows", state: Pill("Known"), seen: at(90), since: at(9000),
                        ended: (t("Ada Lovelace"), at(80)),
                        end: "/people/1/devices/3/end"),
                    .init(platform: "Safari on iPhone", state: Pill("Revoked", .bad), seen: at(1300), since: at(9000)),
                ], unusual: isEmpty ? [] : unusual)
    }

    var tenants: TenantsPage {
        func row(_ name: String, _ slug: String, _ edition: String, _ region: String, _ kinds: [Pill], _ days: Int64) -> TenantsPage.Row {
            .init(
                name: t(name), slug: slug, edition: edition, region: region, environments: kinds, state: Pill("Active", .good),
                since: at(days * 1440))
        }
        let (production, test, sandbox) = (Pill("Production"), Pill("Test", .note), Pill("Sandbox", .warn))
        return TenantsPage(
            query: t(""), editions: [Choice("", "Any"), Choice("team", "Team"), Choice("enterprise", "Enterprise")],
            regions: [Choice("", "Any"), Choice("eu-central", "EU Central")],
            tenants: [
                row("Acme Instruments", "acme", "Enterprise", "EU Central", [production, test, sandbox], 300),
                row("Globex Foods", "globex", "Team", "EU North", [production, sandbox], 44),
                row("Initech", "initech", "Standard", "EU Central", [production], 3),
            ], pager: Pager(said: "3 tenants"))
    }

    func bans(isEmpty: Bool) -> BansPage {
        func row(_ addresses: String, _ reason: String, _ strike: Int, _ state: Pill, lift: String? = nil) -> BansPage.Row {
            .init(addresses: t(addresses), reason: t(reason), strike: strike, since: at(2), until: at(1), state: state, lift: lift)
        }
        let inForce = Pill("In force", .bad)
        return BansPage(
            bans: isEmpty
                ? []
                : [
                    row("11.22.33.44", "Scanning", 3, inForce, lift: "/bans/1/lift"),
                    row("2a00:1:2::/48", "Failed sign-ins", 1, inForce, lift: "/bans/2/lift"),
                ],
            history: isEmpty
                ? [] : [row("11.22.33.44", "Scanning", 2, Pill("Over")), row("11.22.33.0/24", "Guessing codes", 1, Pill("Lifted", .info))],
            allowed: isEmpty ? [] : [.init(addresses: t("198.51.100.0/28"), since: at(300))], add: BanForms.add(), allow: BanForms.allow())
    }

    func alarms(isEmpty: Bool) -> AlarmsPage {
        func row(
            _ heading: String, _ said: String, _ minutes: Int64, _ severity: Pill, _ state: Pill, assignee: String? = nil,
            acknowledge: String? = nil
        ) -> AlarmsPage.Row {
            .init(
                heading: t(heading), address: "/alarms/1", said: t(said), at: at(minutes), severity: severity, state: state,
                assignee: assignee.map(t), acknowledge: acknowledge)
        }
        let (critical, warning) = (Pill("Critical", .bad), Pill("Warning", .warn))
        return AlarmsPage(
            people: "every operator",
            waiting: isEmpty
                ? []
                : [
                    row(
                        "A new administrator", "grace@acme.example · administrator · by ada@acme.example", 1, critical,
                        Pill("Waits", .note),
                        acknowledge: "/alarms/1/acknowledge"),
                    row(
                        "An automatic ban", "11.22.33.44 for failed sign-ins, until 2026-11-21, 18:01:57 UTC · by Holdfast", 12, warning,
                        Pill("In hand", .info), assignee: "Ada Byron"),
                ],
            closed: isEmpty ? [] : [row("A test", "chat.example.com · by ada@acme.example", 300, Pill("Notice", .info), Pill("Closed"))],
            older: isEmpty ? nil : "/alarms?before=1",
            ways: isEmpty
                ? []
                : [
                    .init(target: t("security@vendor.example"), kind: "Mail", said: "everything", address: "/alarms/routes/1"),
                    .init(
                        target: t("https://chat.example.com/hooks/alarms"), kind: "Webhook",
                        said: "the worst only · last: answered 204, 21 Nov 2026, 18:01 UTC", address: "/alarms/routes/2"),
                ], add: AlarmForms.add(), secret: isEmpty ? nil : t("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }

    func alarm(isClosed: Bool) -> AlarmPage {
        AlarmPage(
            heading: "A new administrator", severity: Pill("Critical", .bad),
            facts: [
                .init("Who", t("Grace Hopper, grace@acme.example")), .init("What", "administrator"),
                .init("Done by", t("ada@acme.example")), .init("When", "21 Nov 2026, 18:01 UTC"),
            ],
            advice: "If nobody of you meant to do this, take the role away again and end the sessions of whoever gave it.",
            steps: (isClosed ? [.init(said: "Closed", who: t("Ada Byron"), at: at(1), note: t("We meant it."))] : [])
                + [.init(said: "Seen", who: t("Ada Byron"), at: at(3)), .init(said: "Told to 3 places", who: "Holdfast", at: at(4))],
            acknowledge: isClosed ? nil : "/alarms/1/acknowledge", reopen: isClosed ? "/alarms/1/reopen" : nil,
            assign: isClosed
                ? nil : AlarmForms.assign("/alarms/1", people: [("1", t("Ada Byron")), ("2", t("Grace Hopper"))], chosen: "1"),
            close: isClosed ? nil : AlarmForms.close("/alarms/1"))
    }

    func nodes(places: [String]) -> NodesPage {
        func row(_ name: String, _ address: String, _ state: Pill, seen: Int64, isAsked: Bool = false) -> NodesPage.Row {
            .init(
                name: t(name), address: address, version: "0.1.0", started: at(2880), seen: at(seen), state: state, isAsked: isAsked)
        }
        return NodesPage(
            nodes: [
                row("web-1", "10.0.0.11:8443", Pill("Leads", .info), seen: 0),
                row("web-2", "10.0.0.12:8443", Pill("At work", .good), seen: 0, isAsked: true),
                row("web-3", "10.0.0.13:8443", Pill("Stands still", .bad), seen: 4),
            ], places: places.map(t))
    }

    var tenantForm: FormPage {
        FormPage(
            Head("New tenant", lead: "Its databases, keys and host names are made at once."), crumbs: [Link("Tenants", "/tenants")],
            form: Sheet(
                action: "/tenants", button: "Create tenant", cancel: Link("Cancel", "/tenants"),
                fields: [
                    FormField("name", "Name", value: t("Globex Foods"), isRequired: true),
                    FormField(
                        "slug", "Host name", value: t("glo bex"),
                        hint: "Lower-case letters and digits. It becomes part of the address: SLUG.holdfast.localhost.", isRequired: true),
                    FormField(
                        "edition", "Edition",
                        .radio([
                            .init("team", "Team", hint: "14 days of restore points, 50 people"),
                            .init("standard", "Standard", hint: "14 days of restore points, 500 people"),
                            .init("enterprise", "Enterprise", hint: "35 days of restore points, no limit"),
                        ]), value: "team"),
                    FormField(
                        "region", "Region",
                        .select([.init("eu-central", "EU Central (pair: EU North)"), .init("eu-north", "EU North (pair: EU Central)")]),
                        value: "eu-central", hint: "Data never leaves the region and its pair."),
                    FormField("sandbox", "Also make a sandbox", .checkbox, value: "on"),
                ], refusal: .invalid("slug", "Use letters, digits and single hyphens only; start with a letter.", field: "slug")))
    }

    var tenant: TenantPage {
        TenantPage(
            name: t("Acme Instruments"), slug: "acme", edition: "Enterprise",
            environments: [
                .init(
                    host: "acme.holdfast.localhost", kind: Pill("Production"), region: "EU Central", place: "embedded", since: at(90_000),
                    health: Pill("Healthy", .good), address: "https://acme.holdfast.localhost/"),
                .init(
                    host: "acme-sandbox.holdfast.localhost", kind: Pill("Sandbox", .warn), region: "EU Central", place: "embedded",
                    since: at(90_000),
                    health: Pill("Not reached for 4 min", .bad), address: "https://acme-sandbox.holdfast.localhost/"),
            ],
            facts: [
                .init("Edition", "Enterprise"), .init("Restore points", "Any second of 35 days"),
                .init("Region", "EU Central, paired with EU North"), .init("People", "41 of unlimited"),
            ],
            create: Sheet(
                action: "/tenants/acme/environments", button: "Create environment",
                fields: [
                    FormField("kind", "Kind", .select([.init("test", "Test"), .init("sandbox", "Sandbox")]), value: "sandbox"),
                    FormField("label", "Host name", value: "acme-sandbox2"),
                ]),
            invite: Sheet(
                action: "/tenants/acme/invitations", button: "Send invitation",
                fields: [FormField("address", "Address", .email, isRequired: true)]))
    }

    func trust(isPublic: Bool) -> TrustPage {
        TrustPage(
            lead: t("Every sentence we promise, whether it is kept right now, and how we know."), areas: trustAreas, isPublic: isPublic)
    }

    func trustArea(isPublic: Bool) -> any Page {
        TrustAreaPage("/trust/id", among: trustAreas, isPublic: isPublic) ?? trust(isPublic: isPublic)
    }

    package var trustAreas: [TrustPage.Area] {
        let names = [
            ("ID", "Identity", 18), ("AZ", "Authorization", 7), ("TN", "Tenants and the service portal", 14), ("DA", "Data", 9),
            ("BK", "Backup and recovery", 10),
            ("AV", "Availability", 9), ("GD", "Guard", 5), ("LG", "Logs", 5), ("SP", "Support access", 4), ("IN", "Incidents", 3),
            ("EV", "Evidence", 4),
        ]
        var seen = 0
        return names.map { prefix, name, count in
            TrustPage.Area(
                id: prefix, name: name,
                controls: (1...count).map { number in
                    seen += 1
                    let state: TrustPage.State =
                        seen % 29 == 3
                        ? .broken
                        : seen % 17 == 5 ? .stale : seen % 19 == 7 ? .unknown : seen % 13 == 4 ? .attested : seen % 5 < 2 ? .kept : .planned
                    return .init(
                        id: "\(prefix)-\(number)", promise: t("Every sign-in attempt is logged, with its result and reason"), state: state,
                        evidence: state == .planned ? nil : t("120 attempts, 120 entries"),
                        checked: state == .planned ? nil : at(Int64(seen)))
                })
        }
    }

    var home: HomePage {
        HomePage(
            head: Head(
                t("Good morning, Ada"), lead: t("Acme Instruments, production."),
                actions: [.init("New record", "/collections/flights/records/new", icon: "plus", key: "n", isPrimary: true)]),
            tasks: [],
            collections: [
                .init(name: t("Flights"), address: "/collections/flights", count: 336_776, detail: "changed 3 minutes ago"),
                .init(name: t("Airlines"), address: "/collections/airlines", count: 16, detail: "changed yesterday"),
                .init(name: t("Packages"), address: "/collections/packages", count: 64_419, detail: "imported on 12 Nov"),
                .init(name: t("Countries"), address: "/collections/countries", count: 249, detail: "imported on 12 Nov"),
            ],
            changes: [
                .init(label: t("UA 1545"), address: "/r/1", verb: "changed", who: t("Grace Hopper"), where: t("Flights"), at: at(3)),
                .init(label: t("B6 725"), address: "/r/2", verb: "created", who: t("Ada Lovelace"), where: t("Flights"), at: at(40)),
                .init(
                    label: t("Virgin America"), address: "/r/3", verb: "deleted", who: t("Ada Lovelace"), where: t("Airlines"), at: at(1500)
                ),
            ], trust: trust(isPublic: false).digest)
    }

    var emptyHome: HomePage {
        HomePage(
            head: Head(t("Welcome, Ada"), lead: "A few steps, and your people can work here."),
            tasks: [
                .init("Secure your account", "Password and second factor are set.", link: nil, isDone: true),
                .init(
                    "Create a collection", "Say what you keep, and which fields each record has.",
                    link: Link("New collection", "/collections/new"), isDone: false),
                .init(
                    "Bring your data", "Import a CSV or JSON Lines file. You see a preview before anything is written.", link: nil,
                    isDone: false),
                .init(
                    "Invite people", "They get a link by mail, and choose their own password and second factor.",
                    link: Link("Invite somebody", "/people/invite"), isDone: false),
            ], collections: [], changes: [], trust: trust(isPublic: false).digest)
    }

    var collections: CollectionsPage {
        CollectionsPage(
            collections: [
                .init(
                    name: t("Flights"), slug: "flights", detail: t("All departures from New York in 2013"), fields: 19, count: 336_776,
                    changed: at(3)),
                .init(name: t("Airlines"), slug: "airlines", detail: nil, fields: 2, count: 16, changed: at(1500)),
                .init(name: t("Packages"), slug: "packages", detail: t("Debian 12"), fields: 9, count: 64_419, changed: nil),
            ], mayCreate: true)
    }

    var types: [Choice] {
        ["Text", "Long text", "Number", "Yes or no", "Date", "Date and time", "Choice", "Reference", "JSON"].map {
            Choice($0.lowercased(), $0)
        }
    }

    var designer: DesignerPage {
        let refusal = Refusal(
            .invalid, "invalid", "Some fields need another look.",
            fields: [.init(field: "fields.1.name", message: "Two fields are called “carrier”.")])
        return DesignerPage(
            head: Head("New collection", lead: "One kind of record, and what each holds."), crumbs: [Link("Collections", "/collections")],
            action: "/collections",
            basics: [
                FormField("name", "Name", value: t("Flights"), hint: "In the plural.", isRequired: true),
                FormField("slug", "Address", value: t("flights"), hint: "Part of the web address. Lower-case letters, digits, hyphens."),
            ],
            fields: [
                .init(index: 0, name: t("carrier"), types: types, isRequired: true, isIndexed: true),
                .init(index: 1, name: t("carrier"), types: types, problems: ["fields.1.name": t("Two fields are called “carrier”.")]),
                .init(index: 2, types: types, detail: t("on time, late, cancelled")),
            ], button: "Create collection", cancel: "/collections", refusal: refusal)
    }

    var records: RecordsPage {
        let columns: [Table.Column] = [
            .init("Flight", sortAddress: "?sort=flight"), .init(t("Carrier"), sortAddress: "?sort=carrier"),
            .init("Departure", sortAddress: "?sort=-departure", direction: .descending), .init("From", sortAddress: "?sort=origin"),
            .init("To", sortAddress: "?sort=dest"), .init("Delay", sortAddress: "?sort=delay", isNumber: true),
            .init("Distance", sortAddress: "?sort=distance", isNumber: true), .init("Remark"),
        ]
        let rows = (0..<(poison.isEmpty ? 50 : 3)).map { number in
            Table.Row([
                .init(t("UA \(1545 - number * 7)"), address: "flights/records/01937f3e-6b0c-7def-8123-0123456789ab"),
                .init(t("United Air Lines"), address: "airlines/records/01937f3e-6b0c-7def-8123-0123456789ac"),
                .init("2013-01-01 05:\(10 + number)"), .init(["EWR", "JFK", "LGA"][number % 3]),
                .init(["IAH", "MIA", "BQN", "ATL"][number % 4]), .init("\(number * 3 - 12)", isNumber: true),
                .init(Numeral.text(1400 + number * 31), isNumber: true),
                .init(number % 4 == 0 ? t("Held at the gate for de-icing, crew change") : ""),
            ])
        }
        let fields = [Choice("carrier", "Carrier"), Choice("delay", "Delay", isChosen: true)]
        let operators = [Choice("eq", "equal to"), Choice("gt", "greater than", isChosen: true)]
        return RecordsPage(
            head: Head(
                t("Flights"), lead: t("All departures from New York in 2013"),
                actions: [
                    .init("Design", "/collections/flights/design"), .init("Import", "/collections/flights/import"),
                    .init("New record", "/collections/flights/records/new", icon: "plus", key: "n", isPrimary: true),
                ]),
            address: "/collections/flights", sort: "-departure", query: t(""),
            choices: columns.enumerated().map { .init("c\($0.offset)", "Column \($0.offset)", isChosen: true) },
            exports: [
                Link("CSV", "/collections/flights/export?format=csv"), Link("JSON Lines", "/collections/flights/export?format=jsonl"),
            ],
            chips: [Link(t("Delay is greater than 60"), "/collections/flights")], isFiltering: false,
            problems: poison.isEmpty ? [] : [t("There is no field")],
            conditions: [.init(index: 0, fields: fields, operators: operators, value: t("60"))],
            expression: t("delay > 60 and carrier = \"UA\""),
            expressionHint: "delay > 60 and (origin = \"JFK\" or carrier in (\"UA\", \"B6\"))",
            table: Table(caption: t("Flights"), columns: columns, rows: rows), empty: nil,
            pager: Pager(said: "1–50 of 336 776", previous: nil, next: "?after=abc"), isUntouched: false)
    }

    var untouchedRecords: RecordsPage {
        RecordsPage(
            head: Head(t("Flights"), actions: [.init("Design", "/collections/flights/design")]), address: "/collections/flights", sort: nil,
            query: "", choices: [], exports: [], chips: [], isFiltering: false, problems: [], conditions: [], expression: "",
            expressionHint: "",
            table: Table(caption: "Flights", columns: [], rows: []),
            empty: Empty(
                "No flights yet", "Import a file, or add the first by hand.", link: Link("Import a file", "/collections/flights/import")),
            pager: nil, isUntouched: true)
    }

    var record: RecordDetailPage {
        RecordDetailPage(
            head: Head(
                t("UA 1545"), lead: "Version 3", actions: [.init("Edit", "/collections/flights/records/1/edit", key: "e", isPrimary: true)]),
            crumbs: crumbs,
            past: poison.isEmpty ? nil : .init(t("You are looking at version 2."), restore: "/restore"),
            values: [
                .init(label: t("Flight"), text: t("UA 1545")),
                .init(label: "Carrier", text: t("United Air Lines"), address: "/collections/airlines/records/1"),
                .init(label: "Departure", text: "1 Jan 2013, 05:15"), .init(label: "Delay", text: "11"),
                .init(label: "Cancelled", text: "No"),
                .init(label: "Gate", text: ""),
                .init(label: "Remark", text: t("Held at the gate for de-icing.\nCrew changed; left eleven minutes late."), isLong: true),
                .init(label: "Weather", text: t("{\n  \"temp\": 39.02,\n  \"wind\": {\"speed\": 12.7}\n}"), isCode: true),
            ], delete: "/collections/flights/records/1/delete",
            versions: [
                .init(
                    number: 3, verb: "changed", who: t("Grace Hopper"), at: at(3), address: "?version=3", isCurrent: true,
                    changes: [
                        .init(label: t("Delay"), before: t("2"), after: t("11")),
                        .init(label: "Remark", before: nil, after: t("Held at the gate")),
                    ]),
                .init(
                    number: 2, verb: "changed", who: t("Ada Lovelace"), at: at(400), address: "?version=2", isCurrent: false,
                    changes: [.init(label: "Gate", before: t("C 91"), after: nil)]),
                .init(
                    number: 1, verb: "imported", who: t("Ada Lovelace"), at: at(4000), address: "?version=1", isCurrent: false, changes: []),
            ], more: "?versions=all")
    }

    var recordForm: RecordFormPage {
        RecordFormPage(
            head: Head(t("Edit UA 1545")), crumbs: crumbs, version: 3,
            form: Sheet(
                action: "/collections/flights/records/1", button: "Save", cancel: Link("Cancel", "/collections/flights/records/1"),
                fields: [
                    FormField("v.flight", t("Flight"), value: t("UA 1545"), isRequired: true),
                    FormField("v.carrier", "Carrier", value: t("United Air Lines"), hint: "Name or id of one of Airlines."),
                    FormField("v.delay", "Delay", .number(mode: "decimal"), value: t("eleven")),
                    FormField(
                        "v.cancelled", "Cancelled", .select([.init("", "—"), .init("true", "Yes"), .init("false", "No")]), value: "false"),
                    FormField("v.date", "Date", .date, value: "2013-01-01"),
                    FormField("v.departure", "Departure", .dateTime, value: "2013-01-01T05:15:00", hint: "In UTC."),
                    FormField("v.state", "State", .radio([.init("on time", "on time"), .init("late", "late")]), value: "late"),
                    FormField("v.remark", "Remark", .area, value: t("Held at the gate.\n</textarea>")),
                ], refusal: .invalid("number", t("Write a number, such as 12 or -3.5."), field: "v.delay")))
    }

    var importPreview: ImportPage {
        let targets = [Choice("", "Leave out"), Choice("carrier", "Carrier"), Choice("+", "New field", isChosen: true)]
        return .preview(
            head: Head("Import flights"), crumbs: crumbs, action: "/collections/flights/import/1",
            said: "336 776 lines, comma-separated, UTF-8. Nothing has been written yet.",
            columns: [
                .init(index: 0, name: t("carrier"), type: "Text", examples: [t("UA"), "B6"], targets: targets),
                .init(index: 1, name: t("dep_delay"), type: "Number", examples: ["2", "4", "-1"], targets: targets),
                .init(index: 2, name: t("time_hour"), type: "Date and time", examples: ["2013-01-01T10:00:00Z"], targets: targets),
            ], warnings: [t("12 lines have fewer columns than the header. They will be refused, each with its number.")],
            options: [
                FormField(
                    "refused", "Lines that don’t fit",
                    .radio([.init("skip", "Leave them out and report them"), .init("all", "Import nothing if a single line is refused")]),
                    value: "skip")
            ], button: "Import 336 776 lines", cancel: "/collections/flights")
    }

    var running: OperationPage {
        OperationPage(
            head: Head(t("Import flights.csv"), pill: Pill("Running", .info)), events: "/operations/1/events",
            cancel: "/operations/1/cancel", done: 120_400, total: 336_776, said: "120 400 of 336 776 lines, 31 refused.", started: at(1),
            finished: nil, who: t("Ada Lovelace"))
    }

    var finished: OperationPage {
        OperationPage(
            head: Head(t("Import flights.csv"), pill: Pill("Finished", .good)), events: nil, cancel: nil, done: 336_776, total: 336_776,
            said: "336 745 lines imported, 31 refused.", started: at(3), finished: at(1), who: t("Ada Lovelace"),
            notice: Remark("The records are in Flights.", tone: .good, link: Link("See them", "/collections/flights")),
            refused: .init(
                text: "31 lines were left out. The rest is in.", download: "/operations/1/report",
                lines: [
                    .init(number: 1204, field: t("dep_delay"), reason: t("“NA” is not a number.")),
                    .init(number: 90_412, field: "", reason: "17 columns instead of 19."),
                ]))
    }

    var operations: OperationsPage {
        OperationsPage(operations: [
            .init(
                label: t("Import flights.csv"), address: "/operations/1", said: "120 400 of 336 776 lines", who: t("Ada Lovelace"),
                state: Pill("Running", .info), at: at(1)),
            .init(
                label: t("Import airlines.csv"), address: "/operations/2", said: "16 lines imported", who: t("Ada Lovelace"),
                state: Pill("Finished", .good), at: at(2000)),
            .init(
                label: t("Import broken.csv"), address: "/operations/3", said: t("The file is not text."), who: t("Grace Hopper"),
                state: Pill("Failed", .bad), at: at(9000)),
        ])
    }

    var backups: BackupsPage {
        let now = Instant(seconds: 1_795_250_000)
        let collection = ID<Kinds.Collection>("00000000-0000-7000-8000-000000000001")
        let environment = EnvironmentID("00000000-0000-7000-8000-000000000002")
        let counts = collection.map { id in
            [2, 9, 11, 40, 61, 90].map { place in
                ChangeCounts(
                    collection: id, at: now - .minutes(15 * place), created: place * 7, changed: place % 5 * 12, deleted: place % 3)
            }
        }
        let drills = environment.map { id in
            (0..<12).map { week in
                Drill(
                    environment: id, at: now - .days(7 * week), moment: now - .days(7 * week + 2), generation: 1, commit: 2041,
                    failure: week == 4 ? t("the archive is torn") : nil, exposure: .milliseconds(40),
                    took: .milliseconds(300 + week * 31 % 170), records: 336_776, size: 120_000_000)
            }
        }
        return BackupsPage(
            lead: "Every change is kept the moment it is made. Any second since 7 Nov 2026, 08:13 UTC can be had back.",
            notice: Remark("Backups were interrupted before 9 Nov 2026, 10:02 UTC.", tone: .warn),
            facts: [
                .init("Newest change kept", "21 Nov 2026, 08:33 UTC"), .init("On the way", "Nothing: all that was done is kept"),
                .init("Any second of the last", "14 days"), .init("Last drill", "Back within 412 ms, 40 ms of work lost", tone: .good),
            ],
            timeLine: TimeLine(
                Array((counts ?? []).reversed()), names: Dictionary(collection.map { [($0, t("Flights"))] } ?? []) { first, _ in first },
                from: now - .days(1), until: now, each: .minutes(15),
                spans: [Choice("day", "A day", isChosen: true), Choice("week", "A week")], address: { "/backups/moment?at=\($0)" }),
            pick: Sheet(
                action: "/backups/moment", button: "Compare",
                fields: [FormField("at", "Date and time, in UTC", .dateTime, value: "2026-11-21T08:33:20", isRequired: true)]),
            beside: .init(
                label: "acme-before", address: "https://acme-before.holdfast.localhost:8443/", remove: "/backups/copies/1/remove",
                since: at(300)),
            restores: [
                .init(
                    label: "Brought back in place", address: "/backups/restores/1", said: "12 changes", who: t("Ada Lovelace"),
                    state: Pill("Finished", .good), at: at(200))
            ],
            copies: [
                .init(at: at(2000), size: "120.4 MB", why: "the newest, moments of the window build on it"),
                .init(at: at(12_000), size: "118.0 MB", why: "first of its week"),
            ], promise: "A full copy is made each week, and every change between two of them is kept.", drills: .init(drills ?? []))
    }

    private func recipients(_ value: String) -> Sheet {
        Sheet(
            action: "/backups/own-copy-recipients", button: "Set",
            fields: [FormField("recipients", "Recipients, one on each line", .area, value: value, hint: "What age-keygen prints")])
    }

    var ownCopies: OwnCopiesPage {
        OwnCopiesPage(
            notice: Remark(t("The last one could not be made. The disk is full."), tone: .bad),
            underway: .init(done: 2000, total: 336_776, said: t("Reading.")),
            next: "The next one is made by itself on 29 Nov 2026, 04:10 UTC or soon after.",
            rows: [
                .init(
                    at: at(2000), said: "336 776 records, 48.1 MB, sealed to your recipients", address: "/backups/own-copies/1",
                    name: t("acme-2026-11-22.db.age"))
            ], recipients: recipients(t("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")), isSealed: true)
    }

    var ownCopiesNone: OwnCopiesPage {
        OwnCopiesPage(
            next: "The next one is made by itself on 29 Nov 2026, 04:10 UTC or soon after.", rows: [], recipients: recipients(""),
            isSealed: false)
    }

    func ownCopy(passphrase: String?) -> OwnCopyPage {
        OwnCopyPage(
            at: at(2000), action: "/backups/own-copies/1/file",
            facts: [.init("Records", "336 776"), .init("Commit", "2041"), .init("Database", "120.4 MB")], passphrase: passphrase,
            shortest: 16, file: t("acme-2026-11-22.db.age"), table: t("flights"),
            digest: passphrase == nil ? "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" : nil,
            problem: passphrase == nil ? t("This file is no longer there.") : nil)
    }

    var backupMoment: BackupMomentPage {
        BackupMomentPage(
            moment: at(60), at: "2026-11-21T07:33:20.000Z", commit: "The last change before it was made 21 Nov 2026, 07:32 UTC.",
            rows: [
                .init(name: t("Flights"), then: "336 776", now: "336 770", said: "2 as they were, 7 deleted ones come back"),
                .init(name: t("Airlines"), then: "16", now: "16", said: "nothing differs"),
            ],
            records: [
                .init(
                    title: t("UA 1545"), collection: t("Flights"), fate: Pill("Changed since", .info),
                    changes: [.init(label: t("Delay"), now: t("900"), then: t("2"))]),
                .init(title: t("B6 725"), collection: t("Flights"), fate: Pill("Deleted since", .good), changes: []),
            ], more: "The first 2 are shown.", differs: true, options: [.init(value: "1", label: t("Flights"))],
            host: "It will be at acme-name", name: "restored", isCopy: false, isProduction: true, problem: t("A restore is under way."))
    }

    var restored: RestorePage {
        RestorePage(
            head: Head("Brought back in place", pill: Pill("Finished", .good)), events: nil, done: 3, total: 3, said: "Done.",
            started: at(3),
            finished: at(2), who: t("Ada Lovelace"), notice: Remark("12 changes made. Everybody works with it already.", tone: .good),
            facts: [
                .init("As after the change of", "21 Nov 2026, 07:33 UTC"), .init("Records compared", "336 792"),
                .init("SHA-256, equal then and now", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ], undo: "/backups/restores/1/undo")
    }

    var people: PeoplePage {
        PeoplePage(
            place: t("Acme Instruments"),
            members: [
                .init(name: t("Ada Lovelace"), identifier: t("ada@acme.example"), roles: ["owner"], seen: at(0), isYou: true, address: nil),
                .init(
                    name: t("Grace Hopper"), identifier: t("grace@acme.example"), roles: ["administrator", "editor"], seen: at(300),
                    isYou: false, address: "/people/2"),
                .init(
                    name: t("Alan Turing"), identifier: t("alan@acme.example"), roles: ["reader"], seen: nil, isYou: false,
                    isDisabled: true, address: "/people/3"),
            ],
            invitations: [
                .init(
                    identifier: t("katherine@acme.example"), roles: ["editor"], who: t("Ada Lovelace"), at: at(60), until: at(-10_000),
                    withdraw: "/people/invitations/1/withdraw")
            ], mayInvite: true)
    }

    func invite(isRefused: Bool) -> InvitePage {
        InvitePage(
            addresses: FormField(
                "address", "Addresses", .area, value: t("grace@acme.example\nAlan Turing <alan@acme.example>"),
                hint: "One or several, on lines of their own or between commas. Or a table with a head: name,email,role.", isRequired: true),
            roles: [
                FormField(
                    "role", "Administrator", .checkbox, hint: "People, roles and collections", id: "role-administrator",
                    tick: "administrator"),
                FormField("role", "Reader", .checkbox, value: "on", hint: "Reads and exports records", id: "role-reader", tick: "reader"),
            ],
            days: FormField(
                "days", "The link is good for", .select([.init("1", "a day"), .init("7", "seven days"), .init("30", "30 days")]), value: "7"
            ),
            extra: ["All collections", "Flights"].enumerated().map { row, name in
                .init(
                    t(name),
                    (0..<9).map {
                        .init(
                            row: row, column: $0, label: t(name), value: t("\(row):\($0)"), isGranted: isRefused && $0 == 2,
                            isFixed: $0 == 8)
                    })
            }, isOpen: isRefused, refusal: isRefused ? Refusal.invalid("role-missing", t("Choose at least one role."), field: "role") : nil)
    }

    var invited: InvitedPage {
        InvitedPage(
            invited: 2,
            lines: [
                .init(number: 1, address: t("grace@acme.example"), said: "As Reader", isGood: true),
                .init(number: 2, address: t("alan at acme"), said: t("This does not look like an e-mail address."), isGood: false),
                .init(number: 4, address: t("emmy@acme.example"), said: t("As Gate staff, Extra for 3 people"), isGood: true),
            ])
    }

    var staff: StaffPage {
        func kinds(_ person: Int, _ on: Set<Int>, isDisabled: Bool = false) -> [FormField] {
            ["Production", "Test", "Sandbox"].enumerated().map { index, name in
                FormField(
                    "kind", name, .checkbox, value: on.contains(index) ? "on" : "", isDisabled: isDisabled, id: "kind-\(person)-\(index)",
                    tick: name)
            }
        }
        return StaffPage(
            people: [
                .init(
                    name: t("Olive Okafor"), identifier: t("olive@vendor.example"), role: Pill("Operator", .info), isYou: true,
                    action: "/staff/1", kinds: kinds(1, [0, 1, 2], isDisabled: true), dismissal: nil),
                .init(
                    name: t("Otto Vogel"), identifier: t("otto@vendor.example"), role: Pill("Operator", .info), isYou: false,
                    action: "/staff/2", kinds: kinds(2, [1, 2]), dismissal: "/staff/2/dismissal"),
                .init(
                    name: t("Sam Gate"), identifier: t("sam@vendor.example"), role: Pill("Support"), isYou: false, action: "/staff/3",
                    kinds: kinds(3, [2]), dismissal: nil),
            ], handful: 5,
            add: Sheet(
                action: "/staff", button: "Add to the staff",
                fields: [
                    FormField("address", "Address of their account", .email, isRequired: true),
                    FormField("role", "As", .radio([.init("support", "Support"), .init("operator", "Operator")]), value: "support"),
                ]), refusal: t("Production is open to 5 people at most."))
    }

    var vendor: VendorPage {
        VendorPage(
            product: t("Holdfast"),
            environments: [
                .init(
                    id: "h-acme", host: t("acme.holdfast.localhost"), kind: Pill("Production"),
                    people: [.init(name: t("Olive Okafor"), said: "Operator: may move it, and take it out of service", since: at(90_000))]),
                .init(
                    id: "h-sandbox", host: t("acme-sandbox.holdfast.localhost"), kind: Pill("Sandbox", .warn),
                    people: [
                        .init(name: t("Olive Okafor"), said: "Operator: may move it, and take it out of service", since: at(90_000)),
                        .init(name: t("Sam Gate"), said: "Support: may be asked for help", since: at(9000)),
                    ]),
                .init(id: "h-test", host: t("acme-test.holdfast.localhost"), kind: Pill("Test", .note), people: []),
            ])
    }

    var member: MemberPage {
        MemberPage(
            head: Head(t("Grace Hopper"), lead: t("grace@acme.example")), place: t("Acme Instruments"),
            roles: Sheet(
                action: "/people/2/roles", button: "Save roles",
                fields: [
                    FormField("role.administrator", "Administrator", .checkbox, value: "on", hint: "People, roles and collections"),
                    FormField("role.editor", "Editor", .checkbox, hint: "Reads and changes records"),
                ]),
            reset: [
                .init(
                    text: t("Alan says that they have lost every factor. Approve it only if you know that, too: call them."),
                    action: "/people/2/factor-reset/approval", button: "Approve the reset", hidden: [("reset", "1")]),
                .init(text: "", action: "/people/2/factor-reset/withdrawal", button: "Take it back", hidden: [("reset", "1")]),
            ],
            removal: .init(
                text: "They are kept out since 21 Nov 2026, with the roles above.", action: "/people/2/return",
                button: t("Let Grace in again"), leaving: "/people/2/leaving"),
            reach: Self.shapes.map { shape in .init(name: t(shape.name + "s"), address: "/access/x", granted: granted(shape)[1]) },
            preview: "/preview?role=editor")
    }

    private static let shapes: [(name: String, all: Set<Int>, some: [Int: Set<Int>])] = [
        ("Owner", Set(0..<9), [:]), ("Administrator", Set(0..<9), [:]), ("Editor", Set(0..<8), [:]), ("Reader", [0, 1], [:]),
        ("Gate staff", [], [1: [0, 2, 3], 2: [0]]), ("Auditor", [0], [1: [1], 3: [1]]),
    ]

    private func granted(_ shape: (name: String, all: Set<Int>, some: [Int: Set<Int>])) -> [[Bool]] {
        (0..<5).map { row in (0..<9).map { column in shape.all.contains(column) || shape.some[row]?.contains(column) == true } }
    }

    var roles: RolesPage {
        RolesPage(
            cards: Self.shapes.enumerated().map { index, shape in
                .init(
                    name: t(shape.name), address: "/roles/\(index)", said: index == 5 ? "nobody" : "\(index * 7 + 2) people",
                    isBuiltIn: index < 4, picture: RolePicture(granted(shape)))
            },
            create: Sheet(
                action: "/roles", button: "Create role",
                fields: [
                    FormField("label", "Name", isRequired: true),
                    FormField("like", "Begin with", .select([.init("", "Nothing ticked"), .init("editor", t("What Editor has"))])),
                ]))
    }

    func role(isEditable: Bool) -> RolePage {
        let names = ["All collections", "Flights", "Airlines", "Aeroplanes", "Weather"]
        let shape = isEditable ? Self.shapes[4] : Self.shapes[2]
        let rows = names.enumerated().map { row, name in
            RolePage.Row(
                t(name), detail: row == 0 ? "and those to come" : nil,
                (0..<9).map { column in
                    let isOn = row == 0 ? shape.all.contains(column) : shape.some[row]?.contains(column) == true
                    return .init(
                        row: row, column: column, label: t(name), value: t("\(name):\(column)"), isGranted: isOn,
                        isFixed: !isEditable || column == 8)
                })
        }
        return RolePage(
            head: Head(
                t(shape.name), lead: "What is ticked for all collections holds for each of them. Paler squares follow from that line.",
                actions: [.init("View as this role", "/preview?role=gate")]),
            notice: isEditable ? "It allows more than you have. What you don’t have yourself, you can neither give nor take." : nil,
            action: "/roles/gate", rows: rows,
            name: isEditable ? FormField("label", "Name", value: t(shape.name), isRequired: true) : nil,
            environment: ["People", "Roles", "Audit log"].map {
                FormField("grant", $0, .checkbox, hint: "What it is for", isDisabled: !isEditable, id: "grant-\($0.prefix(3))", tick: $0)
            }, isEditable: isEditable,
            copy: Sheet(
                action: "/roles", button: t("Copy Gate staff"), fields: [FormField("label", "Name", isRequired: true, id: "copy-label")],
                hidden: [("like", t("gate"))]), remove: isEditable ? "/roles/gate/removal" : nil,
            refusal: isEditable ? nil : t("You can only give or take permissions that you have yourself."))
    }

    var preview: PreviewPage {
        let fields = ["Number", "Carrier", "Origin", "Departed", "Distance"].map { PreviewPage.Field(t($0), "Text") }
        return PreviewPage(
            of: t("Gate staff"),
            choices: Self.shapes.enumerated().map {
                FormField("role", t($1.name), .checkbox, value: $0 == 4 ? "on" : "", id: "role-\($0)", tick: $1.name)
            },
            navigation: [
                .init("Home", "/", icon: "home"), .init("Collections", "/collections", icon: "collections"),
                .init(t("Flights"), "/collections/flights", isNested: true), .init("Trust", "/trust", icon: "trust"),
            ],
            views: [
                .init(name: t("Flights"), fields: fields + fields + fields, granted: granted(Self.shapes[4])[1]),
                .init(name: t("Airlines"), fields: [.init(t("Name"), "Text")], granted: granted(Self.shapes[4])[2]),
            ], hidden: [t("Aeroplanes"), t("Weather")], environment: nil)
    }

    var reach: ReachPage {
        ReachPage(
            total: 41,
            rows: [
                ("Flights", [41, 38, 12, 12, 9, 9, 6, 9, 2]), ("Airlines", [41, 38, 9, 9, 6, 6, 6, 9, 2]),
                ("Weather", [30, 2, 0, 0, 0, 0, 0, 0, 2]),
            ]
            .map { name, counts in
                .init(name: t(name), address: "/access/x", cells: counts.enumerated().map { .init($1, of: 41, column: $0) })
            })
    }

    var collectionReach: CollectionReachPage {
        CollectionReachPage(
            head: Head(t("Who can see Flights"), lead: "41 people, by the roles that they hold now."),
            crumbs: [Link("People", "/people"), Link("Who can see what", "/access")],
            people: Self.shapes.enumerated().map { index, shape in
                .init(
                    name: t(
                        ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Katherine Johnson", "Emmy Noether", "Sofja Kowalewskaja"][index]),
                    identifier: t("somebody@acme.example"), address: index == 0 ? nil : "/people/1", roles: t(shape.name),
                    granted: granted(shape)[1])
            }, pager: Pager(said: "6 of 41 people", previous: nil, next: "/access/flights?after=1"))
    }

    var audit: AuditPage {
        AuditPage(
            lead: "Who did what, in the order it happened. Nothing here can be changed without it showing.", address: "/audit",
            export: "/audit/export",
            checkpoint: .init(
                heading: "Signed up to entry 4 812", text: "Root 8f3a…c41d, 2 minutes ago, key holdfast.localhost+a1b2c3d4.",
                verify: "/audit/verify"), events: [Choice("", "Any"), Choice("record_changed", "record changed")], who: t(""),
            entries: (0..<40).map {
                .init(
                    number: 4812 - $0, at: at(Int64($0) * 7), event: ["record changed", "sign-in attempted", "export started"][$0 % 3],
                    who: t("Grace Hopper"), facts: [.init("record", "01937f3e…89ab"), .init("version", t("\($0)"))])
            }, pager: Pager(said: "Entries 4 812–4 773", next: "?before=4773"),
            command: "holdfast audit verify --file acme-audit.jsonl \\\n  --key 'holdfast.localhost/audit/acme+a1b2c3d4+AQ…'",
            note: .init(
                t(
                    "holdfast.localhost/audit/acme\n5143\ntDSLyuJdjBq6CtCvGTiuGxYB8tLrnQxwEqMmNJ1rmzQ=\n\n— holdfast.localhost/audit/acme 9pZ0…\n"
                ),
                file: "acme-checkpoint.txt"))
    }

    var confirm: FormPage {
        FormPage(
            Head("Withdraw role “gate staff”?"), notice: Remark(t("Three people have it. They lose what it allows at once."), tone: .warn),
            form: Sheet(action: "/roles/gate/remove", button: "Withdraw role", cancel: Link("Keep it", "/roles"), fields: []),
            isDangerous: true)
    }
}
