import Backup
import Foundation
import ObjectStores
import Storage
import TestSupport
import Testing
import Threads
import Vocabulary

/// `restore.*` and `pitr.every-minute-in-window`, on a database that is only pages: every state that it ever had comes back.
@Suite struct RestorationTests {
    /// A database of small pages that grows, shrinks and is shipped, and all that it ever was.
    private final class History {
        static let pageSize = 512

        let home: TemporaryDirectory
        let archive: Archive
        private let random: SeededEntropy
        private let threads = BoundedThreads(2, waiting: 100)
        private var pages: [[UInt8]] = []
        private(set) var position: ArchivePosition
        /// The file after each commit, by the entry that ended it.
        private(set) var states: [(ordinal: UInt64, at: Instant, pages: [[UInt8]])] = []
        private(set) var now: Instant
        private var restored = 0

        init(seed: UInt64, generation: UInt32 = 1, openedAt: Instant = Instant(seconds: 6000), in home: TemporaryDirectory? = nil)
            async throws
        {
            self.home = try home ?? TemporaryDirectory()
            random = SeededEntropy(seed: seed)
            archive = try Archive(try await FileSystemStore(directory: self.home.path + "/objects"), database: "environment/one")
            now = openedAt
            let opening = Opening(
                database: "environment/one", generation: generation, pageSize: Self.pageSize, openedAt: openedAt, reason: .first,
                entropy: random)
            position = opening.start
            pages = (0..<3).map { _ in random.bytes(Self.pageSize) }
            states = [(0, openedAt, pages)]
            try await archive.open(opening)
        }

        private func below(_ bound: Int) -> Int { Int(random.words().0 % UInt64(bound)) }

        /// Some commits in one segment, some seconds apart; now and then one that is several entries.
        func ship(commits: Int) async throws {
            var drafts: [Segment.Draft] = []
            var frames: [[UInt8]] = []
            var ordinal = position.ordinal
            for _ in 0..<commits {
                now = now + .seconds(below(40))
                pages = Array(pages.prefix(max(1, pages.count + below(5) - 2)))
                while below(3) > 0 { pages.append(random.bytes(Self.pageSize)) }
                let before = states.last?.pages ?? []
                var changed = pages.indices.filter { !before.indices.contains($0) || before[$0] != pages[$0] || below(4) == 0 }
                if changed.isEmpty { changed = [0] }
                for index in changed { pages[index] = random.bytes(Self.pageSize) }
                let parts = changed.count > 2 && below(3) == 0 ? [Array(changed.prefix(1)), Array(changed.dropFirst())] : [changed]
                for (number, part) in parts.enumerated() {
                    let isLast = number == parts.count - 1
                    var made: [UInt8] = []
                    for (place, index) in part.enumerated() {
                        let size = isLast && place == part.count - 1 ? pages.count : 0
                        let header: [UInt8] = [0, 0, 0, UInt8(index + 1), 0, 0, 0, UInt8(size)]
                        made += header
                        made += random.bytes(16)
                        made += pages[index]
                    }
                    frames.append(made)
                    drafts.append(
                        Segment.Draft(time: now, frameCount: part.count, firstFrame: 1, endsCommit: isLast, continuesCommit: number > 0))
                    ordinal += 1
                }
                states.append((ordinal, now, pages))
            }
            var next = 0
            let (bytes, newest) = try Segment.bytes(drafts, pageSize: Self.pageSize, logStart: 1, after: position) { _, buffer in
                buffer.copyBytes(from: frames[next])
                next += 1
            }
            try await archive.append(bytes, after: position)
            position = newest
        }

        /// A base whose every page is of another moment between two states.
        func base(from first: Int, to last: Int) async throws {
            let size = states[first + below(last - first + 1)].pages.count
            let bytes = (0..<size).flatMap { index -> [UInt8] in
                let page = states[first + below(last - first + 1)].pages
                return page.indices.contains(index) ? page[index] : [UInt8](repeating: 0, count: Self.pageSize)
            }
            let usable = (states[last].ordinal, states[last].at)
            _ = try await archive.putBase(
                Pieces([bytes]), generation: position.generation, first: states[first].ordinal,
                begunAt: states[first].at + .microseconds(first)
            ) { usable }
        }

        func restore(_ target: Restoration.Target) async throws -> (report: Restoration.Report, bytes: [UInt8]) {
            restored += 1
            let path = "\(home.path)/restored-\(restored).db"
            let report = try await Restoration(archive, threads: threads).restore(target, to: path)
            defer { try? FileManager.default.removeItem(atPath: path) }
            return (report, try bytes(of: path))
        }
    }

