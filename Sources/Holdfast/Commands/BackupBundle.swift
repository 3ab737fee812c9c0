import ArgumentParser
import Backup
import Crypto
import Foundation
import Sealing
import Threads
import Vocabulary

/// The key of a bundle is made here, split, and forgotten: the server gets its public half alone.
struct BackupBundle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Write what an empty machine needs beside the archive: executable, settings, and the keys sealed to several people.",
        discussion: """
            Each holder gets a share, a file of its own; --needed of them open the bundle. A share goes to its holder and is then deleted here.
            Make a new bundle whenever an environment was made, or each night: with --like the holders keep the shares that they have.

            Example: holdfast backup bundle --out bundle.tar --needed 2 --holder anna --holder ben=age1… --holder cleo
                     holdfast backup bundle --out newer.tar --like bundle.tar
            """)

    @Option(help: "The bundle to write. It appears whole, or not at all.") var out: String
    @Option(
        name: .customLong("holder"),
        help: "Who gets a share: a name, or NAME=age1… to have the share's file sealed to the holder's own age recipient. May be repeated.")
    var people: [String] = []
    @Option(help: "How many shares open the bundle.") var needed: Int?
    @Option(help: "An existing directory for the shares. The bundle's own if left out.") var shares: String?
    @Option(help: "An older bundle: the new one is for the same holders, and their shares open both.") var like: String?
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let threads = BoundedThreads(2, waiting: 100)
        guard !FileManager.default.fileExists(atPath: out) else {
            throw CommandFailure(message: "There is a file \(out) already. Give another name.", isUsage: true)
        }
        let made = try await told { try await holders(threads) }
        let files = try made.shares.map { try file(of: $0, in: made.holders) }
        let body = try JSONEncoder().encode(Wanted(holders: made.holders, version: Holdfast.version))
        do {
            for file in files { try Self.write(file.bytes, to: file.path) }
            try await fetch(body)
        } catch {
            // Shares without their bundle would only be mixed up with others.
            for file in files { try? FileManager.default.removeItem(atPath: file.path) }
            throw error
        }
        let bundle = try await told { try await RecoveryBundle(out, threads: threads) }
        try await told { try await bundle.checkExecutable(threads: threads) }
        if !made.shares.isEmpty {
            // Tried before anybody relies on it.
            _ = try await told { try bundle.keys(with: made.shares.prefix(made.holders.needed).map { ("share \($0.number)", $0) }) }
        }
        let digest = try Self.digest(of: out)
        let answer: [String: Any] = [
            "bundle": absolute(out), "sha256": digest, "holders": made.holders.id, "needed": made.holders.needed,
            "of": made.holders.holders.count,
            "keys": bundle.manifest.keys, "databases": bundle.manifest.databases.count, "version": bundle.manifest.executable.version,
            "shares": files.map(\.path),
        ]
        try common.show(answer) { _ in
            Terminal.say(
                "\(out): \(bundle.manifest.keys) keys, \(bundle.manifest.databases.count) databases in the archive \(bundle.manifest.archive)"
            )
            Terminal.say("SHA-256 \(digest)")
            for file in files { Terminal.say("share for \(file.holder): \(file.path)") }
            let count = made.holders.holders.count
            Terminal.say("Any \(made.holders.needed) of \(count) shares open it. Give each share to its holder and delete it here.")
        }
    }

    private struct Wanted: Encodable {
        let holders: RecoveryHolders
        let version: String
    }

    private func holders(_ threads: BoundedThreads) async throws -> (holders: RecoveryHolders, shares: [RecoveryShare]) {
        if let like {
            guard people.isEmpty, needed == nil, shares == nil else {
                throw CommandFailure(
                    message: "With --like the holders are those of the older bundle: leave the other options out.", isUsage: true)
            }
            return (try await RecoveryBundle(like, threads: threads).manifest.holders, [])
        }
        guard !people.isEmpty, let needed else {
            throw CommandFailure(
                message: "Say who holds the shares, and how many open the bundle: --holder NAME --holder NAME --needed 2.", isUsage: true)
        }
        let named = try people.map { text -> (name: String, recipient: AgeRecipient?) in
            let words = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard words.count == 2 else { return (text, nil) }
            guard let recipient = AgeRecipient(words[1]) else {
                throw CommandFailure(message: "\(AgeFault.recipient(words[1]))", isUsage: true)
            }
            return (words[0], recipient)
        }
        do {
            return try RecoveryHolders.make(named, needed: needed, at: SystemClock().now(), entropy: SystemEntropy())
        } catch let fault as RecoveryFault {
            throw CommandFailure(message: fault.description, isUsage: true)
        }
    }

    private func file(of share: RecoveryShare, in holders: RecoveryHolders) throws -> (holder: String, path: String, bytes: [UInt8]) {
        let folder = shares.map(absolute) ?? URL(fileURLWithPath: absolute(out)).deletingLastPathComponent().path
        let recipient = holders.holders.first { $0.number == share.number }?.recipient.flatMap { AgeRecipient($0) }
        let plain = share.text.withBytes { Array($0) }
        let bytes = try recipient.map { try AgeFile.seal(plain, to: [$0], entropy: SystemEntropy()) } ?? plain
        let path = "\(folder)/\(URL(fileURLWithPath: out).lastPathComponent).\(share.holder).share" + (recipient == nil ? "" : ".age")
        guard !FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(message: "There is a file \(path) already. Give another --shares directory.", isUsage: true)
        }
        return (share.holder, path, bytes)
    }

    /// Under another name until it is whole.
    private func fetch(_ body: Data) async throws {
        let draft = out + ".draft"
        try? FileManager.default.removeItem(atPath: draft)
        try Self.write([], to: draft)
        do {
            guard let sink = FileHandle(forWritingAtPath: draft) else { throw CommandFailure(message: "\(draft) can't be written.") }
            try await common.server.download("POST", "/backup/bundle", body, into: sink)
            try sink.synchronize()
            try sink.close()
            try FileManager.default.moveItem(atPath: draft, toPath: out)
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600]) else {
            throw CommandFailure(message: "\(path) can't be written. Check the directory and your permission.")
        }
    }

    private static func digest(of path: String) throws -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { throw CommandFailure(message: "\(path) can't be read.") }
        var hash = SHA256()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Whether a share would do, without bringing shares together.
