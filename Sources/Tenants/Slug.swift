import Vocabulary

/// The rule for a tenant's slug, which becomes a host name.
package enum Slug {
    /// Names that a visitor would take for the vendor's own.
    package static let reserved: Set<String> = [
        "about", "abuse", "account", "accounts", "admin", "administrator", "api", "app", "apps", "assets", "auth", "autoconfig",
        "autodiscover",
        "backup", "billing", "blog", "cdn", "console", "contact", "control", "dashboard", "demo", "dev", "dns", "docs", "download",
        "downloads",
        "email", "files", "ftp", "health", "help", "holdfast", "host", "hostmaster", "id", "imap", "info", "internal", "legal", "localhost",
        "login", "logout", "mail", "media", "metrics", "monitoring", "mx", "news", "ns", "ns1", "ns2", "oauth", "oidc", "operator", "owner",
        "pay", "platform", "pop", "pop3", "portal", "postmaster", "privacy", "proxy", "root", "scim", "security", "signin", "signup",
        "smtp",
        "sso", "staff", "stage", "staging", "static", "status", "support", "system", "test", "sandbox", "production", "trust", "webmail",
        "well",
        "wpad", "www", "www1", "www2",
    ]

    /// Refused: hyphens (they separate slug and environment), anything that is no host label, what is too long with an environment's suffix, and reserved names.
    package static func check(_ text: String) throws(Refusal) -> String {
        guard Text.isSlug(text, hyphens: false) else {
            throw Refusal.invalid("slug-invalid", "Use 1 to 40 lower-case letters and digits, starting with a letter.", field: "slug")
        }
        guard !reserved.contains(text) else {
            throw Refusal.invalid("slug-reserved", "This name is kept for the platform itself. Choose another one.", field: "slug")
        }
        return text
    }

    static let taken = Refusal.conflict("slug-taken", "Another tenant has this name already. Choose another one.", field: "slug")
}
