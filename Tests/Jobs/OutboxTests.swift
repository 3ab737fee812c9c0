import Foundation
import Mail
import Sealing
import ServiceLifecycle
import Storage
import TestSupport
import Testing
import Vocabulary

@testable import Jobs

struct OutboxTests {
    private let desk: Desk
    init() async throws { desk = try await Desk() }

    private let job = OutboxJob(kind: "test", payload: ["link": "https://holdfast.example/i/canary-8261"])

    @Test func `a job is carried once, whole, and its content is erased`() async throws {
        let id = try #require(try await desk.add(job))
        let carrier = Carrier()
        #expect(try await desk.courier(carrier).deliverDue() == 1)
        #expect(carrier.parcels == [Parcel(id: id, kind: "test", payload: job.payload, attempt: 1)])
        #expect(try await desk.courier(carrier).deliverDue() == 0)
        let entry = try #require(try await desk.entries(.delivered).first)
        #expect(entry.id == id && entry.attempts == 1 && entry.settledAt == desk.clock.now())
        #expect(try await desk.database.read { try $0.value("SELECT length(payload) FROM outbox", as: Int.self) } == 0)
    }

    @Test func `a waiting payload is sealed, for its own row only`() async throws {
        let id = try #require(try await desk.add(job))
        let other = try #require(try await desk.add(OutboxJob(kind: "test", payload: ["link": "other"])))
        let payload = try #require(
            try await desk.database.read { try $0.value("SELECT payload FROM outbox WHERE id = \(id)", as: [UInt8].self) })
        #expect(Data(payload).range(of: Data("canary-8261".utf8)) == nil)
        #expect(try desk.outbox.open(payload, id: id) == job.payload)
        #expect(throws: SealingFault.notAuthentic) { try desk.outbox.open(payload, id: other) }
    }

    @Test func `a transaction that fails takes its jobs with it`() async throws {
        struct Change: Error {}
        let (outbox, job, now) = (desk.outbox, job, desk.clock.now())
        await #expect(throws: Change.self) {
            try await desk.database.write { transaction in
                try outbox.add(job, in: transaction, at: now)
                throw Change()
            }
        }
        #expect(try await desk.entries().isEmpty)
    }

    @Test func `while the keyring is sealed nothing can be added`() async throws {
        desk.keyring.seal()
        await #expect(performing: { try await desk.add(job) }, throws: { ($0 as? Refusal)?.code == "sealed" })
    }

    @Test func `the same key adds once, even after delivery`() async throws {
        let once = OutboxJob(kind: "test", payload: [:], once: "invitation/1")
        #expect(try await desk.add(once) != nil)
        #expect(try await desk.add(once) == nil)
        let carrier = Carrier()
        try await desk.courier(carrier).deliverDue()
        #expect(try await desk.add(once) == nil)
        try await desk.courier(carrier).deliverDue()
        #expect(carrier.parcels.count == 1)
    }

    @Test func `failures are tried again ever later under the same identifier`() async throws {
        let id = try #require(try await desk.add(job))
        let carrier = Carrier(failures: 3)
        let courier = desk.courier(carrier)
        var waits: [Int64] = []
        while carrier.parcels.isEmpty {
            #expect(try await courier.deliverDue() == 1)
            guard let entry = try await desk.entries(.waiting).first else { break }
            #expect(entry.reason == "Jam()")
            let wait = entry.dueAt - desk.clock.now()
            waits.append(wait.microseconds / 1_000_000)
            desk.clock.advance(by: wait - .milliseconds(1))
            #expect(try await courier.deliverDue() == 0)
            desk.clock.advance(by: .milliseconds(1))
        }
        #expect(waits.count == 3)
        #expect((10...12).contains(waits[0]) && (40...48).contains(waits[1]) && (160...192).contains(waits[2]))
        #expect(carrier.parcels.first?.id == id && carrier.parcels.first?.attempt == 4)
    }

    @Test func `after its last attempt a job is dead, with the reason, and can be revived`() async throws {
        let id = try #require(try await desk.add(job))
        let carrier = Carrier(failures: 2)
        let courier = desk.courier(carrier, patience: .init(attempts: 2))
        for _ in 0..<5 {
            try await courier.deliverDue()
            desk.clock.advance(by: .hours(2))
        }
        let dead = try #require(try await desk.entries(.dead).first)
        #expect(dead.attempts == 2 && dead.reason == "Jam()")
        let (outbox, now) = (desk.outbox, desk.clock.now())
        try await desk.database.write { try outbox.revive(id, at: now, in: $0) }
        try await courier.deliverDue()
        #expect(carrier.parcels.first?.payload == job.payload)
        await #expect(throws: Refusal.self) { try await desk.database.write { try outbox.revive(id, at: now, in: $0) } }
    }

    @Test func `what can't be delivered is not tried again`() async throws {
        _ = try await desk.add(job)
        try await desk.courier(Carrier(end: Undeliverable("no such person"))).deliverDue()
        #expect(try await desk.entries(.dead).first?.reason == "no such person")
    }

    @Test func `a job without a carrier, or past its time, or spoilt, is dead and stops nobody else`() async throws {
        _ = try await desk.add(OutboxJob(kind: "unknown", payload: [:]))
        _ = try await desk.add(OutboxJob(kind: "test", payload: [:], expiresAt: desk.clock.now() + .minutes(10)))
        desk.clock.advance(by: .minutes(10))
        _ = try await desk.add(job)
        let carrier = Carrier()
        #expect(try await desk.courier(carrier).deliverDue() == 3)
        #expect(carrier.parcels.count == 1)
        #expect(try await desk.entries(.dead).count == 2)
    }

    @Test func `a spoilt payload is never delivered`() async throws {
        _ = try await desk.add(job)
        try await desk.database.write { try $0.run("UPDATE outbox SET payload = \([UInt8](repeating: 0, count: 60))") }
        let carrier = Carrier()
        try await desk.courier(carrier, patience: .init(attempts: 1)).deliverDue()
        #expect(carrier.parcels.isEmpty)
        #expect(try await desk.entries(.dead).count == 1)
    }

    @Test func `what a dead courier had taken is taken again when its lease ends, and its late word doesn't count`() async throws {
        _ = try await desk.add(job)
        let (outbox, now) = (desk.outbox, desk.clock.now())
        let lost = try await desk.database.write { try outbox.claim(.everything, at: now, lease: .minutes(5), limit: 10, in: $0) }
        #expect(lost.count == 1)
        let carrier = Carrier(failures: 1)
        #expect(try await desk.courier(carrier).deliverDue() == 0)
        desk.clock.advance(by: .minutes(5))
        #expect(try await desk.courier(carrier).deliverDue() == 1)
        try await desk.database.write { try outbox.settle(lost[0], .delivered, at: now, in: $0) }
        #expect(try await desk.entries(.waiting).count == 1)
    }

    @Test func `two couriers never take the same job`() async throws {
        for _ in 0..<60 { _ = try await desk.add(job) }
        let (first, second) = (Carrier(), Carrier())
        async let one = desk.courier(first).deliverDue()
        async let two = desk.courier(second).deliverDue()
        #expect(try await one + two == 60)
        #expect(Set((first.parcels + second.parcels).map(\.id)).count == 60)
    }

    @Test func `delays grow to an hour and never overflow`() {
        let patience = OutboxCourier.Patience()
        for attempt in 1...200 {
            let delay = patience.delay(after: attempt, chance: .max)
            #expect(delay >= .seconds(10) && delay <= .seconds(4320))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a running courier wakes when something is added, and stops when asked`() async throws {
        let carrier = Carrier()
        let group = ServiceGroup(configuration: .init(services: [.init(service: desk.courier(carrier))], logger: .init(label: "test")))
        async let running: Void = group.run()
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        _ = try await desk.add(job)
        while carrier.parcels.isEmpty, start.duration(to: .now) < .seconds(20) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(carrier.parcels.count == 1)
        #expect(start.duration(to: .now) < .seconds(10))
        await group.triggerGracefulShutdown()
        try await running
    }

    @Test func `settled jobs are forgotten after 30 days, waiting ones never`() async throws {
        _ = try await desk.add(job)
        try await desk.courier(Carrier()).deliverDue()
        _ = try await desk.add(job)
        desk.clock.advance(by: .days(29))
        try await desk.courier(Carrier()).prune()
        #expect(try await desk.entries().count == 2)
        desk.clock.advance(by: .days(2))
        try await desk.courier(Carrier()).prune()
        #expect(try await desk.entries().map(\.state) == [.waiting])
    }

    @Test func `mail reaches the mailbox with the job's identifier`() async throws {
        let mailbox = MailboxDirectory(directory: desk.home.path + "/mail", sender: try Sender("noreply@example.org"), clock: desk.clock)
        let id = try #require(try await desk.add(.mail(try Message(to: "ada@example.com", subject: "Hello", text: "Hi"))))
        try await desk.courier(MailCarrier(mailbox)).deliverDue()
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: desk.home.path + "/mail").first)
        #expect(try String(contentsOfFile: "\(desk.home.path)/mail/\(name)", encoding: .utf8).contains("Message-ID: <\(id)@example.org>"))
    }

    @Test func `a mail job that holds no message is dead`() async throws {
        let mailbox = MailboxDirectory(directory: desk.home.path + "/mail", sender: try Sender("noreply@example.org"), clock: desk.clock)
        _ = try await desk.add(
            OutboxJob(kind: "mail", payload: ["to": "ada@example.com\r\nRCPT TO:<eve@example.com>", "subject": "x", "text": "x"]))
        _ = try await desk.add(OutboxJob(kind: "mail", payload: []))
        try await desk.courier(MailCarrier(mailbox)).deliverDue()
        #expect(try await desk.entries(.dead).count == 2)
    }
}
