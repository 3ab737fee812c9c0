/// Everything around a page's content: who, where, and what was just done.
package struct Frame: Sendable {
    /// Where the visitor is, told so that nobody takes a sandbox for production.
    package struct Place: Sendable {
        /// `sandbox` and `test` get a strip across the page; production and the platform none.
        package enum Kind: String, Sendable { case platform, production, test, sandbox, restored }
        package let kind: Kind
        package let name: String
        package let host: String
        /// Nothing can be changed any more.
        package let isLeaving: Bool

        package init(kind: Kind, name: String, host: String, isLeaving: Bool = false) {
            self.kind = kind
            self.name = name
            self.host = host
            self.isLeaving = isLeaving
        }
    }

    package struct Visitor: Sendable {
        package let name: String
        package let identifier: String
        let initials: String
        let accountAddress: String

        package init(name: String, identifier: String, accountAddress: String = "/account") {
            self.name = name
            self.identifier = identifier
            self.accountAddress = accountAddress
            initials = Frame.initials(of: name)
        }
    }

    package struct NavigationLink: Sendable {
        let label: String
        let address: String
        let icon: String?
        let key: String?
        let count: String?
        private(set) var isCurrent: Bool
        let isNested: Bool

        package init(
            _ label: String, _ address: String, icon: String? = nil, key: String? = nil, count: String? = nil, isCurrent: Bool = false,
            isNested: Bool = false
        ) {
            self.label = label
            self.address = address
            self.icon = icon.map { "icon/\($0)" }
            self.key = key.map { "g \($0)" }
            self.count = count
            self.isCurrent = isCurrent
            self.isNested = isNested
        }

        func marked(current: Bool) -> NavigationLink {
            var link = self
            link.isCurrent = current
            return link
        }
    }

    package var title = ""
    package var crumbs: [Link] = []
    package var isRefreshed = false
    let nonce: String
    let place: String
    let placeKind: String
    let placeLabel: String
    let host: String
    let monogram: String
    let strip: Strip?
    let isPlatform: Bool
    let theme: String?
    /// What the toggle without script switches to.
    let otherTheme: String
    package var navigation: [NavigationLink]
    let visitor: Visitor?
    let flash: Banner?
    let styleAddress = PortalFiles.address(of: "portal.css")
    let scriptAddress = PortalFiles.address(of: "portal.js")
    let passkeyScriptAddress = PortalFiles.address(of: "passkeys.js")
    let peopleStyleAddress = PortalFiles.address(of: "people.css")
    let peopleScriptAddress = PortalFiles.address(of: "people.js")
    let markAddress = PortalFiles.address(of: "mark.svg")

    package struct Strip: Sendable {
        let kind: String
        let text: String
    }

    package init(
        place: Place, nonce: String, theme: String? = nil, navigation: [NavigationLink] = [], visitor: Visitor? = nil, flash: Banner? = nil
    ) {
        self.place = place.name
        self.nonce = nonce
        placeKind = place.kind.rawValue
        host = place.host
        monogram = Self.initials(of: place.name)
        isPlatform = place.kind == .platform
        let strip: Strip?
        switch place.kind {
        case .platform: (placeLabel, strip) = ("Platform", nil)
        case .production: (placeLabel, strip) = ("Production", nil)
        case .test: (placeLabel, strip) = ("Test", Strip(kind: "test", text: "Test environment — nothing here reaches production."))
        case .sandbox:
            (placeLabel, strip) = ("Sandbox", Strip(kind: "sandbox", text: "Sandbox — try anything, nothing here reaches production."))
        case .restored:
            (placeLabel, strip) = (
                "Restored copy", Strip(kind: "sandbox", text: "Restored copy — as it was then. Nothing here reaches production.")
            )
        }
        self.strip =
            place.isLeaving
            ? Strip(
                kind: "test",
                text: "\(place.name) is leaving: everything can be read, exported and downloaded, nothing can be changed any more.") : strip
        self.theme = theme == "dark" || theme == "light" ? theme : nil
        otherTheme = theme == "dark" ? "light" : "dark"
        self.navigation = navigation
        self.visitor = visitor
        self.flash = flash
    }

    /// One or two letters that stand for a name.
    static func initials(of name: String) -> String {
        let words = name.split { !$0.isLetter && !$0.isNumber }
        let letters = [words.first, words.count > 1 ? words.last : nil].compactMap { $0?.first }
        return letters.isEmpty ? "·" : String(letters).uppercased()
    }
}

/// What the last request did, shown once at the top of the next page.
package struct Banner: Sendable {
    package enum Tone: String, Sendable { case good, bad, plain }

    /// A form that takes it back.
    package struct Undo: Sendable {
        let action: String
        let label: String
        package init(action: String, label: String = "Undo") {
            self.action = action
            self.label = label
        }
    }

    let tone: String
    let message: String
    let undo: Undo?

    package init(_ message: String, tone: Tone = .good, undo: Undo? = nil) {
        self.message = message
        self.tone = tone.rawValue
        self.undo = undo
    }
}
