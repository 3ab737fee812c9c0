import NIOCore
import Vocabulary

/// What one connection has done so far, and by when it must do the next thing. Lives on the connection's event loop.
///
/// All deadlines are looked at by one timer per connection that ticks a few times per shortest deadline: no timer is
/// made or cancelled per request.
final class ConnectionWatch {
    private static let idleFarewell = TimeAmount.seconds(1)

    let limits: Limits
    /// How often the deadlines are looked at.
    let tick: TimeAmount
    private let acceptedAt = NIODeadline.now()
    private(set) var lastActivity: NIODeadline
    /// Since when no request is being read or answered; nil while one is.
    private(set) var idleSince: NIODeadline?
    /// When the first byte of the next head came.
    private var headSince: NIODeadline?
    private(set) var hasSeenRequest = false
    private var farewellAt: NIODeadline?
    private var busyRequests = 0

    /// Requests that are being received or answered.
    private var exchanges: [ObjectIdentifier: Exchange] = [:]

    init(limits: Limits) {
        self.limits = limits
        lastActivity = acceptedAt
        let shortest =
            [
                limits.firstRequest, limits.head, limits.keepAlive, limits.silence, limits.bodyGrace, limits.drain, limits.farewell,
            ].min() ?? .seconds(10)
        tick = max(.milliseconds(20), min(.milliseconds(2500), TimeAmount(shortest) / 4))
    }

    /// Bytes came in.
    func received() {
        lastActivity = .now()
        if hasSeenRequest, idleSince != nil, headSince == nil { headSince = lastActivity }
    }

    /// Bytes were handed to the network.
    func sent() { lastActivity = .now() }

    func requestBegan(_ exchange: Exchange) {
        hasSeenRequest = true
        busyRequests += 1
        idleSince = nil
        headSince = nil
        exchanges[ObjectIdentifier(exchange)] = exchange
    }

    /// The request was read to its end and answered, or its stream is gone.
    func requestEnded(_ exchange: Exchange) {
        guard exchanges.removeValue(forKey: ObjectIdentifier(exchange)) != nil else { return }
        busyRequests -= 1
        if busyRequests == 0 {
            idleSince = .now()
            headSince = nil
        }
    }

    func stopping() {
        farewellAt = .now() + TimeAmount(limits.farewell)
        if busyRequests == 0 { idleSince = .now() }
    }

    /// Whether the connection must go now. Cuts single requests of an HTTP/2 connection by itself.
    func isOverdue() -> Bool {
        let now = NIODeadline.now()
        if let farewellAt {
            // An idle HTTP/2 client has had its GOAWAY; one that doesn't answer it is not waited for.
            if now >= farewellAt || (busyRequests == 0 && now - (idleSince ?? acceptedAt) >= Self.idleFarewell) { return true }
        }
        if now - lastActivity >= TimeAmount(limits.silence) { return true }
        if !hasSeenRequest { return now - acceptedAt >= TimeAmount(limits.firstRequest) }
        if let headSince, now - headSince >= TimeAmount(limits.head) { return true }
        if let idleSince, now - idleSince >= TimeAmount(limits.keepAlive) { return true }
        for exchange in exchanges.values where exchange.isOverdue(at: now) { exchange.cut() }
        return false
    }
}

/// One request and its answer, as the watch sees them. Lives on the connection's event loop.
final class Exchange {
    private let limits: Limits
    private let cutting: () -> Void
    private(set) var isReceiving = true
    private(set) var isAnswered = false
    private var answeredAt: NIODeadline?
    private var received = 0
    private var waited = TimeAmount.zero
    private var waitingSince: NIODeadline?
    private var stuckSince: NIODeadline?

    init(limits: Limits, cut: @escaping () -> Void) {
        self.limits = limits
        cutting = cut
    }

    var isOver: Bool { isAnswered && !isReceiving }

    /// The application is ready for more of the body, so the time from now on is the client's.
    func wantsBody() {
        if isReceiving, waitingSince == nil { waitingSince = .now() }
    }

    /// - Returns: false once the body is longer than any may be.
    func receivedBody(_ count: Int) -> Bool {
        received += count
        return received <= limits.streamedBodyBytes
    }

    func readCompleted() {
        guard let since = waitingSince else { return }
        waited = waited + (.now() - since)
        waitingSince = nil
    }

    func receivedEnd() {
        isReceiving = false
        waitingSince = nil
    }

    func answered() {
        isAnswered = true
        answeredAt = .now()
    }

    /// The client doesn't take what was written (or takes it again).
    func writable(_ isWritable: Bool) {
        if isWritable { stuckSince = nil } else if stuckSince == nil { stuckSince = .now() }
    }

    func isOverdue(at now: NIODeadline) -> Bool {
        if let stuckSince, now - stuckSince >= TimeAmount(limits.drain) { return true }
        // The answer is out; what the client still holds open serves nobody.
        if let answeredAt, now - answeredAt >= TimeAmount(limits.drain) { return true }
        guard isReceiving else { return false }
        var waiting = waited
        if let waitingSince { waiting = waiting + (now - waitingSince) }
        let allowed = TimeAmount(limits.bodyGrace) + .milliseconds(Int64(received) * 1000 / Int64(max(1, limits.bodyBytesPerSecond)))
        return waiting >= allowed
    }

    func cut() { cutting() }
}

extension TimeAmount {
    static func / (left: TimeAmount, right: Int64) -> TimeAmount { .nanoseconds(left.nanoseconds / right) }
}
