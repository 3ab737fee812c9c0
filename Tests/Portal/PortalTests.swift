import Foundation
import Portal
import PortalSamples
import Testing

@Suite struct PagesTests {
    static let templates: Templates? = try? Templates()
    static let poisons = [
        "",
        "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{frame.nonce}}",
        // One character to Swift, two to a browser.
        "\"\u{301} onfocus=\u{22}\u{301}alert(1) <\u{338}b>&\u{301}lt;",
        "</textarea></title><svg/onload=alert(1)>\u{0}\u{202E}",
    ]

    private func html(_ sample: (name: String, page: any Page, frame: Frame)) throws -> String {
        try #require(Self.templates).html(sample.page, in: sample.frame)
    }

    @Test(arguments: poisons) func `every page is well-formed, whatever people typed`(poison: String) throws {
        for sample in Samples(poison: poison).all {
            let html = try html(sample)
            let markup: Markup
            do { markup = try Markup(html) } catch { throw Markup.Fault(description: "\(sample.name): \(error)") }
            #expect(!html.contains("alert(1)</script>"), "\(sample.name)")
            #expect(!html.contains("onload=alert(1)>"), "\(sample.name)")
            for element in markup.elements {
                let events = element.attributes.filter { $0.name.hasPrefix("on") }
                #expect(events.isEmpty, "\(sample.name) runs \(events)")
                #expect(!element.has("style"), "\(sample.name) styles <\(element.name)> in place")
                #expect(element.name != "style")
                if element.name == "script" { #expect(element["nonce"] == "n0nce" && element.has("src")) }
                if element["rel"] == "stylesheet" { #expect(element["nonce"] == "n0nce") }
                for address in ["href", "src", "action"].compactMap({ element[$0] }) {
                    #expect(!address.lowercased().hasPrefix("javascript:"))
                }
            }
        }
    }

    @Test func `every id is there once, and what refers to an id finds it`() throws {
        for sample in Samples().all {
            let elements = try Markup(html(sample)).elements
            let ids = elements.compactMap { $0["id"] }
            #expect(Set(ids).count == ids.count, "\(sample.name): \(Dictionary(grouping: ids) { $0 }.filter { $1.count > 1 }.keys)")
            for element in elements {
                for name in ["for", "aria-labelledby", "aria-describedby", "popovertarget"] {
                    for id in element[name]?.split(separator: " ") ?? [] {
                        #expect(ids.contains(String(id)), "\(sample.name): \(name)=\(id)")
                    }
                }
                if let target = element["href"], target.hasPrefix("#") {
                    #expect(ids.contains(String(target.dropFirst())), "\(sample.name): \(target)")
                }
            }
        }
    }

    @Test func `every control has a label, every page one heading, a main and a language`() throws {
        for sample in Samples().all {
            let elements = try Markup(html(sample)).elements
            let labelled = Set(elements.compactMap { $0["for"] })
            for control in elements where ["input", "select", "textarea"].contains(control.name) && control["type"] != "hidden" {
                let isLabelled = control["id"].map(labelled.contains) == true || control.ancestors.contains("label")
                #expect(isLabelled || control.has("aria-label"), "\(sample.name): \(control.attributes)")
            }
            #expect(elements.count { $0.name == "h1" } == 1, "\(sample.name)")
            #expect(elements.count { $0.name == "main" } == 1, "\(sample.name)")
            #expect(elements.first { $0.name == "html" }?["lang"] == "en")
            for table in elements.indices where elements[table].name == "table" {
                #expect(elements[table + 1].name == "caption", "\(sample.name)")
            }
            for picture in elements where picture.name == "svg" {
                #expect(picture.has("aria-hidden") || picture.has("aria-label"), "\(sample.name)")
            }
        }
    }

    @Test func `a page weighs at most 60 KB with style and script`() throws {
        for sample in Samples().all {
            let weight = Self.weight(of: try html(sample))
            #expect(weight <= 60 * 1024, "\(sample.name): \(weight)")
        }
    }

    /// With every asset that it loads.
    private static func weight(of html: String) -> Int {
        PortalFiles.assets.reduce(html.utf8.count) { $0 + (html.contains(PortalFiles.address(of: $1.key)) ? $1.value.utf8.count : 0) }
    }

    /// Lists that grow with the product are to stay far below the limit.
    @Test(arguments: [("trust", 46), ("trust-public", 42), ("trust-area", 47), ("records", 58)])
    func `pages with much on them leave room`(name: String, limit: Int) throws {
        let sample = try #require(Samples().all.first { $0.name == name })
        let weight = Self.weight(of: try html(sample))
        #expect(weight <= limit * 1000, "\(weight)")
    }

    @Test func `an area of promises has a page, and what is no area has none`() throws {
        let areas = Samples().trustAreas
        #expect(TrustAreaPage("/trust/xx", among: areas, isPublic: true) == nil)
        let overview = try html(("", TrustPage(lead: "", areas: areas, isPublic: true), Samples().lone))
        for area in ["id", "az", "tn", "da", "bk", "av", "gd", "lg", "sp", "in", "ev"] {
            #expect(overview.contains("href=\"/trust/\(area)\""))
            let page = try #require(TrustAreaPage("/trust/\(area)", among: areas, isPublic: true))
            #expect(try html(("", page, Samples().lone)).contains("id=\"\(area.uppercased())-1\""))
        }
    }

    @Test func `the executable holds every template and asset, as they are in the sources`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Portal").standardized
        for (folder, held, ending) in [("Templates", PortalFiles.templates, ".mustache"), ("Assets", PortalFiles.assets, "")] {
            let names = try FileManager.default.contentsOfDirectory(atPath: sources.appending(path: folder).path)
            #expect(Set(names) == Set(held.keys.map { $0 + ending }))
            for name in names {
                let text = try String(contentsOf: sources.appending(path: "\(folder)/\(name)"), encoding: .utf8)
                #expect(held[String(name.dropLast(ending.count))] == text, "\(name) changed after the build")
            }
        }
    }

    @Test func `templates never put text in unescaped`() {
        for (name, text) in PortalFiles.templates {
            // The QR code is our own drawing.
            #expect(!text.replacingOccurrences(of: "{{{drawing}}}", with: "").contains("{{{") && !text.contains("{{&"), "\(name)")
            #expect(!text.contains("style=\""), "\(name)")
        }
    }

    /// For looking at: `test-output/portal/*.html`.
    @Test func `pages are kept for looking at`() throws {
        let out = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../test-output/portal").standardized
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        for (name, text) in PortalFiles.assets { try Data(text.utf8).write(to: out.appending(path: name)) }
        for sample in Samples().all {
            var html = try html(sample)
            for name in PortalFiles.assets.keys { html = html.replacingOccurrences(of: PortalFiles.address(of: name), with: name) }
            try Data(html.utf8).write(to: out.appending(path: "\(sample.name).html"))
        }
    }
}
