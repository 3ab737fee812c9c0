import Mustache
import Vocabulary

/// Every promise, whether it is kept, and how we know.
package struct TrustPage: Page {
    package enum State: String, Sendable, CaseIterable {
        case kept, broken, stale, attested, planned

        /// A mark of its own for each, so that colour is never the only difference; `x` is left to the caller.
        var shape: String {
            switch self {
            case .kept: " 2m2 0h9v9h-9z"
            case .broken: " 7m.5 0 6 -6 6 6 -6 6z"
            case .stale: " 12m1 0 5.5 -10 5.5 10z"
            case .attested: " 7m1 0a5.5 5.5 0 1 1 11 0a5.5 5.5 0 1 1-11 0z"
            case .planned: " 2m2 0h9v9h-9z"
            }
        }

        var label: String {
            switch self {
            case .kept: "Kept"
            case .broken: "Broken"
            case .stale: "Not checked lately"
            case .attested: "Attested"
            case .planned: "Planned"
            }
        }
    }

    package struct Control: Sendable, MustacheParent {
        let id: String
        let promise: String
        let evidence: String?
        let checked: Moment?
        let state: State

        /// `evidence`: what the last check found; `checked`: when.
        package init(id: String, promise: String, state: State, evidence: String?, checked: Moment?) {
            self.id = id
            self.promise = promise
            self.state = state
            self.evidence = evidence
            self.checked = checked
        }

        package func child(named name: String) -> Any? {
            switch name {
            case "id": id
            case "promise": promise
            case "evidence": evidence
            case "checked": checked
            case "state": state.rawValue
            case "label": state.label
            default: nil
            }
        }
    }

    /// The marks of one state in an area's row.
    struct Mark: Sendable {
        let state: String
        let path: String
    }

    package struct Area: Sendable {
        let id: String
        let name: String
        let said: String
        let width: Int
        let marks: [Mark]
        let controls: [Control]

        package init(id: String, name: String, controls: [Control]) {
            self.id = "area-\(id.lowercased())"
            self.name = name
            self.controls = controls
            width = controls.count * 17
            marks = State.allCases.compactMap { state in
                let path = controls.enumerated().filter { $1.state == state }.map { index, _ in "M\(index * 17)\(state.shape)" }.joined()
                return path.isEmpty ? nil : Mark(state: state.rawValue, path: path)
            }
            said = "\(controls.count { $0.state == .kept }) of \(controls.count) kept"
        }
    }

    struct Arc: Sendable {
        let state: String
        let length: Int
        let gap: Int
        let offset: Int
        let total: Int
    }

    struct Count: Sendable {
        let state: String
        let label: String
        let count: Int
    }

    package let template: String
    package let title = "Trust"
    let head: Head
    let total: Int
    let kept: Int
    let summary: String
    let arcs: [Arc]
    let counts: [Count]
    let areas: [Area]

    /// `isPublic`: without the frame, for visitors of the apex who aren't signed in.
    package init(lead: String, areas: [Area], isPublic: Bool) {
        template = isPublic ? "trust-public" : "trust"
        head = Head("Promises and evidence", lead: lead)
        self.areas = areas
        let all = areas.flatMap(\.controls)
        let total = all.count
        self.total = total
        var arcs: [Arc] = []
        var counts: [Count] = []
        var offset = 0
        for state in State.allCases {
            let count = all.count { $0.state == state }
            guard count > 0 else { continue }
            arcs.append(Arc(state: state.rawValue, length: count, gap: total - count, offset: -offset, total: total))
            counts.append(Count(state: state.rawValue, label: state.label.lowercased(), count: count))
            offset += count
        }
        kept = all.count { $0.state == .kept }
        self.arcs = arcs
        self.counts = counts
        summary = counts.map { "\($0.count) \($0.label)" }.joined(separator: ", ")
    }

    /// The same in small, for the home page.
    package var digest: HomePage.Trust {
        HomePage.Trust(
            kept: kept, total: total, summary: summary, text: summary + ".",
            bars: arcs.map { HomePage.Bar(state: $0.state, x: -$0.offset, width: $0.length) })
    }
}
