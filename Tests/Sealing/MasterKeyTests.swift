import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Sealing

struct MasterKeyTests {
    private let home: TemporaryDirectory
    private var path: String { home.path + "/master.key" }
    private let digits = "0f1e2d3c4b5a69788796a5b4c3d2e1f000112233445566778899aabbccddeeff"

    init() throws { home = try TemporaryDirectory() }

    private func put(_ text: String, mode: Int = 0o600) throws {
        unlink(path)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test(arguments: ["\n", "", "\r\n", " \n"]) func `64 digits are a master key of version 1`(ending: String) throws {
        try put(digits + ending)
        let key = try MasterKey.load(from: .file(path))
        #expect(key.version == 1)
        #expect(hex(key.secret) == digits)
    }

    @Test func `a version stands before the digits, which may be upper case`() throws {
        try put("12:\(digits.uppercased())\n", mode: 0o400)
        let key = try MasterKey.load(from: .file(path))
        #expect(key.version == 12)
        #expect(hex(key.secret) == digits)
    }

    @Test(arguments: [
        ("", "empty"), ("\n", "empty"), ("1:", "empty"), ("DROP63", "63 digits"), ("ADD1", "65 digits"), ("BADDIGIT", "other characters"),
        ("0:GOOD", "version"), ("-1:GOOD", "version"), ("x:GOOD", "version"), ("99999999999999999999:GOOD", "version"),
        ("1000000000:GOOD", "version"),
        ("GOOD\nGOOD", "digits"), ("ZERO", "not random"), (" GOOD", "digits"), ("GOOD\u{0}", "digits"),
    ])
    func `anything else is refused with its reason`(text: String, reason: String) throws {
        let text = text.replacingOccurrences(of: "GOOD", with: digits).replacingOccurrences(of: "DROP63", with: String(digits.dropLast()))
            .replacingOccurrences(of: "ADD1", with: digits + "0").replacingOccurrences(of: "BADDIGIT", with: digits.dropLast() + "g")
            .replacingOccurrences(of: "ZERO", with: String(repeating: "0", count: 64))
        try put(text)
        let fault = #expect(throws: SealingFault.self) { try MasterKey.load(from: .file(path)) }
        let words = "\(try #require(fault))"
        #expect(words.contains(reason) && !words.contains(digits.prefix(12)))
    }

    @Test func `a huge file is refused without being read whole`() throws {
        try put(String(repeating: "0", count: 5_000_000))
        #expect(throws: SealingFault.self) { try MasterKey.load(from: .file(path)) }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o666, 0o610, 0o601, 0o620]) func `a file that others can reach is refused`(mode: Int) throws {
        try put(digits, mode: mode)
        #expect(throws: SealingFault.masterKeyExposed(path: path, mode: UInt32(mode))) { try MasterKey.load(from: .file(path)) }
    }

    @Test func `a missing file, a link, a directory and a pipe are refused`() throws {
        #expect(throws: SealingFault.masterKeyMissing(path: path)) { try MasterKey.load(from: .file(path)) }
        try put(digits)
        let link = home.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(throws: SealingFault.masterKeyNotRegular(path: link)) { try MasterKey.load(from: .file(link)) }
        #expect(throws: SealingFault.masterKeyNotRegular(path: home.path)) { try MasterKey.load(from: .file(home.path)) }
        let pipe = home.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: SealingFault.masterKeyNotRegular(path: pipe)) { try MasterKey.load(from: .file(pipe)) }
    }

    @Test(.enabled(if: geteuid() == 0)) func `a file of another user is refused`() throws {
        try put(digits)
        #expect(chown(path, 65_534, 65_534) == 0)
        #expect(throws: SealingFault.masterKeyForeign(path: path)) { try MasterKey.load(from: .file(path)) }
    }

    @Test func `a systemd credential may show a group bit, and nothing more`() throws {
        let credential = MasterKeySource.systemdCredential(name: "master.key", directory: home.path)
        try put(digits, mode: 0o440)
        #expect(hex(try MasterKey.load(from: credential).secret) == digits)
        try put(digits, mode: 0o444)
        #expect(throws: SealingFault.self) { try MasterKey.load(from: credential) }
        for name in ["", "..", "../master.key", "a/b", ".hidden", "a\u{0}b", "ü"] {
            #expect(throws: SealingFault.credentialName(name)) {
                try MasterKey.load(from: .systemdCredential(name: name, directory: home.path))
            }
        }
    }

    @Test func `a key is made with mode 0600, once`() throws {
        let made = try MasterKey.create(at: path, version: 3, entropy: SeededEntropy(seed: 4))
        #expect(try mode(path) == 0o600)
        #expect(try MasterKey.load(from: .file(path)) == made)
        let before = try Data(contentsOf: home.url.appendingPathComponent("master.key"))
        #expect(throws: SealingFault.masterKeyExists(path: path)) { try MasterKey.create(at: path, entropy: SeededEntropy(seed: 5)) }
        #expect(try Data(contentsOf: home.url.appendingPathComponent("master.key")) == before)
    }

    @Test func `a key is not made through a dangling link, nor in a directory that is not there`() throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: home.path + "/elsewhere")
        #expect(throws: SealingFault.masterKeyExists(path: path)) { try MasterKey.create(at: path, entropy: SeededEntropy(seed: 5)) }
        #expect(!FileManager.default.fileExists(atPath: home.path + "/elsewhere"))
        #expect(throws: SealingFault.self) { try MasterKey.create(at: home.path + "/none/master.key", entropy: SeededEntropy(seed: 5)) }
    }

    @Test func `a master key has 32 bytes and a version from 1`() {
        #expect(MasterKey(Secret([UInt8](repeating: 1, count: 31))) == nil)
        #expect(MasterKey(Secret([UInt8](repeating: 1, count: 33))) == nil)
        #expect(MasterKey(Secret([UInt8](repeating: 1, count: 32)), version: 0) == nil)
    }

    @Test func `the fingerprint is a known value and not the key`() throws {
        let key = try #require(MasterKey(Secret(Array(0..<32))))
        #expect(key.fingerprint == "5f15e5c58dde493d")
    }

    @Test func `nothing prints a secret`() throws {
        let key = try master()
        var text = "\(key) \(String(reflecting: key))"
        dump(key, to: &text)
        let sealer = Sealer(key: key.secret)
        text += "\(sealer) \(String(reflecting: sealer))"
        dump(sealer, to: &text)
        dump(Keyring(directory: home.path, clock: ManualClock(), entropy: SeededEntropy(seed: 1)), to: &text)
        let bytes = key.secret.withBytes { Array($0) }
        #expect(!text.contains(hex(key.secret)) && !text.contains("\(bytes[0]), \(bytes[1])") && text.contains("•••"))
    }
}
