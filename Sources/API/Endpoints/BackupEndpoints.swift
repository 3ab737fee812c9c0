import Backup
import HTTPTypes
import Hummingbird
import Jobs
import Records
import Recovery
import Tenants
import Vocabulary
import Web

extension Endpoint {
    /// What is kept, what was changed when, and whether it could be restored.
    static let backups: [Endpoint] = [
        Endpoint(.get, "/backups", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            return .json(try await call.recovery.standing(of: environment).document)
        },
        Endpoint(.get, "/backups/changes", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            let hours = try call.number("hours", in: 1...840) ?? 24
            let start = call.context.arrivedAt - .hours(hours)
            let changes = try await call.recovery.changes(of: environment, since: start, each: .hours(1))
            return .json(["changes": .array(changes.map(\.document))])
        },
        Endpoint(.get, "/backups/comparison", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            guard let moment = try call.text("at").flatMap({ Instant($0) }) else {
                throw Refusal.invalid("moment", "A moment looks like 2026-11-21T07:37:42Z.", field: "at")
            }
            let visible = Set(try await call.workspace().collections.list(by: call.actor()).map(\.id))
            let (found, differences) = try await call.recovery.preview(of: environment, at: .moment(moment)) { visible.contains($0) }
            return .json([
                "commit": .string("\(found.commit.generation):\(found.commit.ordinal)"),
                "time": found.time.map { .string($0.description) } ?? .null, "collections": .array(differences.map(\.document)),
            ])
        },
        Endpoint(.get, "/backups/drills", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            return .json(["drills": .array(try await Drills(call.recovery).list(of: environment.id).map(\.document))])
        },
    ]

    static let restores: [Endpoint] = [
        Endpoint(.get, "/restores", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            return .json(["restores": .array(try await call.parts.restores.list(of: environment).map(\.document))])
        },
        Endpoint(.post, "/restores", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            try call.context.requireRecentProof()
            let actor = try call.actor()
            let order = try await call.body(RestoreWish.self).order(in: call.workspace(), by: actor)
            return try await call.parts.restores.order(order, in: environment, by: actor).restoring()
        },
        Endpoint(.get, "/restores/{operation}", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            return .json(try await call.parts.restores.find(call.operation(), of: environment).document)
        },
        Endpoint(.post, "/restores/{operation}/undo", needs: .manageBackups) { call in
            let environment = try await call.backedUp()
            try call.context.requireRecentProof()
            let order = try await call.parts.restores.undoing(call.operation(), of: environment)
            return try await call.parts.restores.order(order, in: environment, by: call.actor()).restoring()
        },
    ]
}

extension Call {
    fileprivate var recovery: Recovery { parts.restores.recovery }

    /// The environment, once it is clear that the visitor may look at its backups.
    fileprivate func backedUp() async throws -> HostedEnvironment {
        try await workspace().roles.require(.manageBackups, by: actor())
        return try await parts.tenants.environment(context.requireEnvironment())
    }
}

extension Jobs.Operation {
    /// 202, and where to look.
    fileprivate func restoring() throws -> Response {
        .json(
            Restore(self)?.document ?? document, status: .accepted,
            headers: [.location: "\(API.base)/restores/\(id)", .retryAfter: "1"])
    }
}
