import Vocabulary

/// What is left of an environment that was destroyed for good: its id and its name, so that nothing brings it back and nobody takes the name.
///
/// Kept beside the keys, and not in the control database, since an older copy of that may be put back one day.
package struct Tombstone: Sendable, Hashable {
    package let environment: EnvironmentID
    /// Of the tenant.
    package let slug: String
    package let at: Instant

    package init(environment: EnvironmentID, slug: String, at: Instant) {
        (self.environment, self.slug, self.at) = (environment, slug, at)
    }

    /// `<environment> <slug> <microseconds since 1970>`
    package init?(_ text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard words.count == 3, let environment = EnvironmentID(words[0]), let time = Int64(words[2]) else { return nil }
        self.init(environment: environment, slug: String(words[1]), at: Instant(microseconds: time))
    }

    package var text: String { "\(environment) \(slug) \(at.microseconds)\n" }
}

extension Keyring {
    /// Puts up a tombstone, durable on return. No key of this environment is ever made again. Doing it twice changes nothing.
    package func entomb(_ tombstone: Tombstone) throws {
        try writing.withLock { _ in try shelf.entomb(tombstone) }
        tombstonesRead.withLock { $0 = nil }
    }

    /// All of them. Works while sealed.
    package func tombstones() throws -> [Tombstone] {
        if let known = tombstonesRead.withLock({ $0 }) { return known }
        let found = try shelf.tombstones()
        if !shelf.isShared { tombstonesRead.withLock { $0 = found } }
        return found
    }

    package func isEntombed(_ environment: EnvironmentID) throws -> Bool {
        try tombstones().contains { $0.environment == environment }
    }
}

extension KeyDirectory {
    private func path(of tombstone: Tombstone) -> String { "\(place)/tombstone-\(tombstone.environment)" }

    func entomb(_ tombstone: Tombstone) throws { _ = try KeyFile.create(path(of: tombstone), with: Array(tombstone.text.utf8)) }

    func tombstones() throws -> [Tombstone] {
        try names().filter { $0.hasPrefix("tombstone-") && !$0.hasSuffix(".draft") }.compactMap { name in
            guard let bytes = try KeyFile.read(place + "/" + name) else { return nil }
            guard let tombstone = Tombstone(String(decoding: bytes, as: UTF8.self)) else {
                throw SealingFault.manifestDamaged(path: place + "/" + name)
            }
            return tombstone
        }
    }
}
