import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Sealing

/// Files in the age format, with Debian's `age` as the other side.
@Suite struct AgeTests {
    private let entropy = SystemEntropy()
    private static let sizes = [0, 1, 1000, 65_535, 65_536, 65_537, 131_072, 200_000]

    private func identity() throws -> AgeIdentity { try AgeIdentity(secret: Secret(entropy.bytes(32))) }

    @Test(arguments: sizes) func `what was sealed opens again, and for nobody else`(size: Int) throws {
        let (own, other) = (try identity(), try identity())
        let content = entropy.bytes(size)
        let file = try AgeFile.seal(content, to: [other.recipient, own.recipient], entropy: entropy)
        #expect(try AgeFile.open(file, with: [own]) == content)
        #expect(try AgeFile.open(file, with: [other]) == content)
        #expect(throws: AgeFault.noKey) { try AgeFile.open(file, with: [identity()]) }
    }

    @Test func `a content that comes in pieces is the same file`() throws {
        let own = try identity()
        let content = entropy.bytes(300_000)
        var sealing = try AgeSealing(to: [own.recipient], entropy: entropy)
        var file = sealing.beginning
        for start in stride(from: 0, to: content.count, by: 7777) {
            file += try sealing.seal(content[start..<min(start + 7777, content.count)])
        }
        file += try sealing.finish()
        #expect(try AgeFile.open(file, with: [own]) == content)
    }

    @Test(arguments: [1, 15, 4096, 70_000, 1_000_000]) func `a file that comes in pieces opens piece by piece`(piece: Int) throws {
        let own = try identity()
        for count in [0, 1, AgeFile.chunk, AgeFile.chunk + 1, 3 * AgeFile.chunk] where piece > 100 || count < 100 {
            let content = entropy.bytes(count)
            let file = try AgeFile.seal(content, to: [own.recipient], entropy: entropy)
            var opening = AgeOpening(with: [own])
            var opened: [UInt8] = []
            for start in stride(from: 0, to: file.count, by: piece) {
                opened += try opening.open(file[start..<min(start + piece, file.count)])
            }
            opened += try opening.finish()
            #expect(opened == content)
            var cut = AgeOpening(with: [own])
            #expect(throws: (any Error).self) {
                _ = try cut.open(file.dropLast())
                _ = try cut.finish()
            }
        }
    }

    @Test func `every cut and every flipped bit is noticed`() throws {
        let own = try identity()
        let file = try AgeFile.seal(Array("seven lean years".utf8), to: [own.recipient], entropy: entropy)
        for index in file.indices {
            #expect(throws: (any Error).self) { try AgeFile.open(Array(file[..<index]), with: [own]) }
            var changed = file
            changed[index] ^= 1
            #expect(throws: (any Error).self) { try AgeFile.open(changed, with: [own]) }
        }
        #expect(throws: (any Error).self) { try AgeFile.open(file + [0], with: [own]) }
    }

    @Test func `chunks can't be left out, swapped, or cut off at their borders`() throws {
        let own = try identity()
        let file = try AgeFile.seal(entropy.bytes(3 * AgeFile.chunk), to: [own.recipient], entropy: entropy)
        let sealed = AgeFile.chunk + 16
        let start = file.count - 3 * sealed
        let chunks = (0..<3).map { Array(file[(start + $0 * sealed)..<(start + ($0 + 1) * sealed)]) }
        let header = Array(file[..<start])
        #expect(throws: AgeFault.altered) { try AgeFile.open(header + chunks[1] + chunks[0] + chunks[2], with: [own]) }
        #expect(throws: AgeFault.altered) { try AgeFile.open(header + chunks[0] + chunks[2], with: [own]) }
        #expect(throws: AgeFault.torn) { try AgeFile.open(header + chunks[0] + chunks[1], with: [own]) }
    }

    @Test func `a passphrase opens what was sealed with it`() throws {
        let passphrase = AgePassphrase(Secret("nine plain words"), work: 10)
        let file = try AgeFile.seal(Array("content".utf8), to: [passphrase], entropy: entropy)
        #expect(try AgeFile.open(file, with: [passphrase]) == Array("content".utf8))
        #expect(throws: AgeFault.noKey) { try AgeFile.open(file, with: [AgePassphrase(Secret("nine plain word"))]) }
    }

    @Test func `slips of the pen in keys are noticed`() throws {
        let recipient = "\(try identity().recipient)"
        #expect(recipient.hasPrefix("age1") && recipient.utf8.count == 62)
        #expect(AgeRecipient(recipient)?.description == recipient)
        for index in recipient.indices.dropFirst(4) {
            let letter: Character = recipient[index] == "q" ? "p" : "q"
            #expect(AgeRecipient(recipient.replacingCharacters(in: index...index, with: "\(letter)")) == nil)
        }
        #expect(AgeRecipient("age1") == nil)
        #expect(throws: AgeFault.identity) { try AgeIdentity(file: "# a comment\nnothing else") }
    }

    // MARK: The other side

    private func run(_ tool: String, _ arguments: String...) throws -> (status: Int32, output: [UInt8]) {
        let process = try ChildProcess("/usr/bin/" + tool, arguments)
        let output = process.readToEnd()
        guard case .exited(let status) = process.wait() else { return (-1, output) }
        return (status, output)
    }

    @Test(arguments: sizes) func `age opens what is sealed here, and what age seals opens here`(size: Int) throws {
        let home = try TemporaryDirectory()
        let (key, sealed, plain) = (home.path + "/key", home.path + "/sealed", home.path + "/plain")
        #expect(try run("age-keygen", "-o", key).status == 0)
        let own = try AgeIdentity(file: try String(contentsOfFile: key, encoding: .utf8))
        let shown = try run("age-keygen", "-y", key).output
        #expect(String(decoding: shown, as: UTF8.self) == "\(own.recipient)\n")

        let content = entropy.bytes(size)
        try Data(AgeFile.seal(content, to: [own.recipient], entropy: entropy)).write(to: URL(fileURLWithPath: sealed))
        let opened = try run("age", "-d", "-i", key, sealed)
        #expect(opened.status == 0 && opened.output == content)

        try Data(content).write(to: URL(fileURLWithPath: plain))
        let theirs = try run("age", "-r", "\(own.recipient)", plain)
        #expect(theirs.status == 0)
        #expect(try AgeFile.open(theirs.output, with: [own]) == content)
    }
}
