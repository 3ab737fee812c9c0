import Vocabulary

/// Who is kept out, who was, and who never is. For operators.
package struct BansPage: Page {
    package struct Row: Sendable {
        let addresses: String
        let reason: String
        let strike: String
        let since: Moment
        let until: Moment
        let state: Pill
        /// Where to lift it.
        let lift: String?

        package init(addresses: String, reason: String, strike: Int, since: Moment, until: Moment, state: Pill, lift: String? = nil) {
            self.addresses = addresses
            self.reason = reason
            self.strike = Numeral.text(strike)
            self.since = since
            self.until = until
            self.state = state
            self.lift = lift
        }
    }

    package struct Allowed: Sendable {
        let addresses: String
        let since: Moment

        package init(addresses: String, since: Moment) { (self.addresses, self.since) = (addresses, since) }
    }

    package let template = "bans"
    package let title = "Bans"
    let head: Head
    let bans: [Row]
    let history: [Row]
    let allowed: [Allowed]
    let add: Sheet
    let allow: Sheet

    package init(bans: [Row], history: [Row], allowed: [Allowed], add: Sheet, allow: Sheet) {
        head = Head(
            "Bans",
            lead:
                "Addresses that are refused for a while: by themselves, for how they behaved, or by an operator. The time doubles each time."
        )
        self.bans = bans
        self.history = history
        self.allowed = allowed
        self.add = add
        self.allow = allow
    }
}
