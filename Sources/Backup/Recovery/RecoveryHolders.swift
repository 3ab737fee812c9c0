import Crypto
import Sealing
import Vocabulary

/// Who holds the shares of a recovery key, how many are needed, and how each share is recognised. Tells nothing of the key itself.
///
/// The key is an age identity that exists only while it is made and while it is put together again. Bundles are sealed to its public half, so
/// a new bundle can be made for the same holders without asking them.
package struct RecoveryHolders: Sendable, Hashable, Codable {
    package struct Holder: Sendable, Hashable, Codable {
        /// From 1.
        package let number: Int
        package let name: String
        /// The SHA-256 of the share, which is random.
        package let fingerprint: String
        /// Whom the share's file is sealed to; nil where it isn't.
        package let recipient: String?
    }

    /// Whom bundles are sealed to.
    package let recipient: String
    package let needed: Int
    package let holders: [Holder]

    /// A digest of all of it: shares say which set they are of.
    package var id: String {
        let lines = ["holdfast-holders 1", recipient, "\(needed)"] + holders.map { "\($0.number) \($0.fingerprint) \($0.name)" }
        return String("\(ChainHash(of: lines.joined(separator: "\n")))".prefix(32))
    }

    /// - Throws: ``RecoveryFault`` `.holders` for what can't be a set of holders.
    package func check() throws(RecoveryFault) -> AgeRecipient {
        guard let key = AgeRecipient(recipient), (1...SecretShares.most).contains(holders.count), (1...holders.count).contains(needed),
            holders.map(\.number) == Array(1...holders.count), holders.allSatisfy({ Self.isName($0.name) }),
            Set(holders.map(\.name)).count == holders.count
        else { throw .holders("This is no list of holders.") }
        return key
    }

    /// A name goes into file names: letters, digits, dots, hyphens, underscores.
    package static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.first != "." && name.first != "-"
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 95].contains($0)
            }
    }

    /// Makes a new key and its shares. The key itself is forgotten.
    ///
    /// - Parameter people: names, each with an age recipient where the share is to be sealed.
    /// - Throws: ``RecoveryFault`` `.holders`
    package static func make(
        _ people: [(name: String, recipient: AgeRecipient?)], needed: Int, at now: Instant, entropy: any Entropy
    ) throws -> (holders: RecoveryHolders, shares: [RecoveryShare]) {
        if let wrong = people.map(\.name).first(where: { !isName($0) }) {
            throw RecoveryFault.holders("'\(wrong.prefix(80))' can't name a holder: use letters, digits, dots, hyphens and underscores.")
        }
        guard Set(people.map(\.name)).count == people.count else { throw RecoveryFault.holders("Each holder needs a name of their own.") }
        let secret = Secret(entropy.bytes(32))
        guard let values = SecretShares.split(secret, into: people.count, needing: needed) else {
            throw RecoveryFault.holders("Of \(people.count) holders between 1 and \(people.count) can be needed, not \(needed).")
        }
        let holders = RecoveryHolders(
            recipient: "\(try AgeIdentity(secret: secret).recipient)", needed: needed,
            holders: zip(people, values).enumerated().map { index, pair in
                Holder(
                    number: index + 1, name: pair.0.name, fingerprint: RecoveryShare.fingerprint(of: pair.1),
                    recipient: pair.0.recipient.map { "\($0)" })
            })
        let shares = zip(holders.holders, values).map { holder, value in
            RecoveryShare(
                set: holders.id, number: holder.number, holder: holder.name, needed: needed, of: people.count, madeAt: now, value: value)
        }
        return (holders, shares)
    }

    /// The key, from enough shares.
    ///
    /// - Parameter shares: each with the name of its file, for what is said of it.
    /// - Throws: ``RecoveryFault``
    package func identity(from shares: [(path: String, share: RecoveryShare)]) throws -> AgeIdentity {
        var found: [Int: RecoveryShare] = [:]
        for (path, share) in shares {
            try check(share, path: path)
            guard found[share.number] == nil else { throw RecoveryFault.sameShare(path: path, holder: share.holder) }
            found[share.number] = share
        }
        guard found.count >= needed else {
            throw RecoveryFault.tooFew(
                given: found.count, needed: needed, others: holders.filter { found[$0.number] == nil }.map(\.name))
        }
        let used = found.values.sorted { $0.number < $1.number }.prefix(needed)
        guard let secret = SecretShares.join(used.map { ($0.number, $0.value) }), let identity = try? AgeIdentity(secret: secret),
            "\(identity.recipient)" == recipient
        else { throw RecoveryFault.sharesDisagree }
        return identity
    }

    /// Whether a share is one of these, alone.
    package func check(_ share: RecoveryShare, path: String) throws(RecoveryFault) {
        guard share.set == id, let holder = holders.first(where: { $0.number == share.number }) else {
            throw .shareOfAnother(path: path, holder: share.holder)
        }
        guard holder.fingerprint == RecoveryShare.fingerprint(of: share.value) else { throw .shareAltered(path: path) }
    }
}
