import PasskeyTesting
import Testing
import Vocabulary
import WebAuthn

@Suite("Registrations and assertions")
struct CeremonyTests {
    private let party: RelyingParty
    private let challenge = Base64URL.encode((0..<32).map { UInt8($0) })

    init() throws {
        party = try #require(RelyingParty(origin: "https://holdfast.localhost:8443", name: "Holdfast"))
    }

    private func register(_ passkey: SoftAuthenticator, attestation: SoftAuthenticator.Attestation = .none) throws -> RegisteredCredential {
        let answer = try passkey.registration(challenge: challenge, attestation: attestation)
        return try party.verify(try RegistrationResponse(json: answer.text), challenge: challenge)
    }

    private func record(_ passkey: SoftAuthenticator, signCount: UInt32 = 0, eligible: Bool = false) throws -> CredentialRecord {
        CredentialRecord(
            id: passkey.id, publicKey: try CredentialPublicKey(cose: passkey.cose), signCount: signCount, backupEligible: eligible,
            userHandle: [7, 7, 7])
    }

    private func verify(
        _ json: String, _ record: CredentialRecord, verified: Bool = true, identifies: Bool = false, challenge: String? = nil
    ) throws -> Assertion {
        try party.verify(
            try AuthenticationResponse(json: json), against: record, challenge: challenge ?? self.challenge,
            requiresUserVerification: verified, identifiesUser: identifies)
    }

    // MARK: What is right

    @Test(arguments: SoftAuthenticator.Algorithm.allCases)
    func `a passkey registers and signs in with each algorithm`(algorithm: SoftAuthenticator.Algorithm) throws {
        var passkey = try SoftAuthenticator(algorithm)
        for attestation in [SoftAuthenticator.Attestation.none, .packedSelf] {
            let credential = try register(passkey, attestation: attestation)
            #expect(credential.id == passkey.id && credential.publicKey.cose == passkey.cose && credential.userVerified)
            #expect(credential.transports == [.hybrid, .internal] && credential.isDiscoverable == true && !credential.backupEligible)
        }
        passkey.userHandle = [7, 7, 7]
        let assertion = try verify(try passkey.assertion(challenge: challenge).text, try record(passkey), identifies: true)
        #expect(assertion.signCount == 0 && assertion.userVerified && !assertion.backedUp && !assertion.countWentBack)
    }

    @Test func `a passkey that may be copied says so, and whether it is`() throws {
        var passkey = try SoftAuthenticator()
        passkey.circumstances.flags = [.userPresent, .backupEligible, .backedUp]
        let credential = try register(passkey)
        #expect(credential.backupEligible && credential.backedUp && !credential.userVerified)
        let answer = try passkey.assertion(challenge: challenge).text
        #expect(try verify(answer, try record(passkey, eligible: true), verified: false).backedUp)
    }

    @Test(arguments: [(0, 0, false), (0, 1, false), (5, 6, false), (5, 5, true), (6, 5, true), (5, 0, true)] as [(UInt32, UInt32, Bool)])
    func `a counter that does not grow is told, not refused`(stored: UInt32, sent: UInt32, wentBack: Bool) throws {
        let passkey = try SoftAuthenticator(signCount: sent)
        let assertion = try verify(try passkey.assertion(challenge: challenge).text, try record(passkey, signCount: stored))
        #expect(assertion.countWentBack == wentBack && assertion.signCount == sent)
    }

    @Test func `extensions that nobody asked for are passed over`() throws {
        var passkey = try SoftAuthenticator()
        passkey.circumstances.flags.insert(.extensions)
        passkey.circumstances.extraBytes = [0xA1] + CBORText.text("credProtect") + [2]
        _ = try register(passkey)
        _ = try verify(try passkey.assertion(challenge: challenge).text, try record(passkey))
    }

    // MARK: What is wrong

    private static let lies: [(WebAuthnRefusal, @Sendable (inout SoftAuthenticator.Circumstances) -> Void)] = [
        (.wrongOrigin, { $0.origin = "https://evil.example" }),
        (.wrongOrigin, { $0.origin = "https://holdfast.localhost" }),
        (.wrongOrigin, { $0.origin = "http://holdfast.localhost:8443" }),
        (.wrongOrigin, { $0.origin = "https://acme.holdfast.localhost:8443" }),
        (.wrongOrigin, { $0.origin = "https://holdfast.localhost:8443/" }),
        (.wrongRelyingParty, { $0.relyingParty = "localhost" }),
        (.wrongRelyingParty, { $0.relyingParty = "acme.holdfast.localhost" }),
        (.embedded, { $0.crossOrigin = true }),
        (.embedded, { $0.topOrigin = "https://holdfast.localhost:8443" }),
        (.userAbsent, { $0.flags.remove(.userPresent) }),
        (.impossibleBackupState, { $0.flags.insert(.backedUp) }),
        (.malformedAuthenticatorData, { $0.extraBytes = [0] }),
        (.malformedAuthenticatorData, { $0.flags.insert(.extensions) }),
        (
            .malformedAuthenticatorData,
            {
                $0.flags.insert(.extensions)
                $0.extraBytes = [0x01]
            }
        ),
    ]

