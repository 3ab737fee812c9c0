import Storage
import Vocabulary

extension SignIn {
    /// The last step of every way in: the sign-in is written down, its device found or made known, and its owner told of a new one.
    func arrive(_ issued: IssuedSession, by principal: Principal, in transaction: any Transaction) throws -> IssuedSession {
        let session = issued.session
        let now = plane.clock.now()
        let network = Neighbourhood.of(principal.address)
        let platform = DevicePlatform(agent: session.agent)
        let device = try session.browser.map { try welcome($0, platform, network, session, by: principal, in: transaction) }
        // Enrolling and confirming finish a session once each; of two at once the second changes nothing here.
        try transaction.run(
            """
            INSERT INTO arrival (session, account, device, at, browser, system, network, methods, country)
            VALUES (\(session.id), \(session.account), \(device), \(now), \(platform.browser), \(platform.system), \(network),
                \(session.methods.joined(separator: " ")), \(risks.country(of: principal.address)))
            ON CONFLICT (session) DO NOTHING
            """)
        guard let device, device != session.device else { return issued }
        try transaction.run("UPDATE session SET device = \(device) WHERE id = \(session.id)")
        return IssuedSession(session: session.on(device), token: issued.token)
    }

    private func welcome(
        _ token: TokenDigest, _ platform: DevicePlatform, _ network: String?, _ session: Session, by principal: Principal,
        in transaction: any Transaction
    ) throws -> DeviceID {
        let now = plane.clock.now()
        if let known = try Devices.find(token, of: session.account, in: transaction) {
            try transaction.run(
                """
                UPDATE device SET last_seen_at = \(now), network = \(network), browser = \(platform.browser), system = \(platform.system)
                WHERE id = \(known.id)
                """)
            return known.id
        }
        let id = DeviceID(at: now, entropy: plane.entropy)
        // Asked before this one is written down: the very first sign-in of an account is no news to its owner.
        let isFirst = try transaction.row("SELECT 1 FROM arrival WHERE account = \(session.account) LIMIT 1") == nil
        try transaction.run(
            """
            INSERT INTO device (id, account, token_digest, browser, system, first_seen_at, last_seen_at, network)
            VALUES (\(id), \(session.account), \(token), \(platform.browser), \(platform.system), \(now), \(now), \(network))
            """)
        let owner = Principal(.account(session.account), session: session.id, address: principal.address)
        try plane.audit.record(.deviceRegistered(account: session.account, device: id), by: owner, at: now, in: transaction)
        // What was remembered of this browser is that nobody knows it.
        try plane.invalidate(.account(session.account), in: transaction)
        if !isFirst, let account = try Accounts.find(session.account, in: transaction) {
            let link = try WayOut(plane).issue(for: account.id, in: transaction)
            try letters.drop(
                .newDevice(
                    to: account.identifier, at: now, platform: platform.name, network: network, link: link, product: plane.product),
                transaction)
        }
        return id
    }
}
