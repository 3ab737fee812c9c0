import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import OwnCopies
import Records
import Tenants
import Vocabulary
import Web

/// The customer's own copy: what there is, one more, whom they are sealed to, and the download.
extension Portal {
    func addOwnCopies(to router: Router<HoldfastContext>) {
        room("/backups/own-copies", on: router) { try await OwnCopyRoom($0).showAll() }
        deed("/backups/own-copies", on: router) { room, _ in try await OwnCopyRoom(room).order() }
        room("/backups/own-copies/{id}", on: router) { room in
            let copies = try await OwnCopyRoom(room)
            let copy = try await copies.find()
            try room.context.requireRecentProof()
            return try await copies.show(copy)
        }
        deed("/backups/own-copies/{id}/file", on: router) { room, form in
            let copies = try await OwnCopyRoom(room)
            let copy = try await copies.find()
            try room.context.requireRecentProof()
            return try await copies.fetch(copy, form)
        }
        deed("/backups/own-copy-recipients", on: router) { room, form in
            let copies = try await OwnCopyRoom(room)
            try room.context.requireRecentProof()
            return try await copies.setRecipients(form)
        }
    }
}

/// A visit to an environment's own copies.
struct OwnCopyRoom: Sendable {
    let room: Room
    private var copies: OwnCopies { room.parts.ownCopies }

    init(_ room: Room) async throws {
        try await room.parts.ownCopies.require(room.actor, in: room.environment.id)
        self.room = room
    }

    func find() async throws -> OwnCopy {
        try await copies.find(try room.context.id("id", what: "file"), of: room.environment.id)
    }

    func showAll(_ problem: Refusal? = nil, typed: String? = nil) async throws -> Response {
        guard copies.parts.objects != nil else {
            return try room.show(
                OwnCopiesPage(
                    because: .conflict(
                        "own-copies-off",
                        "This server has no place for files. Ask whoever operates it for one: from then on a copy is made each week.")),
                current: "Backups")
        }
        let all = try await copies.list(of: room.environment.id)
        let recipients = try await copies.recipients(of: room.environment.id)
        let underway = try await copies.underway(in: room.environment.id)
        let now = room.parts.clock.now()
        let next = OwnCopySchedule(room.environment).next(after: all.first, at: now)
        let page = OwnCopiesPage(
            notice: all.first?.failure.map { Remark("The last one could not be made. \($0)", tone: .bad) },
            underway: underway.map { .init(done: $0.done, total: $0.total, said: $0.message) },
            next: room.environment.kind == .restored
                ? "A restored copy has none made by itself." : "The next one is made by itself on \(Moment(next).text) or soon after.",
            rows: all.filter { $0.failure == nil }.map { copy in
                .init(
                    at: Moment(copy.at), said: Self.said(copy), address: "/backups/own-copies/\(copy.id)",
                    name: copy.name(of: room.environment.label))
            },
            recipients: Sheet(
                action: "/backups/own-copy-recipients", button: "Set",
                fields: [
                    FormField(
                        "recipients", "Recipients, one on each line", .area,
                        value: typed ?? recipients.map { "\($0)" }.joined(separator: "\n"),
                        hint: "What age-keygen prints behind “Public key”: age1…")
                ], refusal: problem),
            isSealed: !recipients.isEmpty)
        guard let problem else { return try room.show(page, current: "Backups") }
        return try room.show(page, current: "Backups", after: problem)
    }

    private static func said(_ copy: OwnCopy) -> String {
        let sealed = copy.sealing == .recipients ? "sealed to your recipients" : "sealed when you download it"
        return "\(Numeral.count(copy.records, "record")), \(BackupText.bytes(copy.size)), \(sealed)"
    }

    func order() async throws -> Response {
        do {
            try await copies.order(in: room.environment, by: room.actor.principal)
            return try room.go("/backups/own-copies")
        } catch let refusal as Refusal where refusal.code.hasPrefix("own-cop") {
            return try room.go("/backups/own-copies", Notice(.problem, refusal.message))
        }
    }

    func setRecipients(_ form: Form) async throws -> Response {
        let texts = (form["recipients"] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        do {
            try await copies.setRecipients(texts, in: room.environment, by: room.actor.principal)
        } catch let refusal as Refusal where refusal.belongsToForm {
            return try await showAll(refusal, typed: form["recipients"])
        }
        let said =
            texts.isEmpty
            ? "Files that are made from now on are sealed when you download them."
            : "Files that are made from now on are sealed to these recipients, and to nobody else."
        return try room.go("/backups/own-copies", Notice(.done, said))
    }

    // MARK: One of them

    func show(_ copy: OwnCopy, _ problem: Refusal? = nil, typed: String? = nil) async throws -> Response {
        let isOurs = copy.sealing == .environment
        let page = OwnCopyPage(
            at: Moment(copy.at), action: "/backups/own-copies/\(copy.id)/file",
            facts: [
                .init("Records", Numeral.text(copy.records)), .init("Commit", "\(copy.commit)"),
                .init("Database", BackupText.bytes(copy.plainSize)),
                .init("Sealed to", isOurs ? "this environment’s key, until you download it" : "your recipients"),
            ],
            passphrase: isOurs ? typed ?? OwnCopies.passphrase(copies.parts.entropy) : nil, shortest: OwnCopies.shortestPassphrase,
            file: copy.name(of: room.environment.label),
            table: room.collections.first?.slug.replacing("-", with: "_") ?? "_about", digest: isOurs ? nil : copy.digest,
            problem: problem?.message)
        guard let problem else { return try room.show(page, current: "Backups") }
        return try room.show(page, current: "Backups", after: problem)
    }

    func fetch(_ copy: OwnCopy, _ form: Form) async throws -> Response {
        do {
            let wish: OwnCopies.Wish = copy.sealing == .recipients ? .asKept : .passphrase(form["passphrase"] ?? "")
            let file = try await copies.fetch(
                copy.id, of: room.environment, for: wish, by: room.actor.principal, asLongAs: { try await room.isWelcome() })
            return .download(name: file.name, type: "application/octet-stream") { sink in
                for try await piece in file.content { try await sink.write(ByteBuffer(bytes: piece)) }
            }
        } catch let refusal as Refusal where refusal.belongsToForm || refusal.code.hasPrefix("own-cop") {
            return try await show(copy, refusal, typed: form["passphrase"])
        }
    }
}
