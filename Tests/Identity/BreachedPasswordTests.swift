import Crypto
import Foundation
import IdentityTesting
import TestSupport
import Testing
import Vocabulary

@testable import Identity

@Suite("Stolen passwords")
struct BreachedPasswordTests {
    private let folder: TemporaryDirectory
    private var target: String { folder.path + "/breached.list" }

    init() throws { folder = try TemporaryDirectory() }

    private func line(_ password: String, _ seen: Int) -> String {
        Insecure.SHA1.hash(data: Array(password.utf8)).map { String(format: "%02X", $0) }.joined() + ":\(seen)"
    }

    private func make(_ text: String, atLeast: Int = 1) throws -> Int {
        let source = folder.path + "/source.txt"
        try text.write(toFile: source, atomically: true, encoding: .utf8)
        let handle = try #require(FileHandle(forReadingAtPath: source))
        defer { try? handle.close() }
        return try BreachedPasswordsFile.make(from: handle.fileDescriptor, at: target, atLeast: atLeast)
    }

    private func list(_ passwords: [String], seen: Int = 3) -> String {
        passwords.map { line($0, seen) }.sorted().map { $0 + "\r\n" }.joined()
    }

    @Test func `each of fifty thousand is found, and no other`() async throws {
        let stolen = (0..<50_000).map { "stolen password \($0)" }
        #expect(try make(list(stolen)) == stolen.count)
        let breached = try BreachedPasswords(path: target)
        #expect(breached.count == stolen.count)
        for password in stolen { #expect(try await breached.holds(Secret(password)), "\(password)") }
        for number in 0..<5000 { #expect(try await !breached.holds(Secret("another password \(number)"))) }
        #expect(try BreachedPasswordsFile.check(target) == stolen.count)
    }

    @Test func `lists of none, one and a few are found through`() async throws {
        for count in [0, 1, 2, 511, 512, 513, 1025] {
            let stolen = (0..<count).map { "stolen \($0)" }
            #expect(try make(list(stolen)) == count)
            let breached = try BreachedPasswords(path: target)
            for password in stolen { #expect(try await breached.holds(Secret(password)), "\(password) of \(count)") }
            #expect(try await !breached.holds(Secret("another")))
        }
    }

    @Test func `digests that lie together are found too`() async throws {
        // Nothing like what a hash makes: where one lies can't be told from its value.
        let beginnings = (0..<3000).map { String(0xABCD_0000_0000_0000 + UInt64($0 * $0), radix: 16) }
        let lines = (beginnings.map { $0 + String(repeating: "0", count: 24) } + [String(repeating: "F", count: 40)]).map { $0 + ":1" }
        #expect(try make(lines.joined(separator: "\n")) == 3001)
        #expect(try BreachedPasswordsFile.check(target) == 3001)
    }

    @Test func `what was seen seldom is left out on request`() async throws {
        let lines = [line("often", 100), line("seldom", 2)].sorted().joined(separator: "\n")
        #expect(try make(lines, atLeast: 10) == 1)
        let breached = try BreachedPasswords(path: target)
        #expect(try await breached.holds(Secret("often")))
        #expect(try await !breached.holds(Secret("seldom")))
    }

    @Test(arguments: [
        "nonsense", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:x",
        "8846F7EAEE8FB117AD06BDD830B7586C:3", String(repeating: "A", count: 5000),
    ])
    func `a line that is none stops it, and leaves no file`(line: String) throws {
        let good = "0000000000000000000000000000000000000000:1\n"
        #expect(throws: BreachedPasswordsFile.Fault.self) { try make(good + line) }
        #expect(!FileManager.default.fileExists(atPath: target) && !FileManager.default.fileExists(atPath: target + ".part"))
    }

    @Test func `a list out of order is refused with the line's number`() throws {
        let lines = [line("one", 1), line("two", 1), line("three", 1)].sorted(by: >).joined(separator: "\n")
        #expect(throws: BreachedPasswordsFile.Fault.line(2, "is not in order: take the list that is ordered by hash")) { try make(lines) }
    }

    @Test func `a file that is another, cut or altered is noticed`() throws {
        _ = try make(list((0..<1000).map { "stolen \($0)" }))
        var bytes = try #require(FileManager.default.contents(atPath: target))
        #expect(throws: BreachedPasswords.Fault.missing) { try BreachedPasswords(path: target + ".no") }
        try bytes.dropLast().write(to: URL(fileURLWithPath: target))
        #expect(throws: BreachedPasswords.Fault.cut) { try BreachedPasswords(path: target) }
        bytes[5000] ^= 1
        try bytes.write(to: URL(fileURLWithPath: target))
        #expect(throws: BreachedPasswordsFile.Fault.damaged) { try BreachedPasswordsFile.check(target) }
        try Data("hello".utf8).write(to: URL(fileURLWithPath: target))
        #expect(throws: BreachedPasswords.Fault.foreign) { try BreachedPasswords(path: target) }
    }

    @Test func `nobody can choose a stolen one, wherever passwords are set`() async throws {
        let stolen = "five wandering kettles"
        _ = try make(list([stolen, Installation.password + " not"]))
        let house = try await Installation(breached: BreachedPasswords(path: target))
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        _ = try await house.desk.invitations.invite("kim@acme.example", to: tenant, named: "Acme", roles: ["reader"], by: owner.principal)
        let token = try house.token(mailedTo: "kim@acme.example")
        #expect(
            try await refusalCode {
                _ = try await house.desk.invitations.accept(
                    token, displayName: "Kim", password: Secret(stolen), by: Installation.visitor(), agent: "test")
            } == "password-breached")
        #expect(
            try await refusalCode {
                try await house.desk.passwords.change(
                    from: Secret(owner.password), to: Secret(stolen), in: owner.session.session, by: owner.principal)
            } == "password-breached")
    }
}
