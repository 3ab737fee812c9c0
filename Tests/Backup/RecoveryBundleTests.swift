import Foundation
import Sealing
import Storage
import TestSupport
import Testing
import Threads
import Vocabulary

@testable import Backup

/// A bundle and its shares, each thing that can go wrong with them, and what is said of it.
@Suite struct RecoveryBundleTests {
    private let home: TemporaryDirectory
    private let threads = BoundedThreads(2, waiting: 100)
    private let keyring: Keyring
    private let people: [(name: String, recipient: AgeRecipient?)] = [("anna", nil), ("ben", nil), ("cleo", nil)]

    init() throws {
        home = try TemporaryDirectory()
        keyring = Keyring(directory: home.path + "/keyring", clock: SystemClock(), entropy: SystemEntropy())
        try keyring.unseal(with: MasterKey.create(at: home.path + "/master.key", entropy: SystemEntropy()))
        try keyring.create(for: .control)
        try Data(repeating: 7, count: 3_000_001).write(to: URL(fileURLWithPath: home.path + "/executable"))
    }

    private func holders(needed: Int = 2) throws -> (holders: RecoveryHolders, shares: [RecoveryShare]) {
        try RecoveryHolders.make(people, needed: needed, at: Instant(seconds: 1_700_000_000), entropy: SystemEntropy())
    }

