import Crypto
import Foundation
import ObjectStores
import Sealing
import Threads
import Vocabulary

/// Everything that an empty machine needs beside the archives and enough shares: the executable, what the server was told, where the archives
/// end, and the keyring with the master key, sealed to the holders. One file that `tar` opens. The format is in docs/formats/recovery-bundle.md.
package struct RecoveryBundle: Sendable {
    /// What can be read without any share: `bundle.json`.
    package struct Manifest: Sendable, Hashable, Codable {
        package struct Executable: Sendable, Hashable, Codable {
            package let version: String
            /// In bytes.
            package let size: UInt64
            package let sha256: String
        }

        package struct Database: Sendable, Hashable, Codable {
            package let name: String
            /// The destination's name: each has an archive of its own.
            package let place: String
            package let generation: UInt32
            package let ordinal: UInt64
            package let hash: String
            package let time: String

            package init(name: String, place: String, position: ArchivePosition, time: Instant) {
                (self.name, self.place, generation, ordinal) = (name, place, position.generation, position.ordinal)
                (hash, self.time) = ("\(position.hash)", "\(time)")
            }

            package var position: ArchivePosition? {
                ChainHash(hash).map { ArchivePosition(generation: generation, ordinal: ordinal, hash: $0) }
            }
        }

        package let format: Int
        package let madeAt: String
        package let apex: String
        package let executable: Executable
        /// What `serve` was told, without secrets.
        package let options: [String]
        /// Which options name secrets that have to be brought along.
        package let secrets: [String]
        /// Where commits are shipped to.
        package let archive: String
        /// How many keys are sealed in.
        package let keys: Int
        package let databases: [Database]
        package let holders: RecoveryHolders
    }

    package static let format = 1

    private enum Part {
        static let readme = "README"
        static let manifest = "bundle.json"
        static let keys = "keys.age"
        static let executable = "holdfast"
    }

    /// In bytes; what is read into memory.
    private static let mostOfPart: UInt64 = 256 << 20

    // MARK: Writing

    /// What is written into a bundle beside what it finds by itself.
    package struct Contents: Sendable {
        package let apex: String
        package let version: String
        /// The executable's path.
        package let executable: String
        package let options: [String]
        package let secrets: [String]
        package let archive: String
        package let databases: [Manifest.Database]
        package let holders: RecoveryHolders

        package init(
            apex: String, version: String, executable: String, options: [String], secrets: [String], archive: String,
            databases: [Manifest.Database], holders: RecoveryHolders
        ) {
            (self.apex, self.version, self.executable, self.options) = (apex, version, executable, options)
            (self.secrets, self.archive, self.databases, self.holders) = (secrets, archive, databases, holders)
        }
    }

    /// Makes a bundle: `write` gets its bytes in order.
    ///
    /// - Parameter copy: the keys, each time with the note that they are to carry.
    /// - Throws: ``RecoveryFault``, and what `copy` and `write` throw.
    @discardableResult
    package static func write(
        _ contents: Contents, at now: Instant, entropy: any Entropy, threads: BoundedThreads,
        copy: (_ note: String) async throws -> KeyringCopy, to write: ([UInt8]) async throws -> Void
    ) async throws -> Manifest {
        let recipient = try contents.holders.check()
        let file = try await threads.run { try OpenFile(contents.executable) }
        let (size, digest) = try await threads.run {
            (UInt64(try file.size()), try Self.digest(of: file, from: 0, size: UInt64(try file.size())))
        }
        // Asked twice: the manifest counts the keys, and the keys carry the manifest's digest.
        let counted = try await copy("").owners.count
        let manifest = Manifest(
            format: format, madeAt: "\(now)", apex: contents.apex,
            executable: .init(version: contents.version, size: size, sha256: digest), options: contents.options, secrets: contents.secrets,
            archive: contents.archive, keys: counted, databases: contents.databases, holders: contents.holders)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let described = Array(try encoder.encode(manifest)) + [10]
        let keys = try await copy("\(ChainHash(of: described))").text
        let sealed = try keys.withBytes { try AgeFile.seal($0, to: [recipient], entropy: entropy) }
        for (name, bytes) in [(Part.readme, Array(readme(manifest).utf8)), (Part.manifest, described), (Part.keys, sealed)] {
            try await write(TarFile.header(name, size: UInt64(bytes.count), at: now) + bytes + TarFile.padding(after: UInt64(bytes.count)))
        }
        try await write(TarFile.header(Part.executable, size: size, isExecutable: true, at: now))
        var offset: UInt64 = 0
        while offset < size {
            let (start, count) = (Int(offset), Int(min(1 << 20, size - offset)))
            try await write(try await threads.run { try file.read(start, count) })
            offset += UInt64(count)
        }
        try await write(TarFile.padding(after: size) + TarFile.end)
        return manifest
    }

    // MARK: Reading

    package let path: String
    package let manifest: Manifest
    private let sealedKeys: [UInt8]
    private let digestOfManifest: String
    private let executable: TarFile.Member

    /// Reads what a bundle says of itself. The executable in it is looked at by ``checkExecutable(threads:)``.
    /// - Throws: ``RecoveryFault`` `.noBundle`, `.bundleTorn`, `.bundleAltered`, `.newerBundle`
    package init(_ path: String, threads: BoundedThreads) async throws {
        guard let file = try? await threads.run({ try OpenFile(path) }),
            let found = try? await threads.run({ try TarFile.members(of: file) })
        else {
            throw RecoveryFault.noBundle(path: path)
        }
        func part(_ name: String) throws(RecoveryFault) -> TarFile.Member {
            guard let member = found.members.first(where: { $0.name == name }) else {
                throw found.isWhole ? .noBundle(path: path) : .bundleTorn(path: path)
            }
            guard name == Part.executable || member.size <= Self.mostOfPart else { throw .bundleAltered(path: path, part: name) }
            return member
        }
        func bytes(_ name: String) async throws -> [UInt8] {
            let member = try part(name)
            return try await threads.run { try file.read(Int(member.offset), Int(member.size)) }
        }
        let described = try await bytes(Part.manifest)
        struct Format: Decodable { let format: Int }
        guard let format = try? JSONDecoder().decode(Format.self, from: Data(described)) else {
            throw RecoveryFault.bundleAltered(path: path, part: Part.manifest)
        }
        guard format.format == Self.format else { throw RecoveryFault.newerBundle(path: path) }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(described)), (try? manifest.holders.check()) != nil else {
            throw RecoveryFault.bundleAltered(path: path, part: Part.manifest)
        }
        self.path = path
        self.manifest = manifest
        digestOfManifest = "\(ChainHash(of: described))"
        sealedKeys = try await bytes(Part.keys)
        executable = try part(Part.executable)
        guard found.isWhole else { throw RecoveryFault.bundleTorn(path: path) }
    }

    /// Compares the executable with its digest.
    package func checkExecutable(threads: BoundedThreads) async throws {
        let (path, member) = (path, executable)
        let digest = try await threads.run { try Self.digest(of: try OpenFile(path), from: member.offset, size: member.size) }
        guard member.size == manifest.executable.size, digest == manifest.executable.sha256 else {
            throw RecoveryFault.bundleAltered(path: path, part: Part.executable)
        }
    }

    /// The keyring and its master key, from enough shares.
    /// - Throws: ``RecoveryFault``
    package func keys(with shares: [(path: String, share: RecoveryShare)]) throws -> KeyringCopy {
        let identity = try manifest.holders.identity(from: shares)
        let opened: Secret
        do {
            opened = Secret(try AgeFile.open(sealedKeys, with: [identity]))
        } catch AgeFault.noKey {
            throw RecoveryFault.sharesDisagree
        } catch is AgeFault {
            throw RecoveryFault.bundleAltered(path: path, part: Part.keys)
        }
        guard let copy = KeyringCopy(opened) else { throw RecoveryFault.keysUnreadable(reason: "they were written by another release") }
        // The keys say which description they were sealed with.
        guard copy.note == digestOfManifest else { throw RecoveryFault.bundleAltered(path: path, part: Part.manifest) }
        return copy
    }

    private static func digest(of file: OpenFile, from offset: UInt64, size: UInt64) throws -> String {
        var hash = SHA256()
        var done: UInt64 = 0
        while done < size {
            let count = Int(min(1 << 20, size - done))
            hash.update(data: try file.read(Int(offset + done), count))
            done += UInt64(count)
        }
        return ChainHash(bytes: Array(hash.finalize()))?.description ?? ""
    }

    private static func readme(_ manifest: Manifest) -> String {
        let names = manifest.holders.holders.map {
            "  \($0.number). \($0.name)\($0.recipient == nil ? "" : " (sealed to \($0.recipient ?? ""))")"
        }
        return """
            This is a recovery bundle of the Holdfast installation \(manifest.apex), made \(manifest.madeAt).
            It rebuilds everything on an empty machine, together with
              - the archive of backups, which lay at \(manifest.archive)
              - \(manifest.holders.needed) of these \(manifest.holders.holders.count) people's shares:
            \(names.joined(separator: "\n"))

            On Debian 12, as the user who is to run the server:

              1. sudo apt-get install libsodium23 libcurl4 libssh-4 libqrencode4 libpq5 libgfshare2 tzdata
              2. tar -xf THIS-FILE holdfast
              3. ./holdfast recover --bundle THIS-FILE --archive ARCHIVE-DIRECTORY --data NEW-DIRECTORY \\
                   --share SHARE-1 --share SHARE-2 …
              4. Start the server as that command says at its end.

            Nothing is ever overwritten. If it is interrupted, run the same command again.
            A share that ends in .age is opened by its holder first: age -d -i THEIR-KEY -o share FILE.age

            The server was started with: \(manifest.options.joined(separator: " "))
            Secrets that it was given and that are not in here: \(manifest.secrets.isEmpty ? "none" : manifest.secrets.joined(separator: ", "))

            """
    }
}
