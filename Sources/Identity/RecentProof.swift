import Vocabulary

/// What dangerous things take: that the person showed a factor a moment ago (step-up, RFC 9470).
///
/// A session lives for hours, and may be found open by somebody else. What can't be undone, or opens a door for good, asks again.
package enum RecentProof {
    package static let life = Duration.minutes(10)

    package static let refusal = Refusal(
        .unauthenticated, "confirm-it-is-you", "Please confirm first that it is you: with a passkey, or a code of your authenticator.")

    /// `since`: when the person last proved who they are. A proof from the future was made before the clock was set back, nobody knows when.
    package static func require(since proof: Instant, at now: Instant) throws {
        guard now < proof + life, proof <= now + Session.clockTolerance else { throw refusal }
    }
}
