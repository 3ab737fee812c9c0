import Controls
import Testing
import Vocabulary

@Suite struct CatalogueTests {
    @Test func `all 88 promises are listed, in their order`() {
        let areas = [
            ("ID", 18), ("AZ", 7), ("TN", 14), ("DA", 9), ("BK", 10), ("AV", 9), ("GD", 5), ("LG", 5), ("SP", 4), ("IN", 3), ("EV", 4),
        ]
        #expect(Control.all.map(\.id) == areas.flatMap { area, count in (1...count).map { "\(area)-\($0)" } })
        #expect(Control.all.count == 88)
    }

    @Test func `each says what it promises and where the promise comes from`() {
        for control in Control.all {
            #expect((8...60).contains(control.title.count), "\(control.id): \(control.title.count)")
            #expect(control.statement.count >= 40 && control.statement.hasSuffix("."), "\(control.id)")
            #expect(!control.seeds.isEmpty, "\(control.id)")
            #expect(Control.areaTitle(control.area) != control.area)
        }
        #expect(Set(Control.all.map(\.title)).count == 88)
        #expect(Set(Control.all.map(\.statement)).count == 88)
    }

    @Test func `what no probe checks is planned, and what one checks has a freshness`() {
        for control in Control.all {
            #expect((control.kind == .automated) == (control.probe != nil), "\(control.id)")
            if control.probe != nil { #expect(control.freshness > .zero, "\(control.id)") }
        }
        let automated = Set(Control.all.filter { $0.kind == .automated }.map(\.id))
        #expect(
            automated.isSuperset(of: [
                "ID-2", "ID-3", "ID-4", "ID-10", "ID-15", "AZ-1", "AZ-6", "TN-1", "DA-6", "DA-7", "DA-8", "GD-1", "LG-1", "LG-2", "LG-3",
            ]))
    }
}