struct CheckShare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-share", abstract: "See whether a share is whole and belongs to a bundle.",
        discussion: "Holders can do that by themselves, once a year. Example: holdfast backup check-share anna.share --bundle bundle.tar")
    @Argument(help: "The share's file.") var share: String
    @Option(help: "The bundle.") var bundle: String
    @Option(help: "The file with the holder's age identity, where the share is sealed.") var identity: [String] = []

    func run() async throws {
        try await told {
            let found = try await RecoveryBundle(bundle, threads: BoundedThreads(1, waiting: 10))
            let share = try ShareFile.read(share, try identity.map(ShareFile.identity))
            try found.manifest.holders.check(share.share, path: share.path)
            Terminal.say(
                "\(share.path): share \(share.share.number) of \(share.share.of), of \(share.share.holder). It belongs to \(bundle).")
        }
    }
}

enum ShareFile {
    static func read(_ path: String, _ identities: [AgeIdentity]) throws -> (path: String, share: RecoveryShare) {
        guard let data = FileManager.default.contents(atPath: path), data.count <= RecoveryShare.longest else {
            throw RecoveryFault.noShare(path: path)
        }
        return (path, try RecoveryShare(Array(data), path: path, identities: identities))
    }

    static func identity(_ path: String) throws -> AgeIdentity {
        do {
            return try AgeIdentity(file: try SecretFile(path: path, what: "The age identity").read())
        } catch let fault as AgeFault {
            throw CommandFailure(message: "\(path): \(fault).")
        }
    }
}
