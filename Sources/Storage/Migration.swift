/// One step of a schema, append-only: once released, it never changes.
package struct Migration: Sendable {
    /// Unique within its schema, such as `identity_0001_accounts`.
    package let name: String
    package let statements: @Sendable (Dialect) -> [SQL]
    /// Run in each new database where an engine makes it by copying one: what a step drew at random must differ in each.
    package let afterCopy: @Sendable (Dialect) -> [SQL]

    package init(
        _ name: String, afterCopy: @escaping @Sendable (Dialect) -> [SQL] = { _ in [] },
        _ statements: @escaping @Sendable (Dialect) -> [SQL]
    ) {
        self.name = name
        self.statements = statements
        self.afterCopy = afterCopy
    }

    /// For a step that is the same in every dialect.
    package init(_ name: String, _ statements: [SQL]) {
        self.init(name) { _ in statements }
    }
}

/// All steps of one kind of database, in the order in which they are applied.
///
/// Each component brings its own list; a new step goes to the end of its component's list. What was applied is
/// recorded by name, so that components grow independently.
package struct Schema: Sendable {
    /// `control` or `environment`.
    package let name: String
    package let migrations: [Migration]

    package init(name: String, _ components: [Migration]...) {
        self.name = name
        self.migrations = components.flatMap(\.self)
    }
}
