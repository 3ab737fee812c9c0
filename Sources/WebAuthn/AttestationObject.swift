/// What comes with a new credential (WebAuthn section 6.5.4).
///
/// We ask for attestation "none" and trust no manufacturer's statement. A statement of another format is passed over, as if there
/// were none; only self attestation is checked, because it can be checked without trusting anybody (section 8.2).
struct AttestationObject: Sendable, Hashable {
    static let longest = 16_384

    let format: String
    let statement: CBORValue
    let authenticatorData: AuthenticatorData
    private let signedBytes: [UInt8]

    init(_ bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard bytes.count <= Self.longest else { throw .tooLong }
        guard let value = try? CBORReader.read(bytes), value.map?.count == 3, let format = value["fmt"]?.text,
            let statement = value["attStmt"], let entries = statement.map, let data = value["authData"]?.bytes
        else { throw .malformedAttestation }
        // Section 8.7.
        guard format != "none" || entries.isEmpty else { throw .malformedAttestation }
        self.format = format
        self.statement = statement
        signedBytes = data
        authenticatorData = try AuthenticatorData(data)
    }

    func check(_ credential: AuthenticatorData.AttestedCredential, clientDataHash: [UInt8]) throws(WebAuthnRefusal) {
        guard format == "packed", statement["x5c"] == nil else { return }
        guard let algorithm = statement["alg"]?.integer, let signature = statement["sig"]?.bytes else { throw .malformedAttestation }
        guard algorithm == credential.publicKey.algorithm.rawValue,
            credential.publicKey.isValid(signature, over: signedBytes + clientDataHash)
        else { throw .wrongAttestation }
    }
}
