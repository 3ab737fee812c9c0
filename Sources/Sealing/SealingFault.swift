/// What can go wrong with keys, in words for the operator at the terminal and for the log: it names paths,
/// so it is never shown to a visitor. No case carries key material.
package enum SealingFault: Error, Sendable, Hashable {
    case masterKeyMissing(path: String)
    case masterKeyNotRegular(path: String)
    case masterKeyForeign(path: String)
    case masterKeyExposed(path: String, mode: UInt32)
    case masterKeyMalformed(path: String, reason: String)
    case masterKeyExists(path: String)
    case credentialName(String)
    case wrongMasterKey(wanted: String, offered: String)
    case masterKeyNotNewer(current: Int, offered: Int)
    case keyringInUse(path: String)
    case keyringExposed(path: String, mode: UInt32)
    case keyringForeign(path: String)
    case manifestMissing(path: String)
    case manifestDamaged(path: String)
    case keyMissing(owner: String)
    case keyExists(owner: String)
    case keyDamaged(owner: String)
    /// Its environment was destroyed for good.
    case entombed(owner: String)
    /// A sealed value was altered, truncated, moved from another place, or sealed with another key.
    case notAuthentic
    case file(action: String, path: String, errno: Int32, reason: String)
    case passwordHashingFailed
    case certificate(String)
}

extension SealingFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .masterKeyMissing(let path):
            "There is no master key at \(path). Put the key file back; without it nothing that was stored can be read."
        case .masterKeyNotRegular(let path):
            "The master key at \(path) is not a regular file (links are refused). Give the path of the file itself."
        case .masterKeyForeign(let path):
            "The master key at \(path) belongs to another user. It must belong to the user who runs this server: chown it."
        case .masterKeyExposed(let path, let mode):
            "The master key at \(path) can be reached by others (mode \(octal(mode))). Run: chmod 600 \(path). If others may have read it, rotate it."
        case .masterKeyMalformed(let path, let reason):
            "The master key at \(path) can't be used: \(reason). It must hold 64 hexadecimal digits, after an optional version and colon ('2:…')."
        case .masterKeyExists(let path):
            "There is something at \(path) already; a master key is never overwritten."
        case .credentialName(let name):
            "'\(name)' can't name a systemd credential. Use letters, digits, '.', '-' and '_'."
        case .wrongMasterKey(let wanted, let offered):
            "This is the wrong master key: the keyring is locked with \(wanted), and this is \(offered). Start with the key that belongs to this keyring."
        case .masterKeyNotNewer(let current, let offered):
            "The new master key must have a higher version than the current one (\(current)); this one has \(offered)."
        case .keyringInUse(let path):
            "The keyring at \(path) is held by another process. Stop it, or ask it to do this."
        case .keyringExposed(let path, let mode):
            "The keyring directory \(path) can be reached by others (mode \(octal(mode))). Run: chmod 700 \(path)"
        case .keyringForeign(let path):
            "The keyring \(path) is not a directory of the user who runs this server."
        case .manifestMissing(let path):
            "The keyring at \(path) holds keys but not the file 'keyring' that says which master key locks them. Restore the whole directory."
        case .manifestDamaged(let path):
            "The file 'keyring' in \(path) is damaged. Restore the whole directory from a copy of its current state."
        case .keyMissing(let owner):
            "The keyring has no key for \(owner)."
        case .keyExists(let owner):
            "The keyring has a key for \(owner) already; it is never overwritten."
        case .keyDamaged(let owner):
            "The key of \(owner) is damaged, or was put there from another place. Restore its file in the keyring."
        case .entombed(let owner):
            "\(owner) was destroyed for good when its customer left. It never gets a key again."
        case .notAuthentic:
            "A sealed value can't be opened: it was altered, moved, or sealed with another key."
        case .file(let action, let path, _, let reason):
            "Could not \(action) \(path): \(reason)."
        case .passwordHashingFailed:
            "The password hash could not be computed: not enough memory."
        case .certificate(let reason):
            "The certificate could not be made or read: \(reason)."
        }
    }

    private func octal(_ mode: UInt32) -> String { "0" + String(mode & 0o7777, radix: 8) }
}
