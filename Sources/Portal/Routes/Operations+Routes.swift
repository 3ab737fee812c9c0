import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Records
import Vocabulary
import Web

/// Long work, while it goes on and afterwards.
extension Portal {
    func addOperations(to router: Router<HoldfastContext>) {
        room("/operations", on: router) { room in
            try room.requireWork()
            let before = room.request.query("before").flatMap { OperationID($0) }
            let after = room.request.query("after").flatMap { OperationID($0) }
            let length = 50
            let found = try await room.workspace.imports.operations(
                before: before, after: after, limit: length + 1, by: room.actor)
            let hasMore = found.count > length
            let operations = after == nil ? Array(found.prefix(length)) : Array(found.suffix(length))
            let names = try await room.names(ofStarters: operations)
            let rows = operations.map { operation in
                OperationsPage.Row(
                    label: Self.label(of: operation), address: Self.address(of: operation), said: Self.said(operation),
                    who: names[operation.startedBy] ?? "", state: operation.state.pill, at: Moment(operation.createdAt))
            }
            let next = hasMore || after != nil ? operations.last.map { "/operations?before=\($0.id)" } : nil
            let hasPrevious = after == nil ? before != nil : hasMore
            let previous = hasPrevious ? operations.first.map { "/operations?after=\($0.id)" } : nil
            let pager = previous == nil && next == nil ? nil : Pager(said: "", previous: previous, next: next)
            return try room.show(OperationsPage(operations: rows, pager: pager), current: "Activity")
        }
        room("/operations/{id}", on: router) { room in
            try room.requireWork()
            return try await room.showOperation(try room.context.id("id", what: "operation"))
        }
        deed("/operations/{id}/cancel", on: router) { room, _ in
            let id: OperationID = try room.context.id("id", what: "operation")
            try await room.workspace.imports.cancel(id, by: room.actor)
            return try room.go("/operations/\(id)", Notice(.done, "It stops at the next step."))
        }
        router.get("/operations/{id}/events") { request, context -> Response in
            let room = try await enter(request, context)
            try room.requireWork()
            let id: OperationID = try context.id("id", what: "operation")
            _ = try await room.workspace.imports.operation(id, by: room.actor)
            let updates = try await parts.operations(room.environment.id).updates(of: id)
            return .events { sink in
                for try await operation in updates {
                    guard try await room.isWelcome() else { return }
                    let total = operation.total.map { JSONValue.integer(Int64($0)) } ?? .null
                    let state: JSONValue = [
                        "state": .string(operation.state.rawValue), "done": .integer(Int64(operation.done)), "total": total,
                        "text": .string(Self.said(operation)),
                    ]
                    try await sink.send(ServerEvent(state, name: "progress"))
                }
            }
        }
        room("/operations/{id}/report", on: router) { room in
            try room.requireWork()
            let id: OperationID = try room.context.id("id", what: "operation")
            let report = try await room.workspace.imports.report(id, by: room.actor)
            return .download(name: "refused-lines-\(id).csv", type: "text/csv; charset=utf-8") { sink in
                try await sink.write(ByteBuffer(bytes: Exports.csv(of: report)))
            }
        }
    }

    fileprivate static func label(of operation: Operation) -> String {
        operation.kind == "import" ? "Import" : RecordText.capitalised(operation.kind.replacing("-", with: " "))
    }

    fileprivate static func address(of operation: Operation) -> String {
        switch operation.kind {
        case "restore": "/backups/restores/\(operation.id)"
        case "own-copy": "/backups/own-copies"
        default: "/operations/\(operation.id)"
        }
    }

    /// What it does now; how far it is, as a share, since what is counted differs from work to work.
    fileprivate static func said(_ operation: Operation) -> String {
        let share = operation.state == .running ? operation.fraction.map { "\(Int($0 * 100)) %" } : nil
        let parts = [share, operation.message].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? operation.state.pill.label : parts.joined(separator: " · ")
    }
}

extension Jobs.Operation.State {
    var pill: Pill {
        switch self {
        case .queued: Pill("Waiting", .plain)
        case .running: Pill("Running", .info)
        case .succeeded: Pill("Finished", .good)
        case .failed: Pill("Failed", .bad)
        case .cancelled: Pill("Stopped", .warn)
        }
    }
}

extension Room {
    /// Whoever may import somewhere has work to look at; whose, the domain decides.
    fileprivate func requireWork() throws {
        guard permissions.allowsAnywhere(.import) || permissions.allowsAnywhere(.design) else { throw Refusal.notFound("page") }
    }

    func names(ofStarters operations: [Jobs.Operation]) async throws -> [String: String] {
        var authors: [String: Author] = [:]
        for operation in operations {
            authors[operation.startedBy] = Author(operation.startedBy.replacing("/", with: ":", maxReplacements: 1))
        }
        let names = try await names(of: authors.values)
        return authors.compactMapValues { names[$0] }
    }

    fileprivate func showOperation(_ id: OperationID) async throws -> Response {
        let operation = try await workspace.imports.operation(id, by: actor)
        let who = try await names(ofStarters: [operation])[operation.startedBy] ?? ""
        var notice: Remark?
        var refused: OperationPage.Refused?
        if operation.kind == "import", operation.state.isFinal {
            let report = try? await workspace.imports.report(id, by: actor)
            if let report {
                if operation.state == .succeeded {
                    let collection = collections.first { $0.id == report.collection }
                    notice = Remark(
                        "\(Numeral.count(report.imported, "record")) imported\(report.refused > 0 ? ", \(Numeral.count(report.refused, "line")) refused" : "").",
                        tone: report.refused > 0 ? .warn : .good, link: collection.map { Link("See \($0.name)", "/collections/\($0.slug)") }
                    )
                }
                if report.refused > 0 { refused = Self.refused(report, operation) }
            }
        }
        if operation.state == .failed { notice = Remark(operation.message, tone: .bad) }
        let isOpen = !operation.state.isFinal
        let mayCancel = isOpen && !operation.isCancelling
        let page = OperationPage(
            head: Head(Portal.label(of: operation), pill: operation.state.pill), events: isOpen ? "/operations/\(id)/events" : nil,
            cancel: mayCancel ? "/operations/\(id)/cancel" : nil,
            done: operation.state == .succeeded ? operation.total ?? max(operation.done, 1) : operation.done,
            total: operation.total ?? max(operation.done, 1), said: Portal.said(operation), started: Moment(operation.createdAt),
            finished: operation.finishedAt.map { Moment($0) }, who: who, notice: notice, refused: refused)
        return try show(page, current: "Activity")
    }

    private static func refused(_ report: ImportReport, _ operation: Jobs.Operation) -> OperationPage.Refused {
        let shown = 100
        let lines = report.lines.prefix(shown).map { line in
            OperationPage.RefusedLine(
                number: line.line, field: line.reasons.first?.field ?? "", reason: line.reasons.map(\.message).joined(separator: " "))
        }
        let all = Numeral.count(report.refused, "line")
        let text = operation.state == .succeeded ? "\(all) left out. The rest is in." : "\(all) refused, and nothing was imported."
        return .init(
            text: report.refused > shown ? "\(text) The first \(shown) are shown." : text, download: "/operations/\(operation.id)/report",
            lines: Array(lines))
    }
}
