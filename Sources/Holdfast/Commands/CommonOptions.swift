import ArgumentParser
import Foundation

/// What every command that talks to a running server takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: "The running server's data directory.")
    var data: String = ProcessInfo.processInfo.environment["HOLDFAST_DATA"] ?? "./data"

    @Flag(name: .long, help: "Print the answer as JSON.")
    var json = false

    var server: LocalServer { LocalServer(data: data) }

    /// Prints JSON where asked for, else what `human` makes of the answer.
    func show(_ answer: Any, _ human: (Any) -> Void) throws {
        guard json else { return human(answer) }
        let data = try JSONSerialization.data(
            withJSONObject: answer, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
        Terminal.say(String(decoding: data, as: UTF8.self))
    }

    func table(_ answer: Any, _ columns: [(heading: String, key: String)], empty: String) throws {
        try show(answer) { answer in
            let rows = answer as? [[String: Any]] ?? []
            guard !rows.isEmpty else { return Terminal.note(empty) }
            Terminal.table([columns.map(\.heading)] + rows.map { row in columns.map { text(row[$0.key]) } })
        }
    }
}

func text(_ value: Any?) -> String {
    switch value {
    case nil, is NSNull: "–"
    case let value as String: value
    case let values as [Any]: values.map { text($0) }.joined(separator: ", ")
    case let value?: "\(value)"
    }
}

extension String {
    /// Safe as one path segment of a request.
    var segment: String {
        addingPercentEncoding(
            withAllowedCharacters: CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")) ?? ""
    }
}