    @Test func `what is said in another place, for another, or without a person is refused`() throws {
        for (expected, lie) in Self.lies {
            var passkey = try SoftAuthenticator()
            lie(&passkey.circumstances)
            #expect(throws: expected) { try register(passkey) }
            #expect(throws: expected) { try verify(try passkey.assertion(challenge: challenge).text, try record(passkey)) }
        }
    }

    @Test func `an answer of one kind is none of the other`() throws {
        var passkey = try SoftAuthenticator()
        passkey.circumstances.type = "webauthn.get"
        #expect(throws: WebAuthnRefusal.wrongType) { try register(passkey) }
        passkey.circumstances.type = "webauthn.create"
        #expect(throws: WebAuthnRefusal.wrongType) { try verify(try passkey.assertion(challenge: challenge).text, try record(passkey)) }
    }

    @Test func `another challenge, credential, user, or a missing verification is refused`() throws {
        var passkey = try SoftAuthenticator()
        let known = try record(passkey)
        let answer = try passkey.assertion(challenge: challenge).text
        #expect(throws: WebAuthnRefusal.wrongChallenge) { try verify(answer, known, challenge: Base64URL.encode([1, 2, 3])) }
        #expect(throws: WebAuthnRefusal.wrongCredential) { try verify(answer, try record(try SoftAuthenticator())) }
        #expect(throws: WebAuthnRefusal.wrongUser) { try verify(answer, known, identifies: true) }
        let other = CredentialRecord(
            id: passkey.id, publicKey: try CredentialPublicKey(cose: try SoftAuthenticator().cose), signCount: 0, backupEligible: false,
            userHandle: [])
        #expect(throws: WebAuthnRefusal.wrongSignature) { try verify(answer, other) }
        #expect(throws: WebAuthnRefusal.impossibleBackupState) { try verify(answer, try record(passkey, eligible: true)) }
        passkey.userHandle = [8]
        #expect(throws: WebAuthnRefusal.wrongUser) { try verify(try passkey.assertion(challenge: challenge).text, known) }
        passkey.userHandle = nil
        passkey.circumstances.flags = [.userPresent]
        #expect(throws: WebAuthnRefusal.userUnverified) { try verify(try passkey.assertion(challenge: challenge).text, known) }
        let registration = try RegistrationResponse(json: try passkey.registration(challenge: challenge).text)
        #expect(throws: WebAuthnRefusal.userUnverified) {
            try party.verify(registration, challenge: challenge, requiresUserVerification: true)
        }
    }

    @Test func `a self attestation by another key is refused`() throws {
        let passkey = try SoftAuthenticator()
        let whole = try passkey.registration(challenge: challenge, attestation: .packedSelf)
        let object = try #require(whole["response"]?["attestationObject"]?.string.flatMap { Base64URL.decode($0) })
        var changed = object
        let place = try #require(object.firstRange(of: Array("sig".utf8))).upperBound + 8
        changed[place] ^= 1
        #expect(throws: (any Error).self) {
            try party.verify(
                try RegistrationResponse(json: replacing("attestationObject", in: whole, with: changed)), challenge: challenge)
        }
    }

    // MARK: Damage

    private func replacing(_ name: String, in answer: JSONValue, with bytes: [UInt8]) -> String {
        var whole = answer.object ?? [:]
        var response = whole["response"]?.object ?? [:]
        response[name] = .string(Base64URL.encode(bytes))
        whole["response"] = .object(response)
        return JSONValue.object(whole).text
    }

    @Test func `an assertion truncated at any byte, or with any bit changed, is refused`() throws {
        let passkey = try SoftAuthenticator(signCount: 3)
        let known = try record(passkey)
        let answer = try passkey.assertion(challenge: challenge)
        for name in ["clientDataJSON", "authenticatorData", "signature"] {
            let bytes = try #require(answer["response"]?[name]?.string.flatMap { Base64URL.decode($0) })
            for length in 0..<bytes.count {
                #expect(throws: WebAuthnRefusal.self) { try verify(replacing(name, in: answer, with: Array(bytes[..<length])), known) }
            }
            for bit in 0..<bytes.count * 8 {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: WebAuthnRefusal.self, "bit \(bit) of \(name)") {
                    try verify(replacing(name, in: answer, with: changed), known)
                }
            }
        }
    }

    @Test func `a registration truncated at any byte is refused, and no changed bit gives another key under the same name`() throws {
        let passkey = try SoftAuthenticator()
        let answer = try passkey.registration(challenge: challenge, attestation: .packedSelf)
        for name in ["clientDataJSON", "attestationObject"] {
            let bytes = try #require(answer["response"]?[name]?.string.flatMap { Base64URL.decode($0) })
            for length in 0..<bytes.count {
                #expect(throws: WebAuthnRefusal.self) {
                    try party.verify(
                        try RegistrationResponse(json: replacing(name, in: answer, with: Array(bytes[..<length]))), challenge: challenge)
                }
            }
            for bit in 0..<bytes.count * 8 {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                // The one thing that nobody signs is the format's own name, which we pass over when it isn't ours.
                let accepted = try? party.verify(
                    try RegistrationResponse(json: replacing(name, in: answer, with: changed)), challenge: challenge)
                if let accepted { #expect(accepted.id == passkey.id && accepted.publicKey.cose == passkey.cose, "bit \(bit) of \(name)") }
            }
        }
    }

    @Test func `what is too long is refused unread`() throws {
        let passkey = try SoftAuthenticator()
        let answer = try passkey.assertion(challenge: challenge)
        let long = [UInt8](repeating: 0x20, count: 5000)
        for name in ["clientDataJSON", "authenticatorData", "signature", "userHandle"] {
            #expect(throws: WebAuthnRefusal.tooLong) {
                try verify(replacing(name, in: answer, with: long), try record(passkey))
            }
        }
        #expect(throws: WebAuthnRefusal.tooLong) { try AuthenticationResponse(json: String(repeating: " ", count: 40_000)) }
        #expect(throws: WebAuthnRefusal.tooLong) { try RegistrationResponse(json: String(repeating: "[", count: 40_000)) }
        let big = try SoftAuthenticator(id: [UInt8](repeating: 1, count: 1024))
        #expect(throws: WebAuthnRefusal.tooLong) { try register(big) }
    }

    @Test(arguments: [
        "", "null", "[]", "{}", #"{"id":"AA","rawId":"AB","type":"public-key","response":{}}"#,
        #"{"id":"AA","rawId":"AA","type":"password","response":{}}"#, #"{"id":"AA","rawId":"AA","type":"public-key"}"#,
        #"{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":1}}"#,
        #"{"id":"A","rawId":"A","type":"public-key","response":{}}"#, #"{"id":"","rawId":"","type":"public-key","response":{}}"#,
        #"{"id":"AA==","rawId":"AA==","type":"public-key","response":{}}"#,
    ])
    func `what is no answer is refused`(text: String) {
        #expect(throws: WebAuthnRefusal.self) { try RegistrationResponse(json: text) }
        #expect(throws: WebAuthnRefusal.self) { try AuthenticationResponse(json: text) }
    }

    @Test func `keys that are none, or weak, or say more than they should are refused`() throws {
        let key = try SoftAuthenticator().cose
        let edwards = try SoftAuthenticator(.edDSA).cose
        _ = try CredentialPublicKey(cose: key)
        var offCurve = key
        offCurve[offCurve.count - 1] ^= 1
        #expect(throws: WebAuthnRefusal.malformedKey) { try CredentialPublicKey(cose: offCurve) }
        // Another type than the algorithm's; a further member; an RSA key of 1024 bits; an exponent of one.
        #expect(throws: WebAuthnRefusal.malformedKey) { try CredentialPublicKey(cose: [0xA5, 1, 1] + key.dropFirst(3)) }
        #expect(throws: WebAuthnRefusal.unsupportedKey) { try CredentialPublicKey(cose: [0xA5] + edwards.dropFirst() + [0x22, 0x40]) }
        let modulus = [UInt8](repeating: 0xFF, count: 128)
        #expect(throws: WebAuthnRefusal.malformedKey) {
            try CredentialPublicKey(cose: [0xA4, 1, 3, 3, 0x39, 1, 0, 0x20] + CBORText.bytes(modulus) + [0x21, 0x43, 1, 0, 1])
        }
        #expect(throws: WebAuthnRefusal.malformedKey) {
            try CredentialPublicKey(cose: [0xA4, 1, 3, 3, 0x39, 1, 0, 0x20] + CBORText.bytes(modulus + modulus) + [0x21, 0x41, 1])
        }
    }

    @Test(arguments: ["http://a.example", "https://", "https://a.example/", "https://a.example:x", "a.example", "https://a.example:99999"])
    func `a relying party is an origin`(text: String) { #expect(RelyingParty(origin: text, name: "") == nil) }

    @Test func `the options say what we ask for`() {
        let options = party.creationOptions(
            challenge: challenge, userHandle: [1], userName: "robin@acme.example", displayName: "Robin",
            excluding: [CredentialDescriptor(id: [2], transports: [.usb])], life: .minutes(5))
        #expect(options["rp"]?["id"]?.string == "holdfast.localhost" && options["attestation"]?.string == "none")
        #expect(options["pubKeyCredParams"]?.array?.compactMap { $0["alg"]?.integer } == [-7, -8, -257])
        #expect(options["authenticatorSelection"]?["residentKey"]?.string == "preferred" && options["timeout"]?.integer == 300_000)
        #expect(options["excludeCredentials"]?.array?.first?["id"]?.string == "Ag")
        let request = party.requestOptions(challenge: challenge, allowed: [], userVerification: .required, life: .minutes(5))
        #expect(request["userVerification"]?.string == "required" && request["allowCredentials"]?.array == [])
    }
}
