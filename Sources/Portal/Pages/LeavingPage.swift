import Tenants
import Vocabulary

/// A tenant on its way out, for operators: until when it may stay, how far the destruction has come, and the certificate of it.
package struct LeavingPage: Page {
    package struct Step: Sendable {
        let label: String
        let said: String
        let state: Pill
    }

    package let template = "leaving"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let notice: Remark
    let facts: [TenantPage.Fact]
    /// What is destroyed, in this order.
    let steps: [Step]
    let stay: Sheet?
    let certificate: String?
    let certificateText: String?
    package let refreshes: Bool

    package init(_ leaving: Leaving, stayRefusal: Refusal? = nil) {
        let name = leaving.name
        let address = "/tenants/\(leaving.slug)"
        title = "\(name) is leaving"
        crumbs = [Link("Tenants", "/tenants"), Link(name, address)]
        head = Head("Offboarding of \(name)", lead: leaving.slug, pill: leaving.stage.pill)
        notice =
            switch leaving.stage {
            case .window:
                Remark(
                    "Nothing can be changed there any more, everything can be exported and downloaded. On the day below all of it is destroyed: databases, keys, files, and every backup.",
                    tone: .warn)
            case .destroying:
                leaving.waiting.isEmpty
                    ? Remark("It is being destroyed. There is no way back.", tone: .warn)
                    : Remark(
                        "Not everything is destroyed: a place with backups is away. It is asked again each minute, and the certificate comes when it has answered.",
                        tone: .warn)
            case .gone:
                Remark("Nothing of it is left but its name, which nobody else gets, and the certificate below.", tone: .good)
            }
        facts =
            [
                .init("Ordered", Moment(leaving.requestedAt).text), .init("Destroyed from", Moment(leaving.endsAt).text),
                .init("Reason", leaving.reason.isEmpty ? "None was given" : leaving.reason),
            ] + (leaving.goneAt.map { [.init("Gone since", Moment($0).text)] } ?? [])
        steps = leaving.stage == .window ? [] : Self.steps(leaving.facts)
        stay =
            leaving.stage == .window
            ? Sheet(action: "\(address)/leaving/withdrawal", button: "Let \(name) stay", fields: [], refusal: stayRefusal) : nil
        certificate = leaving.certificate == nil ? nil : "\(address)/certificate"
        certificateText = leaving.certificate
        refreshes = leaving.stage == .destroying
    }

    private static func steps(_ facts: Leaving.Facts) -> [Step] {
        let environments = facts.environments.flatMap { environment in
            [
                Step(
                    label: "Keys of \(environment.label)", said: Numeral.count(environment.keys.count, "key"),
                    state: environment.keysDestroyedAt.pill(waiting: nil)),
                Step(
                    label: "Databases and files of \(environment.label)",
                    said: environment.objects.map { Numeral.count($0, "file") } ?? "Not counted yet",
                    state: (environment.objects == nil ? nil : environment.databaseDestroyedAt).pill(waiting: nil)),
            ]
        }
        return environments
            + facts.destinations.map {
                Step(
                    label: "Backups at \($0.name)", said: $0.waiting ?? Numeral.count($0.objects, "object"),
                    state: $0.confirmedAt.pill(waiting: $0.waiting))
            }
    }
}

extension Optional<String> {
    /// Of something with a moment at which it was destroyed.
    fileprivate func pill(waiting: String?) -> Pill {
        self == nil ? Pill(waiting == nil ? "To do" : "Waiting", .warn) : Pill("Destroyed", .good)
    }
}

extension Leaving.Stage {
    package var pill: Pill {
        switch self {
        case .window: Pill("Leaving", .warn)
        case .destroying: Pill("Being destroyed", .bad)
        case .gone: Pill("Gone", .note)
        }
    }
}
