/// Why a store could not do what was asked. Reasons are for the log and the operator; they hold no key, secret or content.
package enum ObjectFault: Error, Sendable, Hashable {
    /// There is no such object.
    case missing
    /// An object of that name is there already, and was to be kept.
    case exists
    /// Another object took its name while it was being read.
    case changed
    /// The bucket or directory itself is gone.
    case placeMissing
    /// The store knows us not, or lets us not.
    case denied
    /// No room left.
    case full
    /// More was asked at once than may wait. Nothing was begun.
    case overloaded
    /// It doesn't answer, or not sensibly; asking later may help.
    case unavailable(reason: String)
    /// What came back is not what was stored.
    case corrupt(reason: String)
    /// The settings can't work.
    case settings(reason: String)
}

extension ObjectFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing: "there is no such object"
        case .exists: "an object of this name exists"
        case .changed: "the object was replaced while it was read"
        case .placeMissing: "the bucket or directory is gone"
        case .denied: "the object store refused access; check its credentials and policy"
        case .full: "the object store is full"
        case .overloaded: "too many requests wait for the object store"
        case .unavailable(let reason): "the object store is unavailable: \(reason)"
        case .corrupt(let reason): "the object store returned something else than was stored: \(reason)"
        case .settings(let reason): "the object store can't be used: \(reason)"
        }
    }
}
