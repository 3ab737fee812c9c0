import Backup
import ObjectStores
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// Synchronous mode: nobody hears of a commit that only one disk has.
@Suite(.timeLimit(.minutes(2))) struct ConfirmingTests {
    private static func server(_ adjust: (inout Shipping.Settings) -> Void = { _ in }) async throws -> ShippedEngine {
        try await ShippedEngine { settings, _ in
            settings.confirms = { _ in true }
            adjust(&settings)
        }
    }

    @Test func `a write is answered when the archive has it, and no sooner`() async throws {
        let server = try await Self.server()
        try await server.add(1...20)
        // Nothing was waited for since: what was answered is there.
        #expect(try await server.restore() == Array(1...20))
        server.store.become(.gone)
        let answered = Mutex(false)
        let database = server.database
        async let written: Void = {
            try await ShippedEngine.add(21...21, to: database)
            answered.withLock { $0 = true }
        }()
        // It is on this disk long before that.
        while try await server.database.read({ try $0.value("SELECT count(*) FROM item", as: Int.self) }) != 21 {}
        #expect(!answered.withLock { $0 })
        server.store.become(.none)
        try await written
        #expect(try await server.restore() == Array(1...21))
        await server.stop()
    }

    @Test func `a place that stays away makes writers hear that it isn't confirmed, and no more is begun until it is back`() async throws {
        let server = try await Self.server {
            $0.overdueAfter = .milliseconds(50)
            $0.unconfirmedAfter = .milliseconds(300)
        }
        // On a slow machine this may take longer than is waited for here.
        do { try await server.add(1...1) } catch StorageError.unconfirmed { try await server.caughtUp() }
        server.store.become(.gone)
        await #expect(throws: StorageError.unconfirmed) { try await server.add(2...2) }
        // What can't be kept twice is not begun.
        await #expect(throws: StorageError.overloaded) { try await server.add(3...3) }
        server.store.become(.none)
        while true {
            do {
                try await server.add(4...4)
                break
            } catch StorageError.unconfirmed {
                break
            } catch StorageError.overloaded {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        // Nothing that was written is lost, confirmed or not.
        try await server.caughtUp()
        #expect(try await server.restore() == [1, 2, 4])
        await server.stop()
    }

    @Test func `after a restart confirmations go on, also where a new generation begins`() async throws {
        let server = try await Self.server()
        try await server.add(1...5)
        await server.stop()
        try await server.withoutShipping { try await ShippedEngine.add(6...80, to: $0) }
        try await server.startAgain { settings, _ in settings.confirms = { _ in true } }
        try await server.add(81...90)
        #expect(try await server.restore() == Array(1...90))
        await server.stop()
        try await server.startAgain { settings, _ in settings.confirms = { _ in true } }
        try await server.add(91...95)
        #expect(try await server.restore() == Array(1...95))
        await server.stop()
    }

    @Test func `many writers share what is stored`() async throws {
        let server = try await Self.server()
        let database = server.database
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 { group.addTask { try await ShippedEngine.add(writer * 100...writer * 100 + 49, to: database) } }
            try await group.waitForAll()
        }
        #expect(try await server.restore().count == 400)
        await server.stop()
    }
}
