/// Something that attackers do all the time and other people now and then.
package enum Offence: String, Sendable, Hashable, CaseIterable {
    /// A sign-in that failed.
    case signIn = "sign-in"
    /// A one-time code or a link's secret that was not right.
    case code
    /// A refusal by the token, revocation or user information endpoint.
    case token
    /// An address that scanners ask for and nothing of ours has.
    case probe
    /// Something that is not there, asked for by nobody in particular.
    case missing
    /// Any other request of nobody in particular that had to be refused.
    case error
    /// A refused request of somebody who is signed in: an integration that sends a thousand records with a mistake in each is no attacker.
    case mistake

    /// What it adds to a score. A ban comes at ``BanPolicy/limit``.
    package var weight: Double {
        switch self {
        case .probe: 40
        case .signIn, .code, .token: 4
        case .missing: 2
        case .error: 0.2
        case .mistake: 0.05
        }
    }

    /// What an operator reads, after "banned for".
    package var title: String {
        switch self {
        case .signIn: "failed sign-ins"
        case .code: "guessing codes"
        case .token: "failed requests for tokens"
        case .probe: "scanning"
        case .missing: "asking for what is not there"
        case .error: "a flood of errors"
        case .mistake: "a flood of mistakes"
        }
    }
}
