import Audit
import Controls
import Storage
import TestSupport
import Testing
import Vocabulary

@Suite struct ControlResultsTests {
    @Test func `before any check everything is unknown`() async throws {
        let fixture = try await PlatformFixture()
        let list = try await fixture.results.list()
        #expect(list.count == 88)
        #expect(list.map(\.control.id) == Control.all.map(\.id))
        #expect(list.allSatisfy { $0.state == .unknown && $0.checkedAt == nil })
        #expect(
            list[0].json.text == """
                {"checked_at":null,"evidence":null,"id":"ID-1","kind":"automated","state":"unknown","title":"One account per person"}
                """)
    }

    @Test func `a result passes, grows stale and comes back`() async throws {
        let fixture = try await PlatformFixture()
        let control = try #require(Control.find("DA-7"))
        try await fixture.results.file(.kept("All well.", ["handshakes": 5]), of: control)
        let fresh = try #require(try await fixture.results.find("DA-7"))
        #expect(fresh.state == .pass)
        #expect(fresh.evidence == ["handshakes": 5, "summary": "All well."])
        fixture.clock.advance(by: control.freshness - .seconds(1))
        #expect(try await fixture.results.find("DA-7")?.state == .pass)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await fixture.results.find("DA-7")?.state == .stale)
        try await fixture.results.file(.broken("Not well."), of: control)
        #expect(try await fixture.results.find("DA-7")?.state == .fail)
        fixture.clock.advance(by: .days(-2))
        #expect(try await fixture.results.find("DA-7")?.state == .stale, "a check in the future is none")
    }

    @Test func `each turn is audited once, with the control and its state`() async throws {
        let fixture = try await PlatformFixture()
        let control = try #require(Control.find("TN-1"))
        for evidence in [Evidence.kept("a"), .kept("b"), .broken("c"), .broken("d"), .kept("e")] {
            try await fixture.results.file(evidence, of: control)
            fixture.clock.advance(by: .minutes(1))
        }
        try await fixture.results.file(nil, of: control, reason: "no time")
        let turns = try await AuditEntries(database: fixture.control).page(.init(events: ["control_turned"])).entries.reversed()
        #expect(turns.map { $0.fields.map(\.text) } == [["TN-1", "pass"], ["TN-1", "fail"], ["TN-1", "pass"], ["TN-1", "unknown"]])
        #expect(turns.allSatisfy { $0.actor == "platform:controls" })
        let history = try await fixture.results.history(of: "TN-1")
        #expect(history.map(\.state) == [.unknown, .pass, .fail, .fail, .pass, .pass])
    }

    @Test func `the history of a control stays short`() async throws {
        let fixture = try await PlatformFixture()
        let control = try #require(Control.find("TN-1"))
        for _ in 0..<210 {
            try await fixture.results.file(.kept("a"), of: control)
            fixture.clock.advance(by: .minutes(1))
        }
        #expect(try await fixture.results.history(of: "TN-1", limit: 1000).count == 200)
    }

    @Test func `a round checks all that can be checked and says so of the rest`() async throws {
        let fixture = try await PlatformFixture()
        let list = try await fixture.rounds().checkAll()
        #expect(list.count == 88)
        for listing in list {
            switch listing.control.id {
            // Nothing listens in this fixture, nobody issues tokens, there is no operator, nothing is shipped, and nobody left.
            case "DA-7", "LG-2", "AV-8", "GD-1", "GD-3", "ID-11", "ID-17", "TN-11":
                #expect(listing.state == .unknown && listing.checkedAt != nil)
            case _ where listing.control.area == "BK" && listing.control.kind == .automated:
                #expect(listing.state == .unknown && listing.checkedAt != nil)
            // It has no pages.
            case "AZ-5": #expect(listing.state == .fail, "\(listing.json.text)")
            // Its databases are files, or lie on a server on this machine.
            case "AV-3": #expect(listing.state == .unknown && listing.checkedAt != nil)
            case "AV-1": #expect(listing.state == (TestEngine.isPostgres ? .pass : .unknown))
            case "DA-6": #expect(listing.state == (TestEngine.isPostgres ? .unknown : .pass), "\(listing.json.text)")
            case _ where listing.control.kind == .automated: #expect(listing.state == .pass, "\(listing.control.id): \(listing.json.text)")
            default: #expect(listing.state == .unknown && listing.checkedAt == nil)
            }
        }
        #expect(try await fixture.rounds().check("ID-5") == nil)
        #expect(try await fixture.rounds().check("nonsense") == nil)
        #expect(try await fixture.rounds().check("TN-1")?.state == .pass)
    }

    @Test func `a probe's canaries and scratch places are gone afterwards`() async throws {
        let fixture = try await PlatformFixture()
        let before = try fixture.keyring.owners()
        for id in ["DA-6", "AZ-6", "LG-1"] {
            do { _ = try await fixture.check(id) } catch is CannotProbe {}
        }
        #expect(Set(try fixture.keyring.owners()) == Set(before))
    }
}
