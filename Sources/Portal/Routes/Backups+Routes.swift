import Backup
import HTTPTypes
import Hummingbird
import Jobs
import Records
import Recovery
import Tenants
import Vocabulary
import Web

/// The way back: what is kept, what was changed when, and restores.
extension Portal {
    func addBackups(to router: Router<HoldfastContext>) {
        room("/backups", on: router) { try await BackupRoom($0).showAll() }
        room("/backups/moment", on: router) { try await BackupRoom($0).showMoment() }
        deed("/backups/restores", on: router) { room, form in
            let backups = try await BackupRoom(room)
            try room.context.requireRecentProof()
            return try await backups.order(form)
        }
        room("/backups/restores/{id}", on: router) { try await BackupRoom($0).showRestore() }
        deed("/backups/restores/{id}/undo", on: router) { room, _ in
            let backups = try await BackupRoom(room)
            try room.context.requireRecentProof()
            return try await backups.undo()
        }
        router.get("/backups/restores/{id}/events") { request, context -> Response in
            let backups = try await BackupRoom(try await enter(request, context))
            let room = backups.room
            let id = try backups.id()
            _ = try await parts.restores.find(id, of: room.environment)
            let updates = try await parts.operations(room.environment.id).updates(of: id)
            return .events { sink in
                for try await operation in updates {
                    guard try await room.isWelcome() else { return }
                    let total = operation.total.map { JSONValue.integer(Int64($0)) } ?? .null
                    try await sink.send(
                        ServerEvent(
                            [
                                "state": .string(operation.state.rawValue), "done": .integer(Int64(operation.done)), "total": total,
                                "text": .string(operation.message),
                            ], name: "progress"))
                }
            }
        }
        deed("/backups/copies/{id}/remove", on: router) { room, _ in
            _ = try await BackupRoom(room)
            try room.context.requireRecentProof()
            let copy: EnvironmentID = try room.context.id("id", what: "copy")
            try await parts.restores.remove(copy, of: room.tenant.id, by: room.actor, in: room.environment)
            return try room.go("/backups", Notice(.done, "The copy is gone, with its key and its backups."))
        }
    }
}

/// A visit to an environment's backups.
struct BackupRoom: Sendable {
    let room: Room
    private var recovery: Recovery { room.parts.restores.recovery }
    private var now: Instant { room.parts.clock.now() }

    init(_ room: Room) async throws {
        try await room.workspace.roles.require(.manageBackups, by: room.actor)
        self.room = room
    }

    func id() throws -> OperationID { try room.context.id("id", what: "restore") }

    // MARK: All

    func showAll() async throws -> Response {
        let standing: Standing
        do {
            standing = try await recovery.standing(of: room.environment)
        } catch let refusal as Refusal where refusal.code.hasPrefix("backup") {
            var page = BackupsPage(because: refusal)
            page.ownCopies = Self.ownCopies(room)
            return try room.show(page, current: "Backups")
        }
        let restores = try await room.parts.restores.list(of: room.environment)
        let names = try await room.names(ofStarters: restores.map(\.operation))
        let copy = try await room.parts.tenants.environments(of: room.tenant.id).first { $0.kind == .restored && $0.state == .active }
        let drills = try await Drills(recovery).list(of: room.environment.id)
        let first = standing.earliest
        var page = BackupsPage(
            lead: first.map {
                "\(standing.isOfCluster ? "Every change is kept." : "Every change is kept the moment it is made.") Any second since \(Moment($0, toTheSecond: true).text) can be had back."
            }
                ?? "A first copy is being made. From then on, any second can be had back.",
            notice: gap(standing), facts: facts(standing, drills.first), timeLine: try await timeLine(standing),
            pick: Sheet(
                action: "/backups/moment", button: "Compare",
                fields: [
                    FormField(
                        "at", "Date and time, in UTC", .dateTime, value: String(now.description.prefix(19)), isRequired: true)
                ]),
            beside: room.environment.kind == .restored
                ? nil
                : copy.map {
                    .init(
                        label: $0.label, address: address(of: $0.label), remove: "/backups/copies/\($0.id)/remove",
                        since: Moment($0.createdAt))
                },
            restores: restores.map { restore in
                .init(
                    label: Self.label(restore), address: "/backups/restores/\(restore.operation.id)", said: Self.said(restore),
                    who: names[restore.operation.startedBy] ?? "", state: restore.operation.state.pill,
                    at: Moment(restore.operation.createdAt))
            },
            copies: standing.copies.map { .init(at: Moment($0.at), size: BackupText.bytes($0.size), why: Self.why($0)) },
            promise: Self.promise(standing, room.environment.kind), drills: .init(drills))
        page.ownCopies = Self.ownCopies(room)
        return try room.show(page, current: "Backups")
    }

