import Hummingbird
import NIOCore
import Tenants
import Vocabulary
import Web

extension ShellCommands {
    private struct Wanted: Decodable { let place: String }

    /// Answers line by line, JSON each: `{"step": …}` while it goes on, then one `{"report": …}` or `{"problem": …}`.
    ///
    /// A move doesn't end when nobody reads on.
    func addMoveCommands(to router: Router<HoldfastContext>) {
        command("environment move", .post, "/environments/{label}/move", on: router) { request, context in
            let wanted = try await request.decode(Wanted.self, in: context)
            let environment = try await environment(context.parameter("label"))
            let (principal, tenants) = (context.principal, installation.tenants)
            let (steps, note) = AsyncStream.makeStream(of: MoveProgress.self, bufferingPolicy: .bufferingNewest(100))
            let move = Task {
                defer { note.finish() }
                return try await tenants.move(environment.id, to: wanted.place, by: principal) { note.yield($0) }
            }
            // Until the first step it may be refused, which an answer's status says best.
            var beginning = steps.makeAsyncIterator()
            guard let first = await beginning.next() else { return .json(describe(try await move.value)) }
            return .lines { sink in
                try await sink.write(Self.line(["step": describe(first)]))
                for await step in steps { try await sink.write(Self.line(["step": describe(step)])) }
                do {
                    try await sink.write(Self.line(["report": describe(try await move.value)]))
                } catch let refusal as Refusal {
                    try await sink.write(Self.line(["problem": .string(refusal.message)]))
                } catch {
                    installation.surroundings.logger.error("a move failed", metadata: ["error": "\(type(of: error))"])
                    try await sink.write(Self.line(["problem": "The move failed. The server's log says more."]))
                }
            }
        }
    }

    private static func line(_ value: JSONValue) -> ByteBuffer { ByteBuffer(string: value.text + "\n") }

    private func describe(_ progress: MoveProgress) -> JSONValue {
        ["name": .string(progress.step.rawValue), "rows": .integer(Int64(progress.rows)), "bytes": .integer(Int64(progress.bytes))]
    }

    private func describe(_ report: MoveReport) -> JSONValue {
        [
            "environment": .string(report.environment.description), "from": .string(report.from), "to": .string(report.to),
            "rows": .integer(Int64(report.rows)), "bytes": .integer(Int64(report.bytes)), "digest": .string(report.digest),
            "milliseconds": .integer(report.took.microseconds / 1000),
            "pause_milliseconds": .number(Double(report.pause.microseconds) / 1000),
            "old_copy_removed": .bool(report.isOldCopyRemoved),
        ]
    }
}
