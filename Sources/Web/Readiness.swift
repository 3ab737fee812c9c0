import Vocabulary

/// What keeps a server from doing its work: shown by `/health/ready`, so it holds no internal detail.
package struct Obstacle: Sendable, Equatable {
    /// Kebab-case: `sealed`, `storage-full`.
    package let code: String
    package let message: String

    package init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// How the web layer asks for the server's condition.
package struct Readiness: Sendable {
    /// Whether the master key is missing. Asked for every request: must be cheap.
    package let isSealed: @Sendable () -> Bool
    /// Everything in the way right now, the seal aside; empty means ready.
    package let obstacles: @Sendable () async -> [Obstacle]

    package init(
        isSealed: @escaping @Sendable () -> Bool = { false }, obstacles: @escaping @Sendable () async -> [Obstacle] = { [] }
    ) {
        self.isSealed = isSealed
        self.obstacles = obstacles
    }

    static let sealed = Obstacle("sealed", "The server is sealed: it has no master key, so it serves no data.")
}
