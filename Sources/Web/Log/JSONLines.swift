import Foundation
import Logging
import Synchronization
import Vocabulary

/// A log handler that writes one JSON object per line: `at`, `level`, `message`, `component` and the metadata's names.
package struct JSONLines: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    private let label: String
    private let sink: LogSink
    private let clock: any Clock

    package init(label: String, level: Logger.Level = .info, sink: LogSink, clock: any Clock) {
        self.label = label
        logLevel = level
        self.sink = sink
        self.clock = clock
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line: [UInt8] = []
        line.reserveCapacity(320)
        line.append(contentsOf: "{\"at\":\"".utf8)
        line.append(contentsOf: clock.now().description.utf8)
        line.append(contentsOf: "\",\"level\":\"".utf8)
        line.append(contentsOf: event.level.rawValue.utf8)
        line.append(contentsOf: "\",\"component\":".utf8)
        JSONValue.write(label, to: &line)
        line.append(contentsOf: ",\"message\":".utf8)
        JSONValue.write(event.message.description, to: &line)
        for (name, value) in metadata where event.metadata?[name] == nil { Self.write(name, value, to: &line) }
        if let more = event.metadata {
            for (name, value) in more { Self.write(name, value, to: &line) }
        }
        line.append(contentsOf: "}\n".utf8)
        sink.write(line, now: event.level >= .error)
    }

    private static let ownNames: Set<String> = ["at", "level", "component", "message"]

    private static func write(_ name: String, _ value: Logger.Metadata.Value, to line: inout [UInt8]) {
        guard !ownNames.contains(name) else { return }
        line.append(UInt8(ascii: ","))
        JSONValue.write(name, to: &line)
        line.append(UInt8(ascii: ":"))
        write(value, to: &line)
    }

    private static func write(_ value: Logger.Metadata.Value, to line: inout [UInt8]) {
        switch value {
        case .string(let text): JSONValue.write(text, to: &line)
        case .stringConvertible(let number as Int): line.append(contentsOf: String(number).utf8)
        case .stringConvertible(let number as Int64): line.append(contentsOf: String(number).utf8)
        case .stringConvertible(let other): JSONValue.write(other.description, to: &line)
        case .array(let values):
            line.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                write(value, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            line.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                JSONValue.write(member.key, to: &line)
                line.append(UInt8(ascii: ":"))
                write(member.value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
    }
}
