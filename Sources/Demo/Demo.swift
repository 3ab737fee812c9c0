// Demo: an installation to look around in, made of data that is real and anybody's.
//
// It promises the same tenants, people and records on every run over the same sources, made through the same calls as everybody's,
// in an installation that holds nothing else. It refuses to know which sources the machine has: what is missing is left out and
// said. Names and addresses of people that the sources carry never enter.
import Vocabulary

/// What the demo can't go on without.
package enum DemoError: Error, Sendable, Equatable {
    case notEmpty
    /// No list of packages and no codes of countries on this machine.
    case noSources
    /// The import refused what the sources gave.
    case refused(table: String, lines: Int)
}