    private func make(_ holders: RecoveryHolders) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        let contents = RecoveryBundle.Contents(
            apex: "holdfast.localhost", version: "1.0.0", executable: home.path + "/executable", options: ["--data", "./data"], secrets: [],
            archive: "/mnt/backup", databases: [], holders: holders)
        try await RecoveryBundle.write(contents, at: Instant(seconds: 1_700_000_000), entropy: SystemEntropy(), threads: threads) {
            try keyring.copy(note: $0)
        } to: {
            bytes += $0
        }
        return bytes
    }

    private func opened(_ bytes: [UInt8]) async throws -> RecoveryBundle {
        let path = home.path + "/bundle.tar"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try await RecoveryBundle(path, threads: threads)
    }

    private func fault(_ body: () async throws -> Void) async -> RecoveryFault? {
        do { try await body() } catch { return error as? RecoveryFault }
        return nil
    }

    @Test func `any two of three holders open it`() async throws {
        let (holders, shares) = try holders()
        let bundle = try await opened(try await make(holders))
        try await bundle.checkExecutable(threads: threads)
        for (one, other) in [(0, 1), (0, 2), (2, 1)] {
            let copy = try bundle.keys(with: [("one", shares[one]), ("other", shares[other])])
            #expect(copy.owners == [.control])
        }
        _ = try bundle.keys(with: shares.map { ("share", $0) })
    }

    @Test func `tar reads it, and its executable comes out as it was`() async throws {
        _ = try await opened(try await make(try holders().holders))
        let process = try ChildProcess("/usr/bin/tar", ["-C", home.path, "-xf", home.path + "/bundle.tar", "holdfast", "README"])
        _ = process.readToEnd()
        #expect(process.wait() == .exited(0))
        #expect(FileManager.default.contentsEqual(atPath: home.path + "/holdfast", andPath: home.path + "/executable"))
        #expect(FileManager.default.isExecutableFile(atPath: home.path + "/holdfast"))
        #expect(try String(contentsOfFile: home.path + "/README", encoding: .utf8).contains("2 of these 3 people's shares"))
    }

    @Test func `too few, twice the same, and another bundle's shares are named`() async throws {
        let (holders, shares) = try holders()
        let other = try self.holders()
        let bundle = try await opened(try await make(holders))
        #expect(throws: RecoveryFault.tooFew(given: 1, needed: 2, others: ["anna", "cleo"])) { try bundle.keys(with: [("b", shares[1])]) }
        #expect(throws: RecoveryFault.tooFew(given: 0, needed: 2, others: ["anna", "ben", "cleo"])) { try bundle.keys(with: []) }
        #expect(throws: RecoveryFault.sameShare(path: "again", holder: "ben")) {
            try bundle.keys(with: [("b", shares[1]), ("again", shares[1])])
        }
        #expect(throws: RecoveryFault.shareOfAnother(path: "stray", holder: "anna")) {
            try bundle.keys(with: [("b", shares[1]), ("stray", other.shares[0])])
        }
    }

    @Test func `a newer bundle for the same holders opens with the shares that they have`() async throws {
        let (holders, shares) = try holders()
        let older = try await opened(try await make(holders))
        try keyring.create(for: .environment(EnvironmentID(at: Instant(seconds: 1), entropy: SystemEntropy())))
        let newer = try await opened(try await make(older.manifest.holders))
        #expect(try newer.keys(with: [("a", shares[0]), ("c", shares[2])]).owners.count == 2)
    }

    @Test func `a share's file is read as it was written, printed and typed`() throws {
        let share = try holders().shares[0]
        let text = share.text.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(try RecoveryShare(Array(text.utf8), path: "a").value == share.value)
        let typed = text.split(separator: "\n").map { "\($0)  " }.joined(separator: "\r\n\r\n")
        #expect(try RecoveryShare(Array(typed.utf8), path: "a").value == share.value)
    }

    @Test func `a damaged share is named`() throws {
        let text = try holders().shares[0].text.withBytes { Array($0) }
        for index in text.indices.dropLast() where text[index] != 10 {
            var damaged = text
            damaged[index] = damaged[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            #expect(throws: RecoveryFault.self) { try RecoveryShare(damaged, path: "a") }
        }
        #expect(throws: RecoveryFault.noShare(path: "a")) { try RecoveryShare(Array("hello".utf8), path: "a") }
        #expect(throws: RecoveryFault.shareAltered(path: "a")) { try RecoveryShare(text.dropLast(80), path: "a") }
    }

    @Test func `a sealed share opens for its holder alone`() throws {
        let share = try holders().shares[0]
        let identity = try AgeIdentity(secret: Secret(SystemEntropy().bytes(32)))
        let sealed = try share.text.withBytes { try AgeFile.seal($0, to: [identity.recipient], entropy: SystemEntropy()) }
        #expect(throws: RecoveryFault.shareSealed(path: "a")) { try RecoveryShare(sealed, path: "a") }
        #expect(try RecoveryShare(sealed, path: "a", identities: [identity]).value == share.value)
    }

    @Test func `a bundle that ends early is said to`() async throws {
        let bytes = try await make(try holders().holders)
        for end in stride(from: 1, to: bytes.count - 1, by: bytes.count / 37) {
            let found = await fault { _ = try await opened(Array(bytes[..<end])) }
            #expect(found == .bundleTorn(path: home.path + "/bundle.tar") || found == .noBundle(path: home.path + "/bundle.tar"))
        }
        #expect(await fault { _ = try await opened([]) } == .noBundle(path: home.path + "/bundle.tar"))
    }

    @Test func `what was altered is found, whichever part it is`() async throws {
        let (holders, shares) = try holders()
        let bytes = try await make(holders)
        let text = String(decoding: bytes.prefix(20_000), as: UTF8.self)
        #expect(text.contains("\"apex\" : \"holdfast.localhost\""))
        let given = [("a", shares[0]), ("b", shares[1])]
        var found: Set<String> = []
        // A byte of each part: the description, the keys, the executable.
        for offset in stride(from: 512 * 6, to: bytes.count - 1024, by: 49_999) where bytes[offset] != 0 {
            var altered = bytes
            altered[offset] ^= 0x01
            let fault = await fault {
                let bundle = try await opened(altered)
                _ = try bundle.keys(with: given)
                try await bundle.checkExecutable(threads: threads)
            }
            if case .bundleAltered(_, let part)? = fault { found.insert(part) }
            // A changed list of holders is told by the shares, which then seem to be another's.
            #expect(fault != nil)
        }
        #expect(found.isSuperset(of: ["holdfast"]))
    }

    @Test func `holders need names that can be files, and a number that can be had`() throws {
        for name in ["", "../anna", "-rf", "anna b", ".hidden", String(repeating: "a", count: 65)] {
            #expect(throws: RecoveryFault.self) {
                try RecoveryHolders.make([(name, nil)], needed: 1, at: Instant(seconds: 0), entropy: SystemEntropy())
            }
        }
        #expect(throws: RecoveryFault.self) {
            try RecoveryHolders.make([("anna", nil), ("anna", nil)], needed: 1, at: Instant(seconds: 0), entropy: SystemEntropy())
        }
        #expect(throws: RecoveryFault.self) { try holders(needed: 4) }
        #expect(throws: RecoveryFault.self) { try holders(needed: 0) }
    }
}
