import Audit
import Identity
import Vocabulary

extension Control {
    static let behindProxy = automated(
        "AV-8", "Runs behind a proxy", "L",
        "The platform stands behind a reverse proxy that is named to it and believes no forwarded address from elsewhere.",
        every: .hours(6), BehindProxy())
}

/// Claims to come from elsewhere, in every header that proxies use, and looks in the audit log for whence the attempt came.
struct BehindProxy: Probe {
    /// For documentation only (RFC 5737): nobody's network.
    static let claimed = "203.0.113.77"
    static let claimedNetwork = "203.0.113."

    func check(_ platform: Platform) async throws -> Evidence {
        guard let listener = platform.listener else { throw CannotProbe("no address listens for TLS") }
        let stranger = Stranger(to: listener, trusted: platform.trustsForwarded)
        guard let stranger else {
            throw CannotProbe("every address of this machine is a trusted proxy, so that nothing here can play a stranger")
        }
        var findings = Findings()
        let identifier = "probe-\(platform.entropy.words().0)@holdfast.invalid"
        let start = try await AuditEntries(database: platform.control).count()
        guard let answer = await RawRequest.send(request(for: identifier, platform), to: listener, from: stranger.address) else {
            throw CannotProbe("the listening address does not answer")
        }
        let digest = platform.plane.keyedDigest(identifier, for: "audit-identifier")
        let entries = try await AuditEntries(database: platform.control)
            .page(.init(events: ["sign_in_attempted"]), limit: AuditEntries.longestPage).entries
        let own = entries.filter { entry in
            entry.seq >= start && entry.fields.contains { $0.name == "identifier_digest" && $0.value == .reference(digest) }
        }
        guard let entry = own.first else {
            throw CannotProbe("the attempt left no event; the answer was \(answer.prefix { $0 != "\r" })")
        }
        findings.facts["recorded_network"] = entry.network.map { .string($0) } ?? .null
        findings.expect(
            entry.network?.hasPrefix(Self.claimedNetwork) != true, "a stranger's forwarded address was taken for the client's own")
        findings.expect(!answer.contains("forged.invalid"), "a stranger's forwarded host came back in the answer")
        return findings.evidence("Forwarded addresses and hosts that no named proxy vouches for were ignored.")
    }

    private func request(for identifier: String, _ platform: Platform) -> String {
        let origin = platform.plane.origin
        let authority = origin.hasPrefix("https://") ? String(origin.dropFirst("https://".count)) : origin
        let body = "identifier=\(identifier.replacing("@", with: "%40"))&password=\(platform.entropy.words().1)"
        return """
            POST /sign-in HTTP/1.1\r
            Host: \(authority)\r
            Origin: \(origin)\r
            Accept: text/html\r
            Forwarded: for=\(Self.claimed);host=forged.invalid;proto=https\r
            X-Forwarded-For: \(Self.claimed)\r
            X-Forwarded-Host: forged.invalid\r
            X-Forwarded-Proto: https\r
            X-Real-IP: \(Self.claimed)\r
            True-Client-IP: \(Self.claimed)\r
            Content-Type: application/x-www-form-urlencoded\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            \r
            \(body)
            """
    }
}
