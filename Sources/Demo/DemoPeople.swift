import Identity
import Sealing
import Storage
import Synchronization
import Vocabulary

/// Brings the demo's people in by the front door: invited, password set, second factor enrolled.
struct DemoPeople: Sendable {
    let plane: ControlPlane
    let hasher: PasswordHasher
    /// Of the control plane's sealed columns, as ``Factors`` takes it.
    let sealer: Sealer

    /// The first operator, who may make tenants.
    func claim(_ person: DemoPerson) async throws -> Principal {
        let counter = desk(for: person)
        let first = FirstOperator(counter.plane, sessions: counter.sessions, hasher: hasher)
        guard let token = try await first.link()?.split(separator: "/").last else { throw DemoError.notEmpty }
        let issued = try await first.claim(
            String(token), identifier: person.identifier, displayName: person.displayName, password: Secret(person.password),
            by: Self.visitor, agent: Self.agent)
        return try await enrol(person, issued, counter)
    }

    /// Invites by mail that only we read, and accepts. An account that exists joins with the same account.
    func join(
        _ person: DemoPerson, _ tenant: TenantID, named name: String, as role: String, invitedBy inviter: Principal, known: Principal?
    ) async throws -> Principal {
        let counter = desk(for: person)
        let caught = Mutex<String?>(nil)
        let invitations = Invitations(
            counter.plane, sessions: counter.sessions, hasher: hasher,
            letters: LetterBox { letter, _ in caught.withLock { $0 = letter.text } })
        _ = try await invitations.invite(person.identifier, to: tenant, named: name, roles: [role], by: inviter)
        guard let token = caught.withLock({ $0 })?.firstMatch(of: /\/invitations\/(\S+)/)?.1 else { throw DemoError.notEmpty }
        if let known, let session = known.session, let open = try await counter.sessions.find(session) {
            _ = try await invitations.accept(String(token), in: open, by: known)
            return known
        }
        let issued = try await invitations.accept(
            String(token), displayName: person.displayName, password: Secret(person.password), by: Self.visitor, agent: Self.agent)
        return try await enrol(person, issued, counter)
    }

    /// Ends the sessions that this took: whoever looks at the demo signs in.
    func leave(_ principal: Principal) async throws {
        guard let session = principal.session, let open = try await Sessions(plane).find(session) else { return }
        try await Sessions(plane).signOut(open, by: principal)
    }

    private func enrol(_ person: DemoPerson, _ issued: IssuedSession, _ desk: Desk) async throws -> Principal {
        let principal = Principal(.account(issued.session.account), session: issued.session.id, address: Self.visitor.address)
        let signIn = try SignIn(
            desk.plane, sessions: desk.sessions, hasher: hasher, factors: Factors(desk.plane, sealer: sealer),
            letters: LetterBox { _, _ in })
        _ = try await signIn.enrolment(in: issued.session, by: principal)
        let (session, _) = try await signIn.confirmEnrolment(
            code: person.code(at: plane.clock.now() - .seconds(30)), in: issued.session, by: principal)
        return Principal(.account(session.session.account), session: session.session.id, address: Self.visitor.address)
    }

    private struct Desk {
        let plane: ControlPlane
        let sessions: Sessions
    }

    private func desk(for person: DemoPerson) -> Desk {
        let plane = plane.with(entropy: FactorEntropy(secret: person.factorSecret))
        return Desk(plane: plane, sessions: Sessions(plane))
    }

    private static let visitor = Principal(.anonymous, address: "127.0.0.1")
    private static let agent: UserAgent = "Demo"
}

extension DemoPerson {
    /// The six digits that their authenticator shows.
    package func code(at instant: Instant) -> String {
        TOTP.code(secret: Secret(factorSecret), step: TOTP.step(at: instant))
    }

    /// For an authenticator application.
    package var otpauth: String { TOTP.uri(secret: Secret(factorSecret), account: identifier, issuer: "Holdfast demo") }
}

/// Random, save for the one thing that has to come out as the demo says: the 20 bytes of a person's second factor.
private struct FactorEntropy: Entropy {
    let secret: [UInt8]

    func words() -> (UInt64, UInt64) { SystemEntropy().words() }
    func bytes(_ count: Int) -> [UInt8] { count == secret.count ? secret : SystemEntropy().bytes(count) }
}