    @Test(arguments: UInt64(1)...12) func `every commit comes back byte for byte`(seed: UInt64) async throws {
        let history = try await History(seed: seed)
        try await history.base(from: 0, to: 0)
        for _ in 0..<6 { try await history.ship(commits: 1 + Int(seed % 3)) }
        let middle = history.states.count - 1
        for _ in 0..<6 { try await history.ship(commits: 2) }
        try await history.base(from: middle, to: middle + 4)
        for state in history.states {
            let (report, bytes) = try await history.restore(.commit(generation: 1, ordinal: state.ordinal))
            #expect(bytes.elementsEqual(state.pages.joined()), "seed \(seed), entry \(state.ordinal)")
            #expect(report.ordinal == state.ordinal)
            #expect(report.size == UInt64(bytes.count))
        }
        let (report, _) = try await history.restore(.newest)
        #expect(report.hash == history.position.hash)
        #expect(try await history.archive.verify(expecting: [history.position]).findings == [])
    }

    @Test(arguments: UInt64(1)...4) func `every half minute of the window comes back`(seed: UInt64) async throws {
        let history = try await History(seed: 100 + seed)
        try await history.base(from: 0, to: 0)
        for _ in 0..<20 { try await history.ship(commits: 3) }
        try await history.base(from: 20, to: 23)
        for moment in stride(from: 6000, through: history.now.seconds + 60, by: 30).map({ Instant(seconds: $0) }) {
            let state = try #require(history.states.last { $0.at <= moment })
            let (report, bytes) = try await history.restore(.moment(moment))
            #expect(bytes.elementsEqual(state.pages.joined()), "seed \(seed), \(moment)")
            #expect(report.ordinal == state.ordinal)
        }
        await #expect(throws: ArchiveFault.tooEarly) { try await history.restore(.moment(Instant(seconds: 5999))) }
    }

    @Test func `what ends within a commit is no commit`() async throws {
        let history = try await History(seed: 3)
        try await history.base(from: 0, to: 0)
        for _ in 0..<10 { try await history.ship(commits: 3) }
        let commits = Set(history.states.map(\.ordinal))
        let within = (1...history.position.ordinal).filter { !commits.contains($0) }
        #expect(!within.isEmpty)
        for ordinal in within + [history.position.ordinal + 1] {
            await #expect(throws: ArchiveFault.noCommit(generation: 1, ordinal: ordinal)) {
                try await history.restore(.commit(generation: 1, ordinal: ordinal))
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: history.home.path) == ["objects"])
    }

    @Test func `nothing is restored over a gap, and what lies before it is`() async throws {
        let history = try await History(seed: 4)
        try await history.base(from: 0, to: 0)
        try await history.ship(commits: 2)
        let before = history.position.ordinal
        try await history.ship(commits: 2)
        let after = history.position.ordinal
        try await history.ship(commits: 2)
        let digits = String(before + 1, radix: 16)
        let name = String(repeating: "0", count: 16 - digits.count) + digits
        try FileManager.default.removeItem(atPath: "\(history.home.path)/objects/backup/environment/one/g00000001/segments/\(name)")
        await #expect(throws: ArchiveFault.gap(generation: 1, after: before, before: after + 1)) { try await history.restore(.newest) }
        #expect(try await history.restore(.commit(generation: 1, ordinal: before)).report.ordinal == before)
    }

    @Test func `between two generations nothing is made up`() async throws {
        let first = try await History(seed: 5)
        try await first.base(from: 0, to: 0)
        try await first.ship(commits: 4)
        let opened = first.now + .seconds(600)
        let second = try await History(seed: 6, generation: 2, openedAt: opened, in: first.home)
        try await second.ship(commits: 2)
        try await second.base(from: 0, to: 1)
        #expect(try await first.restore(.moment(first.now)).report.generation == 1)
        await #expect(throws: ArchiveFault.unrecorded(generation: 1)) { try await first.restore(.moment(first.now + .seconds(1))) }
        await #expect(throws: ArchiveFault.unrecorded(generation: 1)) { try await first.restore(.moment(opened)) }
        #expect(try await first.restore(.moment(second.states[1].at)).report.generation == 2)
        // Who says which side is meant gets it.
        #expect(try await first.restore(.commit(generation: 1, ordinal: first.position.ordinal)).report.time == first.now)
    }

    @Test func `an altered base is not restored`() async throws {
        let history = try await History(seed: 7)
        try await history.base(from: 0, to: 0)
        try await history.ship(commits: 1)
        let base = try #require(try await history.archive.catalogue().newest?.bases.first)
        let path = "\(history.home.path)/objects/\(base.data)"
        var changed = try bytes(of: path)
        changed[700] ^= 1
        try put(changed, at: path)
        await #expect(throws: ArchiveFault.altered(base.data)) { try await history.restore(.newest) }
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: ArchiveFault.missing(base.data)) { try await history.restore(.newest) }
    }

    @Test func `a file that is there is never replaced`() async throws {
        let history = try await History(seed: 8)
        try await history.base(from: 0, to: 0)
        let path = history.home.path + "/kept.db"
        try put([1, 2, 3], at: path)
        await #expect(throws: StorageError.exists) {
            try await Restoration(history.archive, threads: BoundedThreads(1, waiting: 1)).restore(.newest, to: path)
        }
        #expect(try bytes(of: path) == [1, 2, 3])
    }
}
