import Records
import Testing
import Vocabulary

struct HandoverTests {
    @Test func `who takes over answers for the records, and history keeps who made them`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let record = try await f.workspace.records.create(["number": "1"], in: "flights", by: f.editor)
        let (maker, second, third) = try (id(f.editor), id(f.reader), id(f.administrator))
        let handovers = f.workspace.handovers
        #expect(try await handovers.keeper(of: record.createdBy, by: f.owner) == maker)
        #expect(await f.refusal { try await handovers.handOver(from: maker, to: second, by: f.editor) }?.kind == .forbidden)
        #expect(await f.refusal { try await handovers.handOver(from: maker, to: maker, by: f.owner) }?.kind == .invalid)
        try await handovers.handOver(from: maker, to: second, by: f.owner)
        try await handovers.handOver(from: second, to: third, by: f.owner)
        #expect(try await handovers.keeper(of: record.createdBy, by: f.owner) == third)
        #expect(try await f.restarted().handovers.keeper(of: record.createdBy, by: f.owner) == third)
        #expect(try await f.workspace.records.find(record.id, in: "flights", by: f.owner).createdBy == .account(maker))
        // Somebody comes back, and who took over leaves in turn: no circle.
        try await handovers.handOver(from: third, to: maker, by: f.owner)
        #expect(try await handovers.keeper(of: record.createdBy, by: f.owner) == maker)
        #expect(try await handovers.keeper(of: .account(third), by: f.owner) == maker)
        #expect(try await handovers.keeper(of: .platform("demo"), by: f.owner) == nil)
        #expect(try await f.events().filter { $0 == "records_handed_over" }.count == 3)
    }

    private func id(_ actor: Actor) throws -> AccountID { try #require(actor.principal.account) }
}
