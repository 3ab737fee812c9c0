import Vocabulary

/// A control as it stands now: what lists show.
package struct ControlListing: Sendable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case pass
        case fail
        /// It passed or failed, but too long ago.
        case stale
        /// Never checked, or the last check could not find out.
        case unknown
    }

    package let control: Control
    package let state: State
    package let checkedAt: Instant?
    /// What the last check found.
    package let evidence: JSONValue?
    /// Since when it has been in the state that was found.
    package let since: Instant?

    /// `{id, title, kind, state, checked_at, evidence}`: what the API and the command line give out.
    package var json: JSONValue {
        [
            "id": .string(control.id), "title": .string(control.title), "kind": .string(control.kind.rawValue),
            "state": .string(state.rawValue), "checked_at": checkedAt.map { .string($0.description) } ?? .null,
            "evidence": evidence ?? .null,
        ]
    }
}
