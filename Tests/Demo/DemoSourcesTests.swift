import Testing
import Vocabulary

@testable import Demo

@Suite struct DemoSourcesTests {
    static let list = """
        Package: zlib1g
        Source: zlib (1:1.2.13)
        Version: 1:1.2.13.dfsg-1
        Installed-Size: 168
        Maintainer: Somebody Private <somebody@private.example>
        Architecture: amd64
        Depends: libc6 (>= 2.14)
        Description: compression library - runtime
        Tag: role::shared-lib,
         use::storing
        Section: contrib/libs
        Priority: required
        Size: 86516

        Package: 0ad
        Version: 0.0.26-3
        Maintainer: Debian Games Team <pkg-games-devel@lists.alioth.debian.org>
        Architecture: amd64
        Description: Real-time strategy game of ancient warfare
        Homepage: https://play0ad.com/
        Section: games
        Essential: yes

        Package: 0ad
        Version: 0.0.1
        Section: games

        Package: nameless-version
        Section: games
        """

    @Test func `a list of packages is read, sorted, and each name counts once`() throws {
        let records = PackageRecord.read([UInt8](Self.list.utf8))
        #expect(records.map(\.name) == ["0ad", "zlib1g"])
        let zlib = try #require(records.last)
        #expect(zlib.version == "1:1.2.13.dfsg-1")
        #expect(zlib.source == "zlib")
        #expect(zlib.section == "libs")
        #expect(zlib.installedSize == 168)
        #expect(zlib.downloadSize == 86516)
        #expect(zlib.essential == false)
        #expect(records.first?.version == "0.0.26-3")
        #expect(records.first?.essential == true)
    }

    @Test func `nothing, rubbish and a cut-off list do no harm`() {
        #expect(PackageRecord.read([]) == [])
        #expect(PackageRecord.read([0xFF, 0xFE, 0x0A, 0x0A, 0x3A]) == [])
        #expect(PackageRecord.read([UInt8]("Package: a\nVersion: 1".utf8)).map(\.name) == ["a"])
    }

    @Test func `a team keeps its name, a person becomes a number`() {
        var records = PackageRecord.read([UInt8](Self.list.utf8))
        var person = PackageRecord()
        person.maintainer = "Jane Doe <jane@lists.example.org>"
        records.append(person)
        let maintainers = Maintainers(of: records)
        #expect(maintainers.all.map(\.name) == ["Debian Games Team", "Individual 0001", "Individual 0002"])
        let text = "\(maintainers.all)"
        #expect(!text.contains("Somebody") && !text.contains("private.example") && !text.contains("Jane"))
    }

    @Test func `people are the same on every run and pass for real ones`() {
        #expect(DemoPerson.named("ada") == DemoPerson.named("ada@acme.example"))
        #expect(Set(DemoPerson.all.map(\.password)).count == DemoPerson.all.count)
        #expect(Set(DemoPerson.all.map(\.factorSecret)).count == DemoPerson.all.count)
        #expect(DemoPerson.all.allSatisfy { $0.factorSecret.count == 20 && $0.password.count >= 20 })
        #expect(DemoPerson.named("ada")?.password == "barley-cinder-clover-teasel-72")
    }

    @Test(.enabled(if: CountryCodes() != nil, "iso-codes is not installed"))
    func `the lists of codes are whole`() throws {
        let codes = try #require(CountryCodes())
        #expect(codes.countries.count > 240)
        #expect(codes.currencies.count > 150)
        #expect(codes.languages.count > 7000)
        #expect(codes.subdivisions.count > 4000)
        let countries = Set(codes.countries.map(\.alpha_2))
        #expect(codes.subdivisions.filter { !countries.contains($0.country) }.map(\.code) == [])
    }

    @Test func `what this machine offers names no person`() throws {
        let sources = try Sources.ofThisMachine()
        #expect(!sources.packages.isEmpty || sources.codes != nil)
        let maintainers = Maintainers(of: sources.packages)
        #expect(maintainers.all.filter { $0.name.contains("@") || ($0.host?.contains("@") ?? false) }.map(\.name) == [])
        #expect(Set(maintainers.all.map(\.name)).count == maintainers.all.count)
        let tenants = DemoTenant.all(from: sources)
        #expect(tenants.map(\.slug) == ["acme", "meridian", "harbour"])
        for table in tenants.flatMap(\.tables) {
            let titles = table.records.compactMap { $0[table.title]?.string }
            #expect(titles.count == table.records.count, "\(table.slug)")
            for field in table.fields where field.unique {
                let values = table.records.compactMap { $0[field.key]?.string }
                #expect(Set(values).count == values.count, "\(table.slug).\(field.key)")
            }
            let long = table.records.flatMap(\.values).compactMap(\.string).filter { $0.utf8.count > 1000 || $0.contains("\n") }
            #expect(long == [], "\(table.slug)")
        }
    }
}
