import Sealing
import Storage
import Vocabulary

/// Everything of this target, put together once at start: what pages, routes and commands are given.
package struct IdentityDesk: Sendable {
    package let plane: ControlPlane
    package let accounts: Accounts
    package let passwords: Passwords
    package let factors: Factors
    package let passkeys: Passkeys
    package let sessions: Sessions
    package let signIn: SignIn
    package let passwordReset: PasswordReset
    package let factorResets: FactorResets
    package let memberships: Memberships
    package let invitations: Invitations
    package let staff: Staff
    package let firstOperator: FirstOperator
    package let devices: Devices
    package let wayOut: WayOut
    package let risks: Risks
    package let signInRules: SignInRules
    let letters: LetterBox

    /// Throws ``Refusal`` `sealed` while the keyring has no master key.
    package init(
        _ plane: ControlPlane, keyring: Keyring, hasher: PasswordHasher, letters: LetterBox, life: SessionLife = SessionLife(),
        locations: Locations = .nowhere, crowding: Crowding = Crowding()
    ) throws {
        self.plane = plane
        self.letters = letters
        accounts = Accounts(plane)
        passwords = Passwords(plane, hasher: hasher, letters: letters)
        factors = Factors(plane, sealer: try keyring.sealer(for: .control, purpose: .sealedColumns))
        sessions = Sessions(plane, life: life)
        signIn = try SignIn(
            plane, sessions: sessions, hasher: hasher, factors: factors, letters: letters, locations: locations, crowding: crowding)
        passkeys = signIn.passkeys
        passwordReset = PasswordReset(signIn, letters: letters)
        factorResets = FactorResets(signIn)
        memberships = Memberships(plane)
        invitations = Invitations(plane, sessions: sessions, hasher: hasher, letters: letters)
        staff = Staff(plane)
        firstOperator = FirstOperator(plane, sessions: sessions, hasher: hasher)
        devices = Devices(plane)
        wayOut = WayOut(plane)
        risks = signIn.risks
        signInRules = SignInRules(plane)
    }

    /// Marks and forgets what time has ended. Run it every minute.
    package func sweep() async throws {
        try await sessions.sweep()
        try await OneTimeCodes(plane).sweep()
        try await Throttle(plane).sweep()
        try await devices.sweep()
        try await risks.sweep()
    }
}
