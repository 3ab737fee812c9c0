import Audit
import Crypto
import Identity
import Sealing
import Storage
import Vocabulary

/// The register of further ways to tell of alarms.
package struct AlarmRoutes: Sendable {
    /// Most routes of one side: each alarm goes all of them.
    package static let most = 20

    let plane: ControlPlane
    private let keyring: Keyring
    private let watch: AlarmWatch
    private let reach: Reach

    package init(_ plane: ControlPlane, keyring: Keyring, watch: AlarmWatch, reach: Reach) {
        self.plane = plane
        self.keyring = keyring
        self.watch = watch
        self.reach = reach
    }

    package func list(_ side: AlarmSide, by principal: Principal) async throws -> [AlarmRoute] {
        try await plane.database.read { reader in
            try AlarmDesk.require(side, by: principal, in: reader)
            return try AlarmRoute.all(of: side, in: reader)
        }
    }

    /// The route, and for a webhook the secret that its messages are signed with; it is shown this once.
    /// - Throws: ``Refusal`` `mail-address`, `webhook-address`, `alarm-routes-full`, `alarm-route-exists`
    package func add(
        _ kind: AlarmRoute.Kind, to typed: String, threshold: AlarmSeverity = .notice, for side: AlarmSide, by principal: Principal
    ) async throws -> (route: AlarmRoute, secret: String?) {
        let target = try AlarmRoute.target(typed, kind, plain: !reach.inside.isEmpty)
        let (now, id) = (plane.clock.now(), AlarmRouteID(at: plane.clock.now(), entropy: plane.entropy))
        let secret = kind == .webhook ? Secret(plane.entropy.bytes(32)) : nil
        let sealed = try secret.map { try Self.sealer(keyring).seal($0, context: Self.context(id)) }
        let route = try await plane.write { transaction in
            try AlarmDesk.require(side, by: principal, in: transaction)
            let present = try AlarmRoute.all(of: side, in: transaction)
            guard present.count < Self.most else {
                throw Refusal.conflict("alarm-routes-full", "There are \(Self.most) routes already. Remove one first.", field: "target")
            }
            guard !present.contains(where: { $0.target.lowercased() == target.lowercased() }) else {
                throw Refusal.conflict("alarm-route-exists", "Alarms go there already.", field: "target")
            }
            try transaction.run(
                """
                INSERT INTO alarm_route (id, tenant, kind, target, threshold, secret, since, added_by)
                VALUES (\(id), \(side.tenant), \(kind.rawValue), \(target), \(threshold.rawValue), \(sealed), \(now), \(principal.keptName))
                """)
            try plane.audit.record(.alarmRouteAdded(route: id, kind: kind.rawValue), by: principal, at: now, in: transaction)
            guard let route = try AlarmRoute.find(id, in: transaction) else { throw Refusal.notFound("route") }
            return route
        }
        return (route, secret.map(Webhook.text(of:)))
    }

    /// That a route is gone is an alarm itself, and the last one that goes this way.
    package func remove(_ id: AlarmRouteID, of side: AlarmSide, by principal: Principal) async throws -> AlarmRoute {
        try await plane.write { transaction in
            let route = try Self.find(id, of: side, by: principal, in: transaction)
            try plane.audit.record(.alarmRouteRemoved(route: id), by: principal, at: plane.clock.now(), in: transaction)
            // After the event: until now the alarm that it raised goes there too.
            try transaction.run("DELETE FROM alarm_route WHERE id = \(id)")
            return route
        }
    }

    /// Sends a test this one way.
    package func test(_ id: AlarmRouteID, of side: AlarmSide, by principal: Principal) async throws -> AlarmRoute {
        try await plane.write { transaction in
            let route = try Self.find(id, of: side, by: principal, in: transaction)
            try watch.tryOut(route, by: principal, at: plane.clock.now(), in: transaction)
            return route
        }
    }

    private static func find(_ id: AlarmRouteID, of side: AlarmSide, by principal: Principal, in reader: any Reader) throws -> AlarmRoute {
        try AlarmDesk.require(side, by: principal, in: reader)
        guard let route = try AlarmRoute.find(id, in: reader), route.side == side else { throw Refusal.notFound("route") }
        return route
    }

    static func sealer(_ keyring: Keyring) throws -> Sealer { try keyring.sealer(for: .control, purpose: .sealedColumns) }
    static func context(_ id: AlarmRouteID) -> SealingContext { SealingContext(.control, object: "alarm_route/\(id)") }
}
