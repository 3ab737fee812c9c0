import Storage
import Vocabulary

/// The engines that an installation can keep environments' databases in, each under a name that operators use: `embedded`, `postgres`.
package struct Places: Sendable {
    /// Stored with the environment.
    package typealias Name = String

    package static let embedded: Name = "embedded"
    package static let postgres: Name = "postgres"

    /// Where new environments go.
    package let home: Name
    private let engines: [Name: any Engine]

    /// One place, named for its engine.
    package init(_ engine: any Engine) {
        self.init(home: engine.dialect == .sqlite ? Self.embedded : Self.postgres, engine)
    }

    package init(home: Name, _ engine: any Engine, and others: [Name: any Engine] = [:]) {
        self.home = home
        engines = others.merging([home: engine]) { _, home in home }
    }

    package var names: [Name] { engines.keys.sorted() }

    package func contains(_ name: Name) -> Bool { engines[name] != nil }

    /// - Throws: ``Refusal`` `place-away` where this process was not told how to get there.
    package func engine(at name: Name) throws -> any Engine {
        guard let engine = engines[name] else {
            throw Refusal(
                .unavailable(retryAfter: .seconds(60)), "place-away",
                "The environment's database is at a place that this server doesn't know. Its operator has to start it with that place.")
        }
        return engine
    }

    func unknown(_ name: Name) -> Refusal {
        .invalid(
            "place-unknown", "There is no place '\(name.prefix(40))'. Choose one of: \(names.joined(separator: ", ")).", field: "place")
    }
}
