import Mustache

/// A value as templates ask for it, looked into once.
///
/// By itself the template library reflects on every value of its stack for every name that a template asks for, which made a form of two fields cost more
/// than checking a password. One for each rendering, on one thread.
final class Looked: MustacheParent {
    private var known: [String: Any?] = [:]
    /// Of a value that answers for itself.
    private let source: (any MustacheParent)?

    private init(_ source: any MustacheParent) { self.source = source }

    private init(_ mirror: Mirror, _ value: Any) {
        source = nil
        for child in mirror.children {
            if let label = child.label { known[label] = .some(Self.ready(child.value)) }
        }
        if let value = value as? any Computing {
            for (name, child) in value.computed { known[name] = .some(child.flatMap(Self.ready)) }
        }
    }

    /// What a template sees first.
    static func both(_ frame: Frame, _ page: some Page) -> [String: Any] {
        [("frame", frame as Any), ("page", page as Any)].reduce(into: [:]) { $0[$1.0] = ready($1.1) }
    }

    func child(named name: String) -> Any? {
        if let found = known[name] { return found }
        guard let source else { return nil }
        let found = source.child(named: name).flatMap(Self.ready)
        known[name] = .some(found)
        return found
    }

    /// Nil for an optional without a value. Texts, numbers and the like stay what they are.
    static func ready(_ value: Any) -> Any? {
        switch value {
        case is String, is Bool, is Int, is Looked: return value
        case let parent as any MustacheParent: return Looked(parent)
        default: break
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.flatMap { ready($0.value) }
        case .collection: return mirror.children.compactMap { ready($0.value) }
        case .struct, .class, .tuple: return Looked(mirror, value)
        default: return value
        }
    }
}

/// Has names for templates beside what it stores.
protocol Computing {
    var computed: [String: Any?] { get }
}
