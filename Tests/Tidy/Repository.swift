// Tidy: what a compiler does not check. Layers, length, forbidden words, and the files that a repository owes its readers.
import Foundation

/// The checkout that this test was compiled from.
struct Repository {
    let root: URL

    init() {
        root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// Paths of all files below `folder` with one of the endings, relative to the root, sorted.
    func files(below folder: String, endings: [String]) throws -> [String] {
        let base = root.appending(path: folder).path
        return try FileManager.default.subpathsOfDirectory(atPath: base)
            .filter { path in endings.contains { path.hasSuffix($0) } && !path.contains("__pycache__") }
            .map { "\(folder)/\($0)" }
            .sorted()
    }

    func swiftSources() throws -> [SourceFile] {
        try files(below: "Sources", endings: [".swift"]).map { SourceFile(path: $0, text: try text($0)) }
    }
}

/// One Swift file below `Sources`.
struct SourceFile {
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var target: String {
        String(path.split(separator: "/")[1])
    }

    /// The modules of all `import` lines.
    var imports: [String] {
        lines.compactMap { line in
            var words = line.split(separator: " ")
            if let first = words.first, first.hasPrefix("@") { words.removeFirst() }
            if let first = words.first, ["package", "public", "internal", "private"].contains(String(first)) { words.removeFirst() }
            guard words.count >= 2, words[0] == "import" else { return nil }
            // `import struct Foundation.Date` names the module second.
            let name =
                ["struct", "class", "enum", "protocol", "func", "typealias", "var", "let"].contains(String(words[1]))
                ? words.last : words[1]
            return name.map { String($0.prefix { $0 != "." }) }
        }
    }

    /// Line numbers at which `word` is used with no reason given: none on the line itself, nor in a comment straight above.
    func unexplained(_ word: String) -> [Int] {
        lines.indices.filter { index in
            let line = lines[index].trimmingCharacters(in: .whitespaces)
            guard line.contains(word), !line.hasPrefix("//") else { return false }
            if line.contains("//") { return false }
            guard index > 0 else { return true }
            return !lines[max(0, index - 2)..<index].contains { $0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }
        }
        .map { $0 + 1 }
    }
}
