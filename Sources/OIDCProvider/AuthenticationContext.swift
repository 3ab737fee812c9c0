/// How well somebody signed in, in words that applications know.
package enum AuthenticationContext: String, Sendable, CaseIterable {
    /// With a passkey: what was shown can't be passed on to a look-alike page (OpenID Connect Extended Authentication Profile ACR Values).
    case phishingResistant = "phr"
    /// With two factors (REFEDS MFA profile). Nobody signs in with less.
    case twoFactors = "https://refeds.org/profile/mfa"

    static func of(_ grant: Grant) -> AuthenticationContext { grant.methods.contains("pop") ? .phishingResistant : .twoFactors }

    /// RFC 8176, with `mfa`: no session is finished with less.
    static func methods(_ grant: Grant) -> [String] { grant.methods.contains("mfa") ? grant.methods : grant.methods + ["mfa"] }
}
