import Mustache
import Vocabulary

/// All promises at a glance: how many are kept, and in which areas. Each area has a page of its own, ``TrustAreaPage``.
package struct TrustPage: Page {
    package enum State: String, Sendable, CaseIterable {
        case kept, broken, stale, unknown, attested, planned

        /// A mark of its own for each, so that colour is never the only difference.
        func mark(at x: Int) -> String {
            switch self {
            case .kept, .planned: "M\(x + 2) 2h9v9h-9z"
            case .broken: "M\(x) 7l6-6 6 6-6 6z"
            case .stale: "M\(x + 1) 12l5.5-10 5.5 10z"
            case .unknown: "M\(x + 1) 5h11v3h-11z"
            case .attested: "M\(x + 1) 7a5.5 5.5 0 1 1 11 0a5.5 5.5 0 1 1-11 0z"
            }
        }

        var label: String {
            switch self {
            case .kept: "Kept"
            case .broken: "Broken"
            case .stale: "Not checked lately"
            case .unknown: "Could not be checked"
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
        let name: String
        let address: String
        let said: String
        let width: Int
        let marks: [Mark]
        let controls: [Control]

        /// `id`: the letters before a promise's number, such as `ID`.
        package init(id: String, name: String, controls: [Control]) {
            address = "/trust/\(id.lowercased())"
            self.name = name
            self.controls = controls
            width = controls.count * 17
            marks = State.allCases.compactMap { state in
                let path = controls.enumerated().filter { $1.state == state }.map { index, _ in state.mark(at: index * 17) }.joined()
                return path.isEmpty ? nil : Mark(state: state.rawValue, path: path)
            }
            let trouble = [State.broken, .stale, .unknown].map { state in (state, controls.count { $0.state == state }) }.filter {
                $0.1 > 0
            }
            said =
                (["\(controls.count { $0.state == .kept }) of \(controls.count) kept"]
                + trouble.map { "\($0.1) \($0.0.label.lowercased())" }).joined(separator: ", ")
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

/// The promises of one area, whether each is kept, and how we know.
package struct TrustAreaPage: Page {
    package let template: String
    package let title: String
    package let crumbs = [Link("Promises and evidence", "/trust")]
    let head: Head
    let controls: [TrustPage.Control]
    /// The areas beside this one, in the order of the overview.
    let before: Link?
    let after: Link?

    /// Nil where `areas` has none at this address.
    package init?(_ address: String, among areas: [TrustPage.Area], isPublic: Bool) {
        guard let index = areas.firstIndex(where: { $0.address == address }) else { return nil }
        let area = areas[index]
        template = isPublic ? "trust-area-public" : "trust-area"
        title = area.name
        head = Head(area.name, lead: area.said + ".")
        controls = area.controls
        before = index > 0 ? Link(areas[index - 1].name, areas[index - 1].address) : nil
        after = index + 1 < areas.count ? Link(areas[index + 1].name, areas[index + 1].address) : nil
    }
}
