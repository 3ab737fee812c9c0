import Controls
import Hummingbird
import Vocabulary
import Web

/// Promises and their evidence: for everybody at the apex, and inside each environment.
extension Portal {
    func addPublicTrust(to router: Router<HoldfastContext>) {
        router.get("/trust") { request, context -> Response in
            try lone(TrustPage(lead: Self.trustLead, areas: try await trustAreas(), isPublic: true), request, context)
        }
        router.get("/trust/{area}") { request, context -> Response in
            try lone(try await trustArea(context, isPublic: true), request, context)
        }
    }

    func addTrust(to router: Router<HoldfastContext>) {
        room("/trust", on: router) { room in
            try room.show(TrustPage(lead: Self.trustLead, areas: try await trustAreas(), isPublic: false), current: "Trust")
        }
        room("/trust/{area}", on: router) { room in
            try room.show(try await trustArea(room.context, isPublic: false), current: "Trust")
        }
    }

    private static let trustLead =
        "Every promise we make, whether it is kept right now, and how we know. What nothing checks yet is called planned."

    private func trustArea(_ context: HoldfastContext, isPublic: Bool) async throws -> TrustAreaPage {
        let address = "/trust/\(try context.parameter("area"))"
        guard let page = TrustAreaPage(address, among: try await trustAreas(), isPublic: isPublic) else { throw Refusal.notFound("page") }
        return page
    }

    func trustAreas() async throws -> [TrustPage.Area] {
        var areas: [(id: String, controls: [TrustPage.Control])] = []
        for listing in try await parts.controls.list() {
            let control = TrustPage.Control(
                id: listing.control.id, promise: listing.control.statement, state: Self.state(of: listing),
                evidence: Self.sentence(listing.evidence), checked: listing.checkedAt.map { Moment($0) })
            if areas.last?.id == listing.control.area {
                areas[areas.count - 1].controls.append(control)
            } else {
                areas.append((listing.control.area, [control]))
            }
        }
        return areas.map { TrustPage.Area(id: $0.id, name: Control.areaTitle($0.id), controls: $0.controls) }
    }

    private static func state(of listing: ControlListing) -> TrustPage.State {
        switch (listing.control.kind, listing.state) {
        case (.planned, _): .planned
        case (.attested, .pass): .attested
        case (_, .pass): .kept
        case (_, .fail): .broken
        case (_, .unknown) where listing.checkedAt != nil: .unknown
        case (_, .stale), (_, .unknown): .stale
        }
    }

    /// Why something could not be checked stands beside those words already.
    private static func reason(_ text: String) -> String {
        guard text.hasPrefix(ControlRounds.couldNot) else { return String(text.prefix(300)) }
        let rest = text.dropFirst(ControlRounds.couldNot.count).prefix(300)
        return rest.prefix(1).uppercased() + rest.dropFirst()
    }

    /// Evidence in a line: its own summary, or its few facts.
    private static func sentence(_ evidence: JSONValue?) -> String? {
        guard let evidence else { return nil }
        if let text = evidence["summary"]?.string ?? evidence["finding"]?.string ?? evidence.string { return reason(text) }
        guard let members = evidence.object else { return nil }
        let facts = members.sorted { $0.key < $1.key }.prefix(4).compactMap { name, value -> String? in
            switch value {
            case .string(let text): "\(name.replacing("_", with: " ")) \(text.prefix(60))"
            case .integer(let number): "\(name.replacing("_", with: " ")) \(number)"
            case .bool(let isTrue): "\(name.replacing("_", with: " ")) \(isTrue ? "yes" : "no")"
            default: nil
            }
        }
        return facts.isEmpty ? nil : String(facts.joined(separator: ", ").prefix(200))
    }
}
