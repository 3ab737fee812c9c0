import Foundation
import TestSupport
import Testing

@testable import ObjectStores

/// What every store promises.
@Suite(.timeLimit(.minutes(5))) struct ContractTests {
    private let home: TemporaryDirectory

    init() throws { home = try TemporaryDirectory() }

    @Test(arguments: StoreKind.here) func `what was stored is read again, whole and in ranges`(kind: StoreKind) async throws {
        let store = try await kind.store(in: home)
        for (name, size) in [("empty", 0), ("one", 1), ("a/b/c.bin", 100_000)] {
            let bytes = Chunks.chunk(7, size)
            let stored = try await store.put(bytes, at: key(name))
            #expect(stored == StoredObject(key: try key(name), size: UInt64(size), digest: ContentDigest(of: bytes)))
            #expect(try await store.bytes(of: key(name), atMost: size, expecting: stored.digest) == bytes)
            #expect(try await store.summary(of: key(name)) == ObjectSummary(key: key(name), size: UInt64(size)))
        }
        let bytes = Chunks.chunk(7, 100_000)
        for range: Range<UInt64> in [
            0..<1, 99_999..<100_000, 10..<10, 50_000..<70_000, 99_990..<200_000, 100_000..<100_001, 200_000..<200_001,
        ] {
            var read: [UInt8] = []
            for try await piece in store.read(try key("a/b/c.bin"), range) { read += piece }
            #expect(read == Array(bytes[min(Int(range.lowerBound), 100_000)..<min(Int(range.upperBound), 100_000)]), "\(range)")
        }
    }

    @Test(arguments: StoreKind.here) func `a missing object is missing, and deleting it changes nothing`(kind: StoreKind) async throws {
        let store = try await kind.store(in: home)
        #expect(try await fault { _ = try await store.summary(of: key("none")) } == .missing)
        #expect(try await fault { _ = try await store.bytes(of: key("none"), atMost: 10) } == .missing)
        #expect(try await fault { _ = try await store.bytes(of: key("none/below"), atMost: 10) } == .missing)
        try await store.delete(key("none"))
        try await store.put([1], at: key("one"))
        try await store.delete(key("one"))
        #expect(try await fault { _ = try await store.summary(of: key("one")) } == .missing)
        try await store.delete(key("one"))
    }

    @Test(arguments: StoreKind.here) func `a newer object takes the place of an older, unless that is to be kept`(kind: StoreKind)
        async throws
    {
        let store = try await kind.store(in: home)
        try await store.put([1], at: key("a/same"), ifAbsent: true)
        #expect(try await fault { try await store.put([2, 2], at: key("a/same"), ifAbsent: true) } == .exists)
        #expect(try await store.bytes(of: key("a/same"), atMost: 10) == [1])
        try await store.put([3, 3, 3], at: key("a/same"))
        #expect(try await store.bytes(of: key("a/same"), atMost: 10) == [3, 3, 3])
    }

    @Test(arguments: StoreKind.here) func `of many who store under one new name exactly one does`(kind: StoreKind) async throws {
        let store = try await kind.store(in: home)
        let winners = try await withThrowingTaskGroup(of: UInt8?.self) { group in
            for number in UInt8(1)...20 {
                group.addTask {
                    do {
                        try await store.put([number], at: key("contested"), ifAbsent: true)
                        return number
                    } catch ObjectFault.exists {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: [UInt8]()) { if let number = $1 { $0.append(number) } }
        }
        #expect(winners.count == 1)
        #expect(try await store.bytes(of: key("contested"), atMost: 10) == winners)
    }

    @Test(arguments: StoreKind.here) func `content streams in as it is asked for and out again`(kind: StoreKind) async throws {
        let store = try await kind.store(in: home)
        let chunks = Chunks(count: 23, size: 512 * 1024)
        let stored = try await store.put(chunks, at: key("large"), ifAbsent: true)
        #expect(stored.size == 23 * 512 * 1024 && chunks.made.count == 23)
        #expect(stored.digest == ContentDigest(of: chunks.whole))
        var pieces = 0
        var read: [UInt8] = []
        for try await piece in store.read(try key("large"), expecting: stored.digest) {
            pieces += 1
            read += piece
        }
        #expect(read == chunks.whole && pieces == 3)
        #expect(try await fault { _ = try await store.put(chunks, at: key("large"), ifAbsent: true) } == .exists)
    }

    @Test(arguments: StoreKind.here) func `content that breaks off leaves nothing behind`(kind: StoreKind) async throws {
        let store = try await kind.store(in: home)
        for breaksAt in [0, 1, 15] {
            await #expect(throws: Chunks.Broken.self) {
                try await store.put(Chunks(count: 20, size: 1 << 20, breaksAt: breaksAt), at: key("half"), ifAbsent: false)
            }
        }
        #expect(try await store.all("").isEmpty)
        #expect(try await store.sweep() == 0)
    }

    @Test(arguments: StoreKind.here) func `a listing goes through all keys with a prefix, in the order of their bytes`(kind: StoreKind)
        async throws
    {
        let store = try await kind.store(in: home)
        let names = ["a", "a-b/c", "a.b", "b/1", "b/1-1/x", "b/10/z", "b/2", "b0", "B/x", "tile/0/000", "tile/0/x001/000"]
        for name in names { try await store.put(Array(name.utf8), at: key(name)) }
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for prefix in ["", "b", "b/", "b/1", "tile/0/x", "none", "a-"] {
            let expected = sorted.filter { $0.hasPrefix(prefix) }
            for limit in [1, 2, 1000] {
                var found: [String] = []
                var marker: String?
                var pages = 0
                repeat {
                    let page = try await store.list(prefix, after: marker, limit: limit)
                    #expect(page.objects.count <= limit)
                    found += page.objects.map(\.key.description)
                    marker = page.next
                    pages += 1
                } while marker != nil && pages < 30
                #expect(found == expected, "\(prefix), \(limit) a page")
            }
        }
        #expect(try await store.all("b/1").map { Int($0.size) } == sorted.filter { $0.hasPrefix("b/1") }.map(\.utf8.count))
    }

    @Test(arguments: StoreKind.here) func `an object that is replaced while it is read is noticed`(kind: StoreKind) async throws {
        let store = try await kind.store(in: home)
        try await store.put(Chunks(count: 9, size: 1 << 20), at: key("moving"), ifAbsent: true)
        var iterator = store.read(try key("moving")).makeAsyncIterator()
        #expect(try await iterator.next()?.count == 4 << 20)
        try await store.put(Chunks(count: 9, size: 1 << 20, breaksAt: nil), at: key("other"), ifAbsent: true)
        try await store.put(Chunks.chunk(1, 9 << 20), at: key("moving"))
        await #expect(throws: ObjectFault.changed) { try await iterator.next() }
        var second = store.read(try key("other")).makeAsyncIterator()
        _ = try await second.next()
        try await store.delete(key("other"))
        await #expect(throws: ObjectFault.changed) { try await second.next() }
    }

    @Test(arguments: StoreKind.here) func `content is kept once under its digest, and a lie about it is found`(kind: StoreKind) async throws
    {
        let store = try await kind.store(in: home)
        let folder = try key("attachments")
        let chunks = Chunks(count: 5, size: 300_000)
        let digest = try await store.keep(in: folder) { chunks }
        #expect(try await store.keep(chunks.whole, in: folder) == digest)
        #expect(try await store.all("attachments/").count == 1)
        var read: [UInt8] = []
        for try await piece in try store.kept(digest, in: folder) { read += piece }
        #expect(read == chunks.whole)

        let place = try #require(folder.appending(digest.key))
        for lie in [Array(chunks.whole.dropLast()), chunks.whole + [0], [], Array(chunks.whole.dropLast()) + [0]] {
            try await store.put(lie, at: place)
            #expect(throws: Never.self) { try store.kept(digest, in: folder) }
            let found = try await fault { for try await _ in try store.kept(digest, in: folder) {} }
            #expect(found == .corrupt(reason: "its digest is another one"))
        }
    }
}
