import ArgumentParser
import Demo
import Vocabulary

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "How to get into an installation that was started with --demo.",
        discussion: "Example: holdfast demo code ada", subcommands: [Code.self, People.self])

    struct Code: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The code of the moment of a demo person's authenticator.",
            discussion: """
                Example: holdfast demo code ada

                Computed here, from a secret that every demo shares; no server is asked, and no real account has such a secret.
                """)
        @Argument(help: "Who: a name from 'holdfast demo people'.") var person = "ada"
        @Flag(help: "Print the otpauth address too, for an authenticator application.") var otpauth = false

        func run() throws {
            guard let somebody = DemoPerson.named(person) else {
                throw CommandFailure(
                    message: "The demo has no \(person), only \(DemoPerson.all.map(\.name).joined(separator: ", ")).", isUsage: true)
            }
            let now = SystemClock().now()
            Terminal.say(somebody.code(at: now))
            Terminal.note("\(somebody.displayName), good for \(30 - now.seconds % 30) more seconds and a little.")
            if otpauth { Terminal.say(somebody.otpauth) }
        }
    }

    struct People: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The demo's people with their passwords.", discussion: "Example: holdfast demo people")

        func run() throws {
            Terminal.table(
                [["NAME", "ADDRESS", "PASSWORD", "WHERE"]]
                    + DemoPerson.all.map { person in
                        let places = person.roles.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
                        return [
                            person.name, person.identifier, person.password,
                            person.isStaff ? "the vendor's console" : places.joined(separator: ", "),
                        ]
                    })
        }
    }
}
