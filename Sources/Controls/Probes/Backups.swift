import Tenants
import Vocabulary

extension Platform {
    /// What is known of the customers' backups.
    package struct Backups: Sendable {
        /// How far back one environment can go.
        package struct Reach: Sendable {
            /// What was promised.
            package let window: Duration
            /// When the environment was made.
            package let since: Instant
            /// Any moment in them can be restored; the oldest first.
            package let stretches: [ClosedRange<Instant>]
            /// Of the oldest change that is not kept yet.
            package let waitingSince: Instant?

            package init(window: Duration, since: Instant, stretches: [ClosedRange<Instant>], waitingSince: Instant?) {
                self.window = window
                self.since = since
                self.stretches = stretches
                self.waitingSince = waitingSince
            }
        }

        /// The newest trial of one environment.
        package struct Trial: Sendable {
            package let at: Instant
            package let passed: Bool
            package let exposure: Duration
            package let took: Duration

            package init(at: Instant, passed: Bool, exposure: Duration, took: Duration) {
                self.at = at
                self.passed = passed
                self.exposure = exposure
                self.took = took
            }
        }

        /// The places whose environments are kept.
        package let keeps: Set<Places.Name>
        package let reach: @Sendable (EnvironmentID) async throws -> Reach
        package let trials: @Sendable () async throws -> [EnvironmentID: Trial]

        package init(
            keeps: Set<Places.Name> = [Places.embedded],
            reach: @escaping @Sendable (EnvironmentID) async throws -> Reach,
            trials: @escaping @Sendable () async throws -> [EnvironmentID: Trial]
        ) {
            self.keeps = keeps
            self.reach = reach
            self.trials = trials
        }
    }

    func requireBackups() throws -> Backups {
        guard let backups else {
            throw CannotProbe(
                directories.databases == nil
                    ? "nothing is backed up from here: start the server with --pgbackrest"
                    : "nothing is shipped from here: start the server with --backup")
        }
        return backups
    }
}
