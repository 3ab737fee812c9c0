import Vocabulary

/// Which master key locks the keyring, and how far a rotation has come: the file `keyring`.
///
/// ```text
/// holdfast-keyring 1
/// rotating 1 0f3a… 2 9b7e… <the old master key, locked with the new>
/// ```
/// While `rotating`, the old key opens everything, and so does the new one, by way of the old that it unlocks. From `retiring` on only the new one does.
enum KeyringManifest: Equatable {
    struct Master: Equatable {
        let version: Int
        let fingerprint: String

        init(version: Int, fingerprint: String) {
            self.version = version
            self.fingerprint = fingerprint
        }

        init(_ key: MasterKey) {
            version = key.version
            fingerprint = key.fingerprint
        }

        var label: String { "version \(version) (fingerprint \(fingerprint))" }
    }

    case settled(Master)
    case rotating(from: Master, to: Master, locked: [UInt8])
    case retiring(from: Master, to: Master)

    private static let heading = "holdfast-keyring 1"

    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else { return nil }
        let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 2, lines[0] == Self.heading else { return nil }
        let words = lines[1].split(separator: " ", omittingEmptySubsequences: false)
        func master(at index: Int) -> Master? {
            guard words.count > index + 1, let version = Int(words[index]), version > 0 else { return nil }
            guard words[index + 1].utf8.count == 16, Hex.bytes(words[index + 1].utf8) != nil else { return nil }
            return Master(version: version, fingerprint: String(words[index + 1]))
        }
        switch (words.first, words.count) {
        case ("settled", 3):
            guard let only = master(at: 1) else { return nil }
            self = .settled(only)
        case ("rotating", 6):
            guard let from = master(at: 1), let to = master(at: 3), let locked = Hex.bytes(words[5].utf8), locked.count == 60 else {
                return nil
            }
            self = .rotating(from: from, to: to, locked: locked)
        case ("retiring", 5):
            guard let from = master(at: 1), let to = master(at: 3) else { return nil }
            self = .retiring(from: from, to: to)
        default:
            return nil
        }
    }

    var bytes: [UInt8] {
        let line =
            switch self {
            case .settled(let only): "settled \(only.version) \(only.fingerprint)"
            case .rotating(let from, let to, let locked):
                "rotating \(from.version) \(from.fingerprint) \(to.version) \(to.fingerprint) \(Hex.text(locked))"
            case .retiring(let from, let to): "retiring \(from.version) \(from.fingerprint) \(to.version) \(to.fingerprint)"
            }
        return Array("\(Self.heading)\n\(line)\n".utf8)
    }

    /// Whether keys that are made now have just the locks that this asks for.
    func isLocked(by masters: [MasterKey]) -> Bool {
        let present = masters.map(Master.init)
        return switch self {
        case .settled(let only), .retiring(_, let only): present == [only]
        case .rotating(let from, let to, _): present == [from, to]
        }
    }

    /// The master keys to go on with, out of those that were given.
    /// - Throws: ``SealingFault`` `.wrongMasterKey`, `.manifestDamaged`
    func keys(from given: [MasterKey], place: String) throws -> (current: MasterKey, next: MasterKey?) {
        func find(_ wanted: Master) -> MasterKey? { given.first { Master($0) == wanted } }
        let offered = given.map(\.label).joined(separator: ", ")
        switch self {
        case .settled(let only), .retiring(_, let only):
            guard let key = find(only) else { throw SealingFault.wrongMasterKey(wanted: only.label, offered: offered) }
            return (key, nil)
        case .rotating(let from, let to, let locked):
            let next = find(to)
            if let current = find(from) { return (current, next) }
            guard let next else { throw SealingFault.wrongMasterKey(wanted: "\(from.label) or \(to.label)", offered: offered) }
            guard let secret = WrappedKey.open(locked, under: next, context: Self.context(from: from, to: to)),
                let current = MasterKey(secret, version: from.version)
            else { throw SealingFault.manifestDamaged(path: place) }
            return (current, next)
        }
    }

    /// What the old master key is bound to where it is locked with the new one.
    static func context(from: Master, to: Master) -> [UInt8] {
        Array("holdfast/keyring/rotation/1\0\(from.version)\0\(from.fingerprint)\0\(to.version)\0\(to.fingerprint)".utf8)
    }
}
