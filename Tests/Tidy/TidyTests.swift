import Foundation
import Testing

@Suite struct TidyTests {
    let repository = Repository()

    @Test func `a target imports only what stands below it and what it declared`() throws {
        let layers = Layers(manifest: try repository.text("Package.swift"))
        let targets = Set(try repository.swiftSources().map(\.target))
        #expect(targets.subtracting(layers.order).isEmpty, "targets that the manifest's reader did not find")
        #expect(try repository.swiftSources().flatMap(layers.problems).joined(separator: "\n") == "")
    }

    @Test func `the reader of imports sees a breach`() {
        let layers = Layers(
            manifest: """
                let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
                layer("Vocabulary", []),
                layer("Storage", ["Vocabulary", .product(name: "HTTPTypes", package: "swift-http-types")]),
                layer("StorageSQLite", ["Vocabulary", "Storage", grdb]),
                """)
        #expect(layers.order == ["Vocabulary", "Storage", "StorageSQLite"])
        #expect(layers.declared["Storage"] == ["Vocabulary", "HTTPTypes"])
        #expect(layers.problems(of: SourceFile(path: "Sources/StorageSQLite/A.swift", text: "import GRDB\nimport Storage")) == [])
        #expect(layers.problems(of: SourceFile(path: "Sources/Vocabulary/A.swift", text: "import Storage")).count == 1)
        #expect(layers.problems(of: SourceFile(path: "Sources/Storage/A.swift", text: "@preconcurrency import GRDB")).count == 1)
        #expect(layers.problems(of: SourceFile(path: "Sources/Storage/A.swift", text: "import struct Crypto.SHA256")).count == 1)
    }

    @Test func `no source file is longer than one story`() throws {
        // A list of words is data.
        let data = ["Sources/Identity/CommonPasswordList.swift"]
        let long = try repository.swiftSources().filter { $0.lines.count > 450 && !data.contains($0.path) }.map {
            "\($0.path): \($0.lines.count) lines"
        }
        #expect(long.joined(separator: "\n") == "")
    }

    @Test func `what can end the process or blind the compiler has a reason beside it`() throws {
        let words = ["try!", "fatalError(", "as!", "@unchecked Sendable", "nonisolated(unsafe)", "preconditionFailure(", "assumeIsolated"]
        var found: [String] = []
        for file in try repository.swiftSources() {
            for word in words { found += file.unexplained(word).map { "\(file.path):\($0): \(word)" } }
        }
        #expect(found.joined(separator: "\n") == "")
    }

    @Test func `the search for reasons sees a missing one`() {
        let file = SourceFile(
            path: "Sources/A/A.swift",
            text: "let a = try! b()\n\n\n// Can't fail: a literal.\nlet c = try! d()\nlet e = f as! G  // checked above")
        #expect(file.unexplained("try!") == [1])
        #expect(file.unexplained("as!") == [])
    }

    @Test func `what is remembered of people is changed only where it is forgotten, too`() throws {
        // `ControlPlane.write` forgets what was invalidated; a write past it would leave it in memory.
        let past = try repository.swiftSources().filter { file in file.lines.contains { $0.contains("plane.database.write") } }.map(\.path)
        #expect(past == [])
    }

    @Test func `only the command line prints`() throws {
        let printing = try repository.swiftSources().filter { $0.target != "Holdfast" }
            .flatMap { file in
                file.lines.indices
                    .filter { file.lines[$0].contains(/(^|[^\w.])print\(/) && !file.lines[$0].contains("//") }
                    .map { "\(file.path):\($0 + 1)" }
            }
        #expect(printing.joined(separator: "\n") == "")
    }

    @Test func `nothing is left for later without an issue`() throws {
        // Spelt apart, so that this line is not itself found.
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        let paths =
            try repository.files(below: "Sources", endings: [".swift", ".c", ".h", ".mustache", ".css", ".js"])
            + repository.files(below: "Tests", endings: [".swift", ".py"]) + repository.files(below: "docs", endings: [".md"])
        let found = try paths.filter { path in
            let text = try repository.text(path)
            return words.contains { word in text.contains(try! Regex("\\b\(word)\\b")) }
        }
        #expect(found == [])
    }

    @Test func `every target opens with a page that says what it promises`() throws {
        let byTarget = Dictionary(grouping: try repository.swiftSources(), by: \.target)
        let silent = byTarget.filter { target, files in
            !files.contains { file in file.lines.first { !$0.isEmpty }?.hasPrefix("// \(target)") == true }
        }
        #expect(silent.keys.sorted() == [])
    }

    @Test func `the files that a repository owes its readers are there`() {
        let owed = [
            "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "docs/architecture.md", ".swift-format", ".ci/run",
            "script/bootstrap", "script/server", "script/test", "script/format", "script/bench",
        ]
        #expect(owed.filter { !repository.exists($0) } == [])
    }

    @Test func `links between documents lead somewhere`() throws {
        let documents = try ["README.md", "CONTRIBUTING.md", "SECURITY.md"] + repository.files(below: "docs", endings: [".md"])
        var broken: [String] = []
        for document in documents {
            let folder = (document as NSString).deletingLastPathComponent
            for match in try repository.text(document).matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) {
                let target = String(match.1)
                if target.contains("://") || target.hasPrefix("mailto:") { continue }
                if !repository.exists((folder as NSString).appendingPathComponent(target)) { broken.append("\(document): \(target)") }
            }
        }
        #expect(broken.joined(separator: "\n") == "")
    }

    @Test func `the resolved versions are not committed`() throws {
        #expect(try repository.text(".gitignore").split(separator: "\n").contains("Package.resolved"))
    }

    @Test func `the process maps no SQLite but our own`() throws {
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        #expect(!maps.contains("libsqlite3.so"))
    }
}
