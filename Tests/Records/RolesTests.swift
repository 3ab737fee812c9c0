import Records
import Testing
import Vocabulary

struct RolesTests {
    @Test func `the built-in roles allow what their names say`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let records = f.workspace.records
        #expect(await f.refusal { try await records.create(["number": "1"], in: "flights", by: f.reader) }?.kind == .forbidden)
        #expect(await f.refusal { try await f.workspace.collections.delete("flights", by: f.editor) }?.kind == .forbidden)
        // For whoever may not view a collection, it is not there.
        #expect(await f.refusal { try await records.list(in: "flights", Query(), by: f.stranger) }?.kind == .notFound)
        #expect(await f.refusal { try await f.workspace.collections.find("flights", by: f.stranger) }?.kind == .notFound)
        #expect(try await f.workspace.collections.list(by: f.stranger).isEmpty)
        #expect(try await f.workspace.roles.permissions(of: f.reader).allows(.export, in: flights.id))
        #expect(await f.refusal { try await f.workspace.roles.list(by: f.editor) }?.kind == .forbidden)
    }

    @Test func `a custom role opens one collection and nothing else, from the next request on`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let guest = Actor(principal: f.stranger.principal, roles: ["guest"])
        try await f.workspace.roles.define(
            "guest", label: "Guest", permissions: Permissions(collections: [flights.id: [.view]]), by: f.administrator)
        #expect(try await f.workspace.collections.list(by: guest).map(\.slug) == ["flights"])
        #expect(await f.refusal { try await f.workspace.records.create(["number": "1"], in: "flights", by: guest) }?.kind == .forbidden)
        try await f.workspace.roles.set(.create, in: flights.id, of: "guest", to: true, by: f.administrator)
        try await f.workspace.records.create(["number": "1"], in: "flights", by: guest)
        try await f.workspace.roles.remove("guest", by: f.administrator)
        #expect(await f.refusal { try await f.workspace.records.list(in: "flights", Query(), by: guest) }?.kind == .notFound)
    }

    @Test func `nobody grants more than they have`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let limited = Permissions(everywhere: [.view, .manageRoles, .managePeople], collections: [flights.id: [.edit]])
        try await f.workspace.roles.define("steward", label: "Steward", permissions: limited, by: f.owner)
        let steward = Actor(principal: f.stranger.principal, roles: ["steward"])
        let roles = f.workspace.roles
        try await roles.define("helper", label: "Helper", permissions: Permissions(collections: [flights.id: [.view, .edit]]), by: steward)
        let beyond = await f.refusal {
            try await roles.define("helper", label: "Helper", permissions: Permissions(everywhere: [.edit]), by: steward)
        }
        #expect(beyond?.code == "beyond-own-permissions")
        #expect(
            await f.refusal { try await roles.set(.delete, in: flights.id, of: "steward", to: true, by: steward) }?.code
                == "beyond-own-permissions")
        #expect(await f.refusal { try await roles.requireGrantable(["administrator"], by: steward) }?.kind == .forbidden)
        #expect(await f.refusal { try await roles.requireGrantable(["owner"], by: f.administrator) }?.kind == .forbidden)
        #expect(await f.refusal { try await roles.requireGrantable(["nobody"], by: f.owner) }?.kind == .invalid)
        try await roles.requireGrantable(["steward", "helper"], by: f.administrator)
        #expect(
            await f.refusal { try await roles.define("owner", label: "x", permissions: Permissions(), by: f.owner) }?.code
                == "built-in-role")
        #expect(await f.refusal { try await roles.define("No", label: "x", permissions: Permissions(), by: f.owner) }?.kind == .invalid)
    }

    @Test func `nobody widens a role, held or not, beyond what they have`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let roles = f.workspace.roles
        let own = Permissions(everywhere: [.manageRoles], collections: [flights.id: [.view, .create]])
        try await roles.define("steward", label: "Steward", permissions: own, by: f.owner)
        let steward = Actor(principal: f.stranger.principal, roles: ["steward"])
        for (permission, collection) in [(Permission.edit, flights.id as CollectionID?), (.view, nil), (.managePeople, nil)] {
            for role in ["steward", "helper"] {
                if role == "helper" { try await roles.define("helper", label: "Helper", permissions: Permissions(), by: f.owner) }
                let refusal = await f.refusal { try await roles.set(permission, in: collection, of: role, to: true, by: steward) }
                #expect(refusal?.code == "beyond-own-permissions", "\(role) \(permission)")
            }
        }
        #expect(try await roles.permissions(of: steward) == own)
        // Nor do they take what they don't have.
        try await roles.define("boss", label: "Boss", permissions: Permissions(everywhere: [.view, .edit]), by: f.owner)
        #expect(
            await f.refusal { try await roles.define("boss", label: "Boss", permissions: Permissions(), by: steward) }?.code
                == "beyond-own-permissions")
        #expect(await f.refusal { try await roles.remove("boss", by: steward) }?.code == "beyond-own-permissions")
    }

    @Test func `a copy has what its model has, under a name of its own`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let roles = f.workspace.roles
        let narrow = Permissions(collections: [flights.id: [.view, .create, .share]])
        try await roles.define("gate", label: "Gate", permissions: narrow, by: f.administrator)
        let copy = try await roles.create(label: "Gate", like: "gate", avoiding: ["gate-2"], by: f.administrator)
        #expect(copy.name == "gate-3" && copy.permissions == narrow)
        #expect(try await roles.create(label: "夜勤", by: f.owner).name == "role")
        #expect(try await roles.create(label: "2nd shift", by: f.owner).name == "role-2nd-shift")
        #expect(try await roles.rename("gate-3", to: "Gate staff", by: f.owner).permissions == narrow)
        #expect(await f.refusal { try await roles.create(label: "Mine", like: Role.editor, by: f.editor) }?.kind == .forbidden)
        #expect(await f.refusal { try await roles.create(label: "Mine", like: "nothing", by: f.owner) }?.kind == .notFound)
        #expect(await f.refusal { try await roles.create(label: "  ", by: f.owner) }?.kind == .invalid)
    }

    @Test func `who gives a role must have what it allows in every environment`() async throws {
        let f = try await Fixture()
        let sandbox = try await f.neighbour()
        let roles = f.workspace.roles
        let own = Permissions(everywhere: [.view, .managePeople])
        try await roles.define("steward", label: "Steward", permissions: own, by: f.owner)
        try await roles.define("helper", label: "Helper", permissions: Permissions(everywhere: [.view]), by: f.owner)
        let steward = Actor(principal: f.stranger.principal, roles: ["steward"])
        try await roles.requireGrantable(["helper"], elsewhere: { [sandbox] }, by: steward)
        try await sandbox.roles.define("helper", label: "Helper", permissions: Permissions(everywhere: [.view, .delete]), by: f.owner)
        let refusal = await f.refusal { try await roles.requireGrantable(["helper"], elsewhere: { [sandbox] }, by: steward) }
        #expect(refusal?.code == "beyond-own-permissions")
        try await roles.requireGrantable(["helper"], taking: ["gone"], elsewhere: { [sandbox] }, by: f.administrator)
    }

    @Test func `an outlook shows what a holder meets, and reads no record`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let roles = f.workspace.roles
        try await roles.define(
            "gate", label: "Gate", permissions: Permissions(collections: [flights.id: [.view, .create]]), by: f.owner)
        let outlook = try await roles.outlook(of: ["gate", "never-defined"], by: f.administrator)
        #expect(outlook.roles.map(\.name) == ["gate"] && outlook.views.map(\.collection.slug) == ["flights"])
        #expect(outlook.views.first?.permissions == [.view, .create])
        #expect(outlook.hidden.map(\.slug) == ["carriers"] && outlook.environment.isEmpty)
        #expect(await f.refusal { try await roles.outlook(of: ["gate"], by: f.reader) }?.kind == .forbidden)
        // Who doesn't see a collection is not told of it here either.
        let steward = Actor(principal: f.stranger.principal, roles: ["steward"])
        try await roles.define(
            "steward", label: "S", permissions: Permissions(everywhere: [.manageRoles, .managePeople], collections: [flights.id: [.view]]),
            by: f.owner)
        #expect(try await roles.outlook(of: [Role.owner], by: steward).views.map(\.collection.slug) == ["flights"])
        let reach = try await roles.reach(by: steward)
        #expect(reach.map(\.collection.slug) == ["flights"])
        #expect(reach.first?.roles(allowing: .create) == ["administrator", "editor", "gate", "owner"])
        #expect(reach.first?.permissions(ofHolderOf: ["gate", "reader"]) == [.view, .create, .export])
        #expect(await f.refusal { try await roles.reach(by: f.editor) }?.kind == .forbidden)
    }

    @Test func `an export breaks off when the right to it ends`() async throws {
        let f = try await Fixture()
        try await f.flights()
        for number in 0..<501 { try await f.workspace.records.create(["number": .string("\(number)")], in: "flights", by: f.editor) }
        var pages = 0
        let refusal = await f.refusal {
            for try await _ in try await f.workspace.exports.stream("flights", as: .csv, by: f.reader, asLongAs: { false }) { pages += 1 }
        }
        #expect(pages == 1 && refusal?.kind == .unauthenticated)
    }
}