    /// They hold everything.
    private static func ownCopies(_ room: Room) -> String? {
        room.may(.view) && room.may(.export) ? "one file each week with everything, for you to keep" : nil
    }

    private func address(of label: String) -> String {
        room.context.origin.replacing("//\(room.environment.label).", with: "//\(label).", maxReplacements: 1) + "/"
    }

    private func gap(_ standing: Standing) -> Remark? {
        if let failure = standing.failure {
            return Remark("Nothing reaches the backups at the moment: \(failure). Its operator has to look at it.", tone: .bad)
        }
        guard standing.stretches.count > 1, let last = standing.stretches.last else { return nil }
        return Remark(
            "Backups were interrupted before \(Moment(last.from).text). Moments in a gap can't be restored; those before it can.",
            tone: .warn)
    }

    private func facts(_ standing: Standing, _ drill: Drill?) -> [BackupsPage.Fact] {
        var facts: [BackupsPage.Fact] = []
        // PostgreSQL sends its log by whole pieces.
        let patience = standing.isOfCluster ? Duration.minutes(5) : .seconds(10)
        let isBehind = standing.waitingSince.map { now - $0 > patience } ?? false
        facts.append(
            .init(
                "Newest change kept", standing.storedUntil.map { Moment($0).text } ?? "None yet", tone: isBehind ? .warn : nil))
        facts.append(
            .init(
                "On the way",
                standing.waiting == 0
                    ? "Nothing: all that was done is kept"
                    : standing.isOfCluster
                        ? "What was done in the last \(BackupText.seconds(standing.waitingSince.map { now - $0 } ?? .zero))"
                        : "\(Numeral.count(standing.waiting, "change")), the oldest for \(BackupText.seconds(standing.waitingSince.map { now - $0 } ?? .zero))",
                tone: isBehind ? .warn : nil))
        if !standing.isOfCluster { facts.append(.init("Longest way so far", BackupText.seconds(standing.lagMost))) }
        facts.append(.init("Any second of the last", "\(standing.retention.window.microseconds / 86_400_000_000) days"))
        facts.append(.init(standing.isOfCluster ? "Room taken, with all others" : "Room taken", BackupText.bytes(standing.size)))
        if let drill {
            facts.append(
                .init(
                    "Last drill",
                    drill.passed
                        ? "Back within \(BackupText.seconds(drill.took)), \(BackupText.seconds(drill.exposure)) of work lost" : "Failed",
                    tone: drill.passed ? .good : .bad))
        }
        return facts
    }

    private func timeLine(_ standing: Standing) async throws -> TimeLine {
        let span = room.request.query("span") ?? "day"
        let (length, step): (Duration, Duration) =
            switch span {
            case "week": (.days(7), .hours(2))
            case "window": (standing.retention.window, .hours(12))
            default: (.days(1), .minutes(15))
            }
        let from = now - length
        let counts = try await recovery.changes(of: room.environment, since: from, each: step)
        return TimeLine(
            counts, names: Dictionary(room.collections.map { ($0.id, $0.name) }) { first, _ in first }, from: from, until: now, each: step,
            spans: [("day", "A day"), ("week", "A week"), ("window", "All")].map { Choice($0, $1, isChosen: $0 == span) },
            address: { "/backups/moment?at=\($0)" })
    }

    private static func promise(_ standing: Standing, _ kind: HostedEnvironment.Kind) -> String {
        let days = standing.retention.window.microseconds / 86_400_000_000
        let weekly = standing.retention.weeks > 0 ? ", the first of a week for \(standing.retention.weeks) weeks" : ""
        let monthly = standing.retention.months > 0 ? ", the first of a month for \(standing.retention.months) months" : ""
        let edition = kind == .production ? standing.edition.title : "Sandbox/Test"
        return
            "A full copy is made each week, what changed since is gathered each day, and every change between is kept. As \(edition) has it, all of the last \(days) days can be restored\(weekly)\(monthly)."
    }

