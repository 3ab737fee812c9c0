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
}
