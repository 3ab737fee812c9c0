/// Why backups of a cluster can't be used; the text is for its operator.
package enum PgBackRestFault: Error, Sendable, Hashable, CustomStringConvertible {
    case notInstalled
    case noPassphrase(String)
    case noStanza(String)
    /// The repository can't be decrypted with the passphrase that was given.
    case wrongPassphrase
    /// The command's own words, and its exit code.
    case failed(verb: String, code: Int32, reason: String)
    case tooLong(verb: String)
    /// What the command said is not what it should say.
    case unreadable(String)
    /// The log of the moment is not all there.
    case logMissing(String)
    /// The server on what was restored didn't start, or not in time.
    case scratch(String)

    /// By pgBackRest's exit code and words.
    init(_ verb: String, _ result: Program.Result) {
        if result.wasTooLong {
            self = .tooLong(verb: verb)
            return
        }
        let reason = Self.reason(result.errors) ?? Self.reason(result.output) ?? "it ended with \(result.code) and said nothing"
        self = Self.isEncrypted(reason) ? .wrongPassphrase : .failed(verb: verb, code: result.code, reason: reason)
    }

    /// What `info` says of a repository that it can't use.
    init(_ problem: String) {
        self = Self.isEncrypted(problem) ? .wrongPassphrase : .failed(verb: "info", code: 0, reason: String(problem.prefix(400)))
    }

    /// A file of the repository is no text after it was decrypted, or could not be.
    private static func isEncrypted(_ reason: String) -> Bool {
        reason.contains("CryptoError") || reason.contains("cipher header") || reason.contains("[FormatError] unable to load info file")
            || reason.contains("key/value found outside of section")
    }

    /// `ERROR: [055]: unable to …` and the hints below it, in one line.
    private static func reason(_ text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            line.drop { $0 == " " }
        }
        guard let first = lines.firstIndex(where: { $0.contains("ERROR: [") }) else { return lines.first.map { String($0.prefix(400)) } }
        var words = String(lines[first][(lines[first].range(of: "ERROR: [")?.lowerBound ?? lines[first].startIndex)...])
        for line in lines[(first + 1)...].prefix(4) where line.hasPrefix("HINT") { words += " " + line }
        return String(words.prefix(600))
    }

    /// Of a database that was to be left out and isn't there.
    var unknownDatabase: String? {
        guard case .failed("restore", _, let reason) = self else { return nil }
        return reason.firstMatch(of: /database to exclude '([^']+)' does not exist/).map { String($0.1) }
    }

    package var description: String {
        switch self {
        case .notInstalled: "there is no command pgbackrest here: install it (on Debian, apt install pgbackrest)"
        case .noPassphrase(let path): "the passphrase's file \(path) can't be read"
        case .noStanza(let name): "the repository has no stanza '\(name)': make it with pgbackrest --stanza=\(name) stanza-create"
        case .wrongPassphrase: "the repository can't be decrypted: its passphrase is another one"
        case .failed(let verb, let code, let reason): "pgbackrest \(verb) ended with \(code): \(reason)"
        case .tooLong(let verb): "pgbackrest \(verb) took too long and was ended"
        case .unreadable(let reason): "pgbackrest said what can't be read: \(reason)"
        case .logMissing(let reason): "a piece of the log is missing from the repository: \(reason)"
        case .scratch(let reason): "the server on what was restored can't be used: \(reason)"
        }
    }
}

extension Substring {
    fileprivate func range(of word: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(word) { return start..<index(start, offsetBy: word.count) }
            start = index(after: start)
        }
        return nil
    }
}
