import Backup
import Foundation
import ObjectStores
import Storage
import StorageSQLite
import TestSupport
import Testing
import Vocabulary

/// `ship.*`: what was acknowledged is in the archive a moment later, and where it can't be, that is said.
@Suite(.timeLimit(.minutes(4))) struct ShippingTests {
    @Test func `every commit is in the archive and comes back as it was`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        try await server.add(1...60)
        try await server.caughtUp()
        let newest = try #require(server.shipping.status(of: ShippedEngine.name)?.ordinal)
        #expect(newest == 60)
        for ordinal in stride(from: 0, through: newest, by: 7) {
            #expect(try await server.restore(.commit(generation: 1, ordinal: ordinal)) == Array(1..<Int(ordinal) + 1))
        }
        #expect(try await server.restore() == Array(1...60))
        #expect(try await server.archive.verify().findings == [])
        await server.stop()
    }

    @Test func `the log starts over many times and nothing is lost`() async throws {
        let server = try await ShippedEngine { settings, options in
            options.checkpointFrames = 20
            // However slow the machine is: what is looked at is that the log starts over, not how soon.
            settings.patience = .seconds(10)
        }
        let database = server.database
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 { group.addTask { try await ShippedEngine.add(writer * 1000...writer * 1000 + 149, to: database) } }
            try await group.waitForAll()
        }
        // A base that is made while others write.
        let shipping = server.shipping
        async let base = shipping.base(of: ShippedEngine.name)
        try await server.add(5000...5200, length: 3000)
        _ = try await base
        try await server.settled()
        let expected = (0..<4).flatMap { writer in (0..<150).map { writer * 1000 + $0 } } + Array(5000...5200)
        #expect(try await server.restore() == expected)
        #expect(try await server.archive.verify().findings == [])
        #expect(try await server.generations == [.first])
        let size = try FileManager.default.attributesOfItem(atPath: server.file + "-wal")[.size] as? Int ?? 0
        #expect(size < 4_000_000)
        await server.stop()
    }

    @Test func `a commit of thousands of pages is several entries and one commit`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        let body = String(repeating: "large ", count: 1500)
        try await server.database.write { transaction in
            for number in 0..<2500 { try transaction.run("INSERT INTO item VALUES (\(number), \("\(number)\(body)"))") }
        }
        try await server.add(9000...9000)
        try await server.caughtUp()
        #expect(try #require(server.shipping.status(of: ShippedEngine.name)?.ordinal) > 5)
        #expect(try await server.restore() == Array(0..<2500) + [9000])
        await #expect(throws: ArchiveFault.noCommit(generation: 1, ordinal: 2)) {
            try await server.restore(.commit(generation: 1, ordinal: 2))
        }
        await server.stop()
    }

    @Test(arguments: [true, false]) func `a server that starts again goes on where it was`(writesLittle: Bool) async throws {
        let server = try await ShippedEngine { _, options in options.checkpointFrames = 1000 }
        try await server.settled()
        for round in 0..<4 {
            // With few commits the log stays as it is, with many it is emptied at the end.
            let first = round * 100 + 1
            try await server.add(first...first + (writesLittle ? 3 : 80))
            if round % 2 == 0 { try await server.caughtUp() }
            await server.stop()
            try await server.startAgain()
        }
        try await server.add(9000...9000)
        try await server.settled()
        let expected = (0..<4).flatMap { round in (0...(writesLittle ? 3 : 80)).map { round * 100 + 1 + $0 } } + [9000]
        #expect(try await server.restore() == expected)
        #expect(try await server.generations == [.first])
        await server.stop()
    }

    @Test func `a database that nobody writes to keeps its generation`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        for _ in 0..<3 {
            await server.stop()
            try await server.startAgain()
            try await server.settled()
        }
        #expect(try await server.generations == [.first])
        #expect(try await server.restore() == [])
        await server.stop()
    }

    @Test(arguments: [1, 3, 60]) func `commits that were made without shipping are shipped or begin a generation`(count: Int) async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        try await server.add(1...10)
        try await server.caughtUp()
        await server.stop()
        try await server.withoutShipping { try await ShippedEngine.add(11...10 + count, to: $0) }
        try await server.startAgain()
        try await server.add(900...905)
        try await server.settled()
        #expect(try await server.restore() == Array(1...10 + count) + Array(900...905))
        // A few are in the log still; many have left it.
        #expect(try await server.generations == (count < 10 ? [.first] : [.first, .gap]))
        #expect(try await server.restore(.commit(generation: 1, ordinal: 10)) == Array(1...10))
        #expect(try await server.archive.verify().findings == [])
        await server.stop()
    }

    @Test(arguments: [true, false]) func `a database that was put back begins a generation, and the archive keeps what it had`(writes: Bool)
        async throws
    {
        let server = try await ShippedEngine()
        try await server.settled()
        try await server.add(1...50)
        try await server.caughtUp()
        await server.stop()
        let files = [server.file, server.file + "-wal"]
        let old = files.map { FileManager.default.contents(atPath: $0) }
        try await server.startAgain()
        try await server.add(51...(writes ? 52 : 120))
        try await server.caughtUp()
        await server.stop()
        for (file, content) in zip(files, old) {
            try? FileManager.default.removeItem(atPath: file)
            if let content { try content.write(to: URL(fileURLWithPath: file)) }
        }
        try? FileManager.default.removeItem(atPath: server.file + "-shm")
        try await server.startAgain()
        try await server.add(1000...1002)
        try await server.settled()
        let generations = try await server.generations
        #expect(generations.count == 2)
        #expect(generations.last != .first)
        #expect(try await server.restore() == Array(1...50) + Array(1000...1002))
        let lost = writes ? UInt64(52) : 120
        #expect(try await server.restore(.commit(generation: 1, ordinal: lost)) == Array(1...Int(lost)))
        await server.stop()
    }

    @Test func `a destination that is away for a while gets everything when it is back`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        try await server.add(1...5)
        for fault in [FaultyStore.Fault.gone, .unanswered] {
            server.store.become(fault)
            let first = fault == .gone ? 100 : 200
            try await server.add(first...first + 60)
            await #expect(throws: Shipping.NotShipped.self) {
                while true {
                    try await server.caughtUp()
                    if server.shipping.status(of: ShippedEngine.name)?.waiting == 0 { return }
                }
            }
            #expect(server.shipping.status(of: ShippedEngine.name)?.waitingSince != nil)
            server.store.become(.none)
            while (try? await server.caughtUp()) == nil { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(try await server.restore() == Array(1...5) + Array(100...160) + Array(200...260))
        #expect(try await server.generations == [.first])
        #expect(try await server.archive.verify().findings == [])
        await server.stop()
    }

    @Test func `a destination that is away for too long doesn't fill the disk, and the gap is said`() async throws {
        let server = try await ShippedEngine { settings, options in
            settings.framesMax = 200
            options.checkpointFrames = 50
        }
        try await server.settled()
        try await server.add(1...5)
        try await server.caughtUp()
        server.store.become(.gone)
        try await server.add(100...900)
        let size = try FileManager.default.attributesOfItem(atPath: server.file + "-wal")[.size] as? Int ?? 0
        #expect(size < 400 * 4120)
        server.store.become(.none)
        while (try? await server.caughtUp()) == nil { try await Task.sleep(for: .milliseconds(5)) }
        try await server.add(1000...1003)
        try await server.settled()
        #expect(try await server.generations == [.first, .gap])
        #expect(try await server.restore() == Array(1...5) + Array(100...900) + Array(1000...1003))
        let opened = try #require(try await server.archive.catalogue().newest?.opening.openedAt)
        await #expect(throws: ArchiveFault.unrecorded(generation: 1)) { try await server.restore(.moment(opened - .microseconds(1))) }
        await server.stop()
    }

    @Test func `of two servers on one archive the first is told, and stops`() async throws {
        let first = try await ShippedEngine()
        try await first.settled()
        try await first.add(1...5)
        try await first.caughtUp()
        let second = try await ShippedEngine(data: "other", in: first.home)
        try await second.add(1...3)
        try await second.settled()
        #expect(try await second.generations == [.first, .gap])
        try await first.add(6...9)
        await #expect(throws: Shipping.NotShipped.self) { try await first.caughtUp() }
        #expect(first.shipping.status(of: ShippedEngine.name)?.failure != nil)
        // Writing goes on, and the log doesn't grow for nobody.
        try await first.add(10...200)
        let size = try FileManager.default.attributesOfItem(atPath: first.file + "-wal")[.size] as? Int ?? 0
        #expect(size < 200 * 4120)
        #expect(try await second.restore() == [1, 2, 3])
        await first.stop()
        await second.stop()
    }

    @Test(.timeLimit(.minutes(1))) func `a database that is destroyed while its base is wanted keeps no other from its own`() async throws {
        let shipped = try await ShippedEngine()
        try await shipped.settled()
        for _ in 0..<20 {
            let name = DatabaseName.environment(EnvironmentID(at: SystemClock().now(), entropy: SystemEntropy()))
            try await shipped.engine.create(name, key: ShippedEngine.key, schema: ShippedEngine.schema) { _ in }
            let database = try await shipped.engine.open(name, schema: ShippedEngine.schema) { ShippedEngine.key }
            try await ShippedEngine.add(1...3, to: database)
            try await shipped.engine.destroy(name)
        }
        try await shipped.add(1...3)
        shipped.shipping.wantBase(of: ShippedEngine.name)
        while try await shipped.archive.catalogue().newest?.bases.count ?? 0 < 2 { try await Task.sleep(for: .milliseconds(5)) }
        await shipped.stop()
    }

    @Test func `no plaintext and no key gets into an archive`() async throws {
        let server = try await ShippedEngine()
        try await server.settled()
        let canary = "canary-7f3a91c2-in-the-backup"
        try await server.database.write { try $0.run("INSERT INTO item VALUES (1, \(canary))") }
        try await server.caughtUp()
        _ = try await server.shipping.base(of: ShippedEngine.name)
        let needles = [Data(canary.utf8), Data("CREATE TABLE".utf8), Data((0..<32).map { UInt8($0) })]
        var files = 0
        for path in try FileManager.default.subpathsOfDirectory(atPath: server.home.path + "/objects") {
            guard let content = FileManager.default.contents(atPath: "\(server.home.path)/objects/\(path)") else { continue }
            files += 1
            for needle in needles { #expect(content.range(of: needle) == nil, "\(path)") }
        }
        #expect(files > 4)
        await server.stop()
    }
}