    private static func why(_ copy: Standing.Copy) -> String {
        (copy.kind.map { "\($0): " } ?? "") + why(copy.reasons)
    }

    private static func why(_ reasons: Set<Retention.Reason>) -> String {
        let words: [(Retention.Reason, String)] = [
            (.newest, "the newest"), (.window, "moments of the window build on it"), (.week, "first of its week"),
            (.month, "first of its month"), (.foundation, "others build on it"),
        ]
        let said = words.filter { reasons.contains($0.0) }.map(\.1)
        return said.isEmpty ? "Goes with the next tidying" : said.joined(separator: ", ")
    }

    static func label(_ restore: Restore) -> String {
        switch (restore.mode, restore.copy) {
        case (_, let copy?): "Copy beside: \(copy)"
        case ("in-place", _): "Brought back in place"
        default: "Restore"
        }
    }

    static func said(_ restore: Restore) -> String {
        guard restore.operation.state == .succeeded else { return restore.operation.message }
        let moment = restore.time.map { "as after the change of \(Moment($0, toTheSecond: true).text)" } ?? "as in the first copy"
        return restore.copy == nil ? "\(moment), \(Numeral.count(restore.changed, "change"))" : moment
    }

    // MARK: A moment

    func moment(_ text: String?) throws -> Instant {
        guard var text, !text.isEmpty else {
            throw Refusal.invalid("moment", "Give a date and a time.", field: "at")
        }
        // As a browser's field sends it, in UTC and perhaps without seconds.
        if !text.hasSuffix("Z"), !text.contains("+") {
            if text.count == 16 { text += ":00" }
            text += "Z"
        }
        guard let moment = Instant(text) else { throw Refusal.invalid("moment", "Give a date and a time.", field: "at") }
        return moment
    }

    func showMoment() async throws -> Response {
        do {
            return try await show(try moment(room.request.query("at")))
        } catch let refusal as Refusal where refusal.kind == .invalid || refusal.code.hasPrefix("backup") {
            return try room.go("/backups", Notice(.problem, refusal.message))
        }
    }

    private func show(_ moment: Instant, _ problem: Refusal? = nil, name: String = "restored") async throws -> Response {
        let visible = Set(room.collections.map(\.id))
        let (found, differences) = try await recovery.preview(of: room.environment, at: .moment(moment)) { visible.contains($0) }
        // A collection that is deleted now is nobody's to see, but whoever administers backups decides about it.
        let samples = differences.flatMap { difference in difference.samples.map { (difference, $0) } }
        let shown = samples.prefix(30)
        let page = BackupMomentPage(
            moment: Moment(moment, toTheSecond: true), at: moment.description,
            commit: found.time.map { "The last change before it was made \(Moment($0, toTheSecond: true).text)." } ?? "",
            rows: differences.map { difference in
                .init(
                    name: difference.name, then: difference.isNew ? "—" : Numeral.text(difference.then),
                    now: Numeral.text(difference.now), said: Self.said(difference))
            },
            records: shown.map { difference, sample in
                .init(
                    title: sample.title, collection: difference.name, fate: Self.pill(sample.fate),
                    changes: sample.fields.prefix(4).map {
                        .init(label: $0.label, now: Self.text($0.now), then: Self.text($0.then))
                    })
            },
            more: differences.reduce(0) { $0 + $1.gone + $1.changed + $1.returned } > shown.count
                ? "The first \(shown.count) are shown." : nil,
            differs: differences.contains(where: \.differs),
            options: differences.filter { $0.differs && !$0.isNew }.map { .init(value: $0.id.description, label: $0.name) },
            host: "It will be at \(room.tenant.slug)-name", name: name, isCopy: room.environment.kind == .restored,
            isProduction: room.environment.kind == .production, problem: problem?.message)
        guard let problem else { return try room.show(page, current: "Backups") }
        return try room.show(page, current: "Backups", after: problem)
    }

