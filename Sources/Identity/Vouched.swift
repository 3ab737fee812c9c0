/// Roles that were found to be not above those of the one who gives or takes them, in each environment of the tenant.
///
/// What a customer's own role allows is defined in environments, and the control plane doesn't know it. Without this, only owners and
/// administrators give and take roles; and nobody else ever gives those two, whatever was vouched for.
package struct Vouched: Sendable, Hashable {
    /// Nil where nobody looked.
    let roles: Set<Role>?

    package static let nothing = Vouched(roles: nil)

    package init(_ names: [String]) { self.init(roles: Set(names.compactMap(Role.init))) }

    private init(roles: Set<Role>?) { self.roles = roles }
}
