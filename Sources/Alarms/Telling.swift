import Identity
import Storage
import Vocabulary

/// An alarm in words, with the names that it had when it was raised.
struct Telling: Sendable {
    private let sighting: Sighting
    private let id: AlarmID
    private let now: Instant
    private let product: String
    private let address: String
    private let who: String
    private let whom: String?
    private let tenant: String?

    init(
        _ sighting: Sighting, _ id: AlarmID, by principal: Principal, at now: Instant, product: String, origin: String,
        in reader: any Reader
    ) throws {
        self.sighting = sighting
        self.id = id
        self.now = now
        self.product = product
        who = try Self.name(of: principal, product: product, in: reader)
        whom = try sighting.subject.flatMap { try Accounts.find($0, in: reader)?.identifier }
        var host = origin
        var name: String?
        if let tenant = sighting.side.tenant, let row = try reader.row("SELECT name, slug FROM tenant WHERE id = \(tenant)") {
            name = try row.get(0)
            let slug: String = try row.get(1)
            if let scheme = origin.range(of: "://") { host.insert(contentsOf: "\(slug).", at: scheme.upperBound) }
        }
        tenant = name
        address = "\(host)/alarms/\(id)"
    }

    /// One line: what happened, to whom, where.
    var sentence: String {
        let place = tenant.map { " of \($0)" } ?? ""
        let whom = whom ?? "Somebody"
        return switch sighting.rule {
        case .newOperator: "\(whom) is now an operator of \(product)"
        case .newAdministrator: "\(whom) is now \(sighting.detail)\(place)"
        case .ban: "\(product) banned \(sighting.detail)"
        case .intrusion: "An intrusion attempt: \(product) banned \(sighting.detail)"
        case .recoveryCode: "\(whom)\(place) signed in with a recovery code"
        case .factorReset: "Second factors of \(whom)\(place) are reset: \(sighting.detail)"
        case .passkeyCopy: "A passkey of \(whom)\(place) may have been copied"
        case .risk: "Somebody may be at work in the name of \(whom)\(place): \(sighting.detail)"
        case .productionAccess: "\(whom) may now act on production, as \(sighting.detail)"
        case .control: "\(product) doesn't keep promise \(sighting.detail)"
        case .routeRemoved: "Alarms\(place) no longer go to \(sighting.detail)"
        case .restore: "\(sighting.detail)\(place) is being brought back to an earlier moment"
        case .drillFailed: "\(sighting.detail) could not be restored in a drill"
        case .ownCopyFailed: "The customer's file of \(sighting.detail) could not be made"
        case .trial: "A test of the alarms\(place)"
        }
    }

    var subject: String {
        let line = "Alarm: \(sentence)"
        return line.count <= 200 ? line : String(line.prefix(199)) + "…"
    }

    func text(isLast: Bool) -> String {
        """
        Hello,

        \(sentence).
        It was done by \(who), at \(now.description).

        \(sighting.rule.advice)
        \(isLast ? "\nThis is number \(AlarmWatch.mostInAnHour) of its kind within an hour. Further ones are listed, and not sent until it is calmer.\n" : "")
        \(address)

        """
    }

    var webhook: JSONValue {
        [
            "type": "alarm.raised", "timestamp": .string(now.description),
            "data": [
                "id": .string(id.description), "rule": .string(sighting.rule.rawValue),
                "severity": .string(sighting.rule.severity.rawValue), "summary": .string(sentence),
                "tenant": tenant.map { .string($0) } ?? .null, "subject": whom.map { .string($0) } ?? .null, "actor": .string(who),
                "detail": .string(sighting.detail), "url": .string(address),
            ],
        ]
    }

    private static func name(of principal: Principal, product: String, in reader: any Reader) throws -> String {
        switch principal.kind {
        case .account(let id): try Accounts.find(id, in: reader)?.identifier ?? "a former member"
        case .client: "an application"
        case .shell(let user): "\(user) at the server's command line"
        case .platform: product + " itself"
        case .anonymous: "somebody who was not signed in"
        }
    }
}
