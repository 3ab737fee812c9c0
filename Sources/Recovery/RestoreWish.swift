import Backup
import Records
import Vocabulary

/// What is asked for by programs and at the command line, in their words.
package struct RestoreWish: Decodable, Sendable {
    /// RFC 3339.
    package var at: String?
    /// `1:2041`.
    package var commit: String?
    /// The place whose archive names the commit.
    package var place: String?
    /// `in-place` or `beside`.
    package var mode: String?
    /// Short names or ids. All of them if left out.
    package var collections: [String]?
    /// Of the copy beside.
    package var name: String?

    /// - Throws: ``Refusal`` `moment`, `mode`, `collections`.
    package func order(in workspace: Workspace, by actor: Actor) async throws -> RestoreOrder {
        let target = try target()
        switch mode {
        case "beside":
            guard collections == nil else {
                throw Refusal.invalid("collections", "A copy beside is of the whole environment.", field: "collections")
            }
            return RestoreOrder(target, .beside(name: name ?? "restored"), from: place)
        case "in-place":
            guard let collections else { return RestoreOrder(target, .inPlace(collections: nil), from: place) }
            let known = try await workspace.collections.list(by: actor) + workspace.collections.deleted(by: actor)
            let chosen = try collections.map { text in
                if let id = CollectionID(text) { return id }
                guard let found = known.first(where: { $0.slug == text }) else {
                    throw Refusal.invalid("collections", "There is no collection '\(text)'.", field: "collections")
                }
                return found.id
            }
            guard !chosen.isEmpty else { throw Refusal.invalid("collections", "Name at least one collection.", field: "collections") }
            return RestoreOrder(target, .inPlace(collections: Set(chosen)), from: place)
        default: throw Refusal.invalid("mode", "The mode is in-place or beside.", field: "mode")
        }
    }

    private func target() throws -> Restoration.Target {
        switch (at, commit) {
        case (let at?, nil):
            guard let moment = Instant(at) else {
                throw Refusal.invalid("moment", "A moment looks like 2026-11-21T07:37:42Z.", field: "at")
            }
            return .moment(moment)
        case (nil, let commit?):
            let words = commit.split(separator: ":", omittingEmptySubsequences: false)
            guard words.count == 2, let generation = UInt32(words[0]), let ordinal = UInt64(words[1]) else {
                throw Refusal.invalid("moment", "A commit is a generation and an entry, such as 1:2041.", field: "commit")
            }
            return .commit(generation: generation, ordinal: ordinal)
        default: throw Refusal.invalid("moment", "Give either a moment or a commit.", field: "at")
        }
    }
}