    private static func said(_ difference: CollectionDifference) -> String {
        if difference.isNew { return "was made since: it is set aside with its records" }
        var words: [String] = []
        if difference.changed > 0 { words.append("\(Numeral.text(difference.changed)) as they were") }
        if difference.returned > 0 { words.append("\(Numeral.text(difference.returned)) deleted ones come back") }
        if difference.gone > 0 { words.append("\(Numeral.text(difference.gone)) new ones are set aside") }
        if difference.isRedesigned { words.append("its fields or names as they were") }
        return words.isEmpty ? "nothing differs" : words.joined(separator: ", ")
    }

    private static func pill(_ fate: CollectionDifference.Sample.Fate) -> Pill {
        switch fate {
        case .goes: Pill("Made since", .warn)
        case .changes: Pill("Changed since", .info)
        case .returns: Pill("Deleted since", .good)
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        let text = value.map { $0.string ?? $0.text } ?? "nothing"
        return text.count > 80 ? text.prefix(79) + "…" : text
    }

    // MARK: Orders

    func order(_ form: Form) async throws -> Response {
        let moment = try moment(form["at"])
        do {
            let mode: RestoreOrder.Mode
            if form["mode"] == "beside" {
                mode = .beside(name: try form.require("name"))
            } else if form["what"] == "some" {
                let chosen = Set(form.values("collections").compactMap { CollectionID($0) })
                guard !chosen.isEmpty else { throw Refusal.invalid("collections", "Choose at least one collection.", field: "collections") }
                mode = .inPlace(collections: chosen)
            } else {
                mode = .inPlace(collections: nil)
            }
            let operation = try await room.parts.restores.order(.init(.moment(moment), mode), in: room.environment, by: room.actor)
            return try room.go("/backups/restores/\(operation.id)")
        } catch let refusal as Refusal where refusal.belongsToForm {
            return try await show(moment, refusal, name: form["name"] ?? "restored")
        }
    }

    func undo() async throws -> Response {
        let order = try await room.parts.restores.undoing(id(), of: room.environment)
        let operation = try await room.parts.restores.order(order, in: room.environment, by: room.actor)
        return try room.go("/backups/restores/\(operation.id)")
    }

    func showRestore() async throws -> Response {
        let restore = try await room.parts.restores.find(id(), of: room.environment)
        let operation = restore.operation
        let isOpen = !operation.state.isFinal
        let who = try await room.names(ofStarters: [operation])[operation.startedBy] ?? ""
        var notice: Remark?
        var facts: [BackupsPage.Fact] = []
        if operation.state == .succeeded {
            if let copy = restore.copy {
                notice = Remark("The copy is ready.", tone: .good, link: Link("Open \(copy)", address(of: copy)))
            } else {
                notice = Remark("\(Numeral.count(restore.changed, "change")) made. Everybody works with it already.", tone: .good)
            }
            facts.append(.init("As after the change of", restore.time.map { Moment($0, toTheSecond: true).text } ?? "the first copy"))
            if let commit = restore.commit { facts.append(.init("Commit", "\(commit.generation):\(commit.ordinal)")) }
            facts.append(.init(restore.copy == nil ? "Records compared" : "Rows compared", Numeral.text(restore.records)))
            if let digest = restore.digest { facts.append(.init("SHA-256, equal then and now", digest)) }
            facts.append(.init("Took", BackupText.seconds(.milliseconds(restore.milliseconds))))
            if let pause = restore.pauseMilliseconds { facts.append(.init("Writers waited", BackupText.seconds(.milliseconds(pause)))) }
        } else if operation.state == .failed {
            notice = Remark(operation.message, tone: .bad)
        }
        let page = RestorePage(
            head: Head(Self.label(restore), pill: operation.state.pill),
            events: isOpen ? "/backups/restores/\(operation.id)/events" : nil,
            done: operation.state == .succeeded ? operation.total ?? 1 : operation.done, total: operation.total ?? 1,
            said: operation.message, started: Moment(operation.createdAt), finished: operation.finishedAt.map { Moment($0) }, who: who,
            notice: notice, facts: facts, undo: restore.undo == nil ? nil : "/backups/restores/\(operation.id)/undo")
        return try room.show(page, current: "Backups")
    }
}
