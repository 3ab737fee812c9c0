/// Why nothing can be recovered with what was given, for somebody under stress: what is wrong with which file, and what would help.
package enum RecoveryFault: Error, Sendable, Hashable, CustomStringConvertible {
    case noBundle(path: String)
    case bundleTorn(path: String)
    /// A part is not what the bundle says of it.
    case bundleAltered(path: String, part: String)
    case newerBundle(path: String)
    case noShare(path: String)
    /// It is still sealed to its holder.
    case shareSealed(path: String)
    case shareAltered(path: String)
    case shareOfAnother(path: String, holder: String)
    case sameShare(path: String, holder: String)
    case tooFew(given: Int, needed: Int, others: [String])
    /// Each share is right by itself, and together they don't give the key.
    case sharesDisagree
    case keysUnreadable(reason: String)
    case notEmpty(path: String)
    case archiveLacks(database: String)
    case staleArchive(database: String)
    case keyMissing(owner: String)
    case holders(String)

    package var description: String {
        switch self {
        case .noBundle(let path): "\(path) is not a recovery bundle, or can't be read."
        case .bundleTorn(let path): "\(path) ends early: it was not copied whole. Copy it again, or take another copy."
        case .bundleAltered(let path, let part):
            "\(path) is damaged: '\(part)' in it is not what was written. Take another copy of the bundle."
        case .newerBundle(let path): "\(path) was made by a newer release. Use the executable that is in it: tar -xf \(path) holdfast"
        case .noShare(let path): "\(path) is not a share, or can't be read."
        case .shareSealed(let path):
            "\(path) is still sealed to its holder. The holder opens it with: age -d -i THEIR-KEY -o share \(path); or give --identity THEIR-KEY."
        case .shareAltered(let path): "The share \(path) is damaged: it is not what was written. Ask its holder for another copy."
        case .shareOfAnother(let path, let holder):
            "The share \(path) (\(holder)) belongs to another bundle. Ask the holder for the share of this one, or take the bundle that the shares were made for."
        case .sameShare(let path, let holder): "\(path) is the share of \(holder) once more. Each share counts once."
        case .tooFew(let given, let needed, let others):
            "\(needed) shares are needed and \(given) given. Others are with: \(others.joined(separator: ", "))."
        case .sharesDisagree:
            "Each share is right by itself, but together they don't give the key of this bundle. The bundle's list of holders was altered."
        case .keysUnreadable(let reason): "The keys in the bundle can't be used: \(reason)."
        case .notEmpty(let path): "\(path) is not empty. Nothing that is there is ever touched: give a new or empty directory."
        case .archiveLacks(let database): "There is no archive of \(database)."
        case .staleArchive(let database):
            "the archive of \(database) is an old copy: it ends before the bundle was made. Look for a newer copy, or accept the loss with --accept-old-archive"
        case .keyMissing(let owner): "the bundle has no key for \(owner): it was made before that key"
        case .holders(let reason): reason
        }
    }
}
