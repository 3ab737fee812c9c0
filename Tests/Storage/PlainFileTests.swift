import Foundation
import Storage
import TestSupport
import Testing
import Vocabulary

@testable import StorageSQLite

/// A plain file that never lies anywhere as one.
@Suite struct PlainFileTests {
    private let entropy = SeededEntropy(seed: 5)
    private let words = PlainTable("words", [.init("id"), .init("order", .integer), .init("word \"quoted\"")], hasKey: true)

    private func filled(_ path: String, rows: Int, pagesMax: Int? = nil) throws -> PlainFile {
        let file = try PlainFile(at: path, pagesMax: pagesMax, entropy: entropy)
        try file.begin(words)
        for row in 0..<rows { try file.add([.text("w\(1_000_000 + row)"), .integer(Int64(row)), .text("canary that nobody may read")]) }
        try file.finish()
        return file
    }

    @Test func `what is read of it is a file that any SQLite opens`() throws {
        let directory = try TemporaryDirectory()
        let file = try filled(directory.path + "/scratch", rows: 20_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
        var bytes: [UInt8] = []
        while true {
            let piece = try file.plaintext(from: UInt64(bytes.count), count: 7 * PlainFile.pageBytes)
            if piece.isEmpty { break }
            bytes += piece
        }
        #expect(try UInt64(bytes.count) == file.size() && bytes.count > 1_000_000)
        let content = try PlainContent(bytes)
        #expect(
            try content.rows("SELECT count(*), max(\"order\"), min(id) FROM words") == [
                [.integer(20_000), .integer(19_999), .text("w1000000")]
            ])
        #expect(try content.rows("SELECT \"word \"\"quoted\"\"\" FROM words LIMIT 1") == [[.text("canary that nobody may read")]])
        file.close()
        #expect(throws: StorageError.closed) { _ = try file.size() }
    }

    @Test func `nothing of it is readable on the disk while it is there`() throws {
        let directory = try TemporaryDirectory()
        let file = try filled(directory.path + "/scratch", rows: 20_000)
        // Its name is gone, but this process still has it open.
        var found = 0
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            let path = "/proc/self/fd/\(entry)"
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path), target.hasPrefix(directory.path),
                let bytes = FileManager.default.contents(atPath: path)
            else { continue }
            found += 1
            #expect(bytes.count > 1_000_000)
            #expect(bytes.range(of: Data("canary".utf8)) == nil && bytes.range(of: Data("SQLite format".utf8)) == nil)
        }
        #expect(found == 1)
        file.close()
    }

    @Test func `a file that would be too large is given up`() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: StorageError.full) { _ = try filled(directory.path + "/scratch", rows: 20_000, pagesMax: 50) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
        try Data().write(to: URL(fileURLWithPath: directory.path + "/taken"))
        #expect(throws: StorageError.exists) { _ = try filled(directory.path + "/taken", rows: 1) }
    }
}
