import CCurl
import Curl
import Foundation
import Jobs
import Sealing
import Storage
import Threads
import Vocabulary

/// Carries jobs of kind `webhook`: one POST each, to an address that was looked up and found permitted first. Redirections aren't followed.
package struct WebhookCarrier: OutboxCarrier {
    package static let kind = "webhook"
    private static let limit = Duration.seconds(10)
    /// Of an answer's content, which nobody reads.
    private static let answerMax = 64 * 1024

    private let database: any Database
    private let keyring: Keyring
    private let reach: Reach
    private let clock: any Clock
    private let threads: BoundedThreads
    private let agent: String

    /// - Parameter database: the control database, which has the routes.
    package init(
        _ database: any Database, keyring: Keyring, reach: Reach, clock: any Clock, product: String, threads: Int = 4, waiting: Int = 64
    ) {
        self.database = database
        self.keyring = keyring
        self.reach = reach
        self.clock = clock
        self.threads = BoundedThreads(threads, waiting: waiting)
        agent = product.filter { $0.isASCII && ($0.isLetter || $0.isNumber) } + "-Webhooks/1.0"
    }

    package func deliver(_ parcel: Parcel) async throws {
        guard let id = parcel.payload["route"]?.string.flatMap({ AlarmRouteID($0) }), let content = parcel.payload["body"] else {
            throw Undeliverable("the message could not be read")
        }
        let row = try await database.read { try $0.row("SELECT target, secret FROM alarm_route WHERE id = \(id)") }
        guard let row else { throw Undeliverable("its route was removed") }
        let (target, sealed): (String, [UInt8]) = (try row.get(0), try row.get(1))
        let secret = try AlarmRoutes.sealer(keyring).open(sealed, context: AlarmRoutes.context(id))
        let webhook = Webhook(id: parcel.id, at: clock.now(), body: content.bytes)
        let answer: Answer
        do {
            answer = try await threads.run { [reach, agent] in Self.post(webhook, secret, to: target, reach, agent) }
        } catch is BoundedThreads.Crowded {
            throw Unreached(reason: "too many webhooks wait")
        }
        let now = clock.now()
        try await database.write {
            try $0.run("UPDATE alarm_route SET tried_at = \(now), outcome = \(answer.words) WHERE id = \(id)")
        }
        switch answer {
        case .status(200..<300): return
        // Standard Webhooks: the other side wants no more of them.
        case .status(410): throw Undeliverable("answered 410")
        case .status, .silence: throw Unreached(reason: answer.words)
        case .forbidden: throw Undeliverable(answer.words)
        }
    }

    private enum Answer: Sendable {
        case status(Int)
        case silence(String)
        case forbidden

        var words: String {
            switch self {
            case .status(let status): "answered \(status)"
            case .silence(let reason): reason
            case .forbidden: "its address is not on the internet"
            }
        }
    }

    /// Blocks.
    private static func post(_ webhook: Webhook, _ secret: Secret, to target: String, _ reach: Reach, _ agent: String) -> Answer {
        guard let address = WebhookAddress(target) else { return .forbidden }
        let (host, port) = (address.host, address.port)
        let addresses: [NetworkAddress]
        switch reach.look(up: host, port: port) {
        case .success(let found): addresses = found
        case .failure(.forbidden): return .forbidden
        case .failure(.unknown): return .silence("its name could not be looked up")
        }
        // Without TLS only where the operator said so, which is never across the internet.
        guard !address.isPlain || addresses.allSatisfy(reach.isInside) else { return .forbidden }
        guard let transfer = Transfer() else { return .silence("memory is short") }
        transfer.set(CURLOPT_URL, address.text)
        transfer.set(CURLOPT_PROTOCOLS_STR, "http,https")
        transfer.set(CURLOPT_FOLLOWLOCATION, 0)
        transfer.set(CURLOPT_USERAGENT, agent)
        // The addresses that were judged, and no others: a name must not answer differently a moment later.
        let pinned = addresses.map { $0.isIPv4 ? $0.text : "[\($0.text)]" }.joined(separator: ",")
        transfer.set(CURLOPT_RESOLVE, ["\(host.trimmingCharacters(in: ["[", "]"])):\(port):\(pinned)"])
        transfer.set(CURLOPT_HTTPHEADER, webhook.headers(secret))
        transfer.limit(connecting: .seconds(5), whole: limit)
        transfer.receive(atMost: answerMax)
        guard transfer.settingsWereTaken else { return .silence("it could not be set up") }
        let code = transfer.perform(body: webhook.body)
        // An answer that is too long is an answer all the same.
        guard code == CURLE_OK || (code == CURLE_WRITE_ERROR && transfer.status > 0) else { return .silence(Transfer.reason(code)) }
        return .status(transfer.status)
    }
}

/// Tried again later.
private struct Unreached: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}
