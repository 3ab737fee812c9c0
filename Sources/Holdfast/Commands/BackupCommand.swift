import ArgumentParser
import Backup
import Foundation
import ObjectStores
import PgBackRest
import Storage
import Threads
import Vocabulary

/// Works on a directory of archives alone, with or without a running server: needs no key, and changes nothing in it. Drills and bundles alone ask the server.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "See, check and restore what 'serve --backup' keeps.",
        discussion: "Example: holdfast backup list --archive /mnt/backup",
        subcommands: [List.self, Verify.self, Restore.self, Drill.self, BackupBundle.self, CheckShare.self])

    struct Place: ParsableArguments {
        @Option(help: "A place as 'serve --backup' takes it, or a directory with a copy.") var archive: String?
        @Option(help: "What keeps a PostgreSQL server, as 'serve --pgbackrest' takes it.") var pgbackrest: String?

        func validate() throws {
            guard (archive == nil) != (pgbackrest == nil) else { throw ValidationError("Give either --archive or --pgbackrest.") }
        }

        /// Nil where the place is an archive of databases in files.
        func cluster() async throws -> PgBackRest? {
            guard let pgbackrest else { return nil }
            return try await ClusterPlace(pgbackrest).program(restores: false)
        }

        func store() async throws -> any ObjectStore {
            guard let archive else {
                throw CommandFailure(message: "What pgBackRest keeps is restored by the running server: holdfast restore.", isUsage: true)
            }
            if archive.contains("://"), let place = try BackupPlace.all([archive]).first {
                return try await told { try await place.destination(clock: SystemClock(), entropy: SystemEntropy()).store }
            }
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: archive, isDirectory: &isDirectory), isDirectory.boolValue else {
                throw CommandFailure(message: "There is no directory \(archive).", isUsage: true)
            }
            do {
                return try await FileSystemStore(directory: archive)
            } catch {
                throw CommandFailure(message: "\(archive) can't be used: \(error).")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The databases that are kept, and since when each can be restored.",
            discussion: "Example: holdfast backup list --archive /mnt/backup")
        @OptionGroup var place: Place

        func run() async throws {
            if let cluster = try await place.cluster() { return try await BackupCommand.list(cluster) }
            let store = try await place.store()
            var rows = [["DATABASE", "GENERATION", "BEGUN", "BECAUSE", "BASES", "SEGMENTS", "OLDEST BASE", "NEWEST COMMIT"]]
            for database in try await Archive.databases(in: store) {
                let archive = try Archive(store, database: database)
                for generation in try await told({ try await archive.catalogue() }).generations {
                    let opening = generation.opening
                    rows.append([
                        database, "\(opening.generation)", "\(opening.openedAt)", opening.reason.rawValue, "\(generation.bases.count)",
                        "\(generation.segments.count)", generation.bases.map(\.endedAt).min().map { "\($0)" } ?? "none",
                        "\(try await told { try await archive.newestTime(of: generation) })",
                    ])
                }
            }
            if rows.count == 1 { Terminal.say("Nothing is kept here.") } else { Terminal.table(rows) }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read everything that is kept and compare it with its hashes.",
            discussion:
                "Whether it can be opened with its key is known only after a restore.\nExample: holdfast backup verify --archive /mnt/backup"
        )
        @Argument(help: "A database as 'backup list' names it. All if left out.") var database: String?
        @Option(
            help:
                "A position that the archive of that database once had, as GENERATION:ENTRY:CHAIN: the audit log's events 'backup_anchored' have them."
        )
        var expect: [String] = []
        @OptionGroup var place: Place

        func run() async throws {
            if let cluster = try await place.cluster() { return try await BackupCommand.verify(cluster) }
            let store = try await place.store()
            var isSound = true
            var databases = try await Archive.databases(in: store)
            if let database { databases = [database] }
            guard expect.isEmpty || database != nil else {
                throw CommandFailure(message: "--expect belongs to one database.", isUsage: true)
            }
            let known = try expect.map(BackupCommand.position)
            for database in databases {
                let found = try await told { try await Archive(store, database: database).verify(expecting: known) }
                Terminal.say("\(database): \(found.entries) entries, \(found.size) bytes, \(found.isSound ? "sound" : "NOT SOUND")")
                for finding in found.findings { Terminal.say("  generation \(finding.generation): \(finding.fault)") }
                isSound = isSound && found.isSound
            }
            if !isSound { throw CommandFailure(message: "Not everything that is kept can be relied on.") }
        }
    }

    /// `1:2041:77ab…`
    private static func position(_ text: String) throws -> ArchivePosition {
        let words = text.split(separator: ":", omittingEmptySubsequences: false)
        guard words.count == 3, let generation = UInt32(words[0]), let ordinal = UInt64(words[1]), let hash = ChainHash(words[2]) else {
            throw CommandFailure(
                message: "--expect takes a generation, an entry and 64 hexadecimal digits, such as 1:2041:77ab….", isUsage: true)
        }
        return ArchivePosition(generation: generation, ordinal: ordinal, hash: hash)
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a database file as it was after a commit.",
            discussion: """
                The file is encrypted with the database's key, as it always was. Nothing that is there is replaced.
                Example: holdfast backup restore environment/01k9… --archive /mnt/backup --at 2026-11-21T07:37:42Z --out restored.db
                """)
        @Argument(help: "A database as 'backup list' names it.") var database: String
        @OptionGroup var place: Place
        @Option(help: "The last commit that was not later than this moment (RFC 3339). The newest commit if left out.") var at: String?
        @Option(help: "A commit, as GENERATION:ENTRY.") var commit: String?
        @Option(name: .customLong("out"), help: "The file to write. It appears whole, or not at all.") var target: String

        func run() async throws {
            let store = try await place.store()
            let wanted = try wanted()
            let report = try await told {
                let archive = try Archive(store, database: database)
                return try await Restoration(archive, threads: BoundedThreads(2, waiting: 100)).restore(wanted, to: target)
            }
            let moment = report.time.map { " of \($0)" } ?? ""
            Terminal.say("\(target): \(report.size) bytes, as after commit \(report.generation):\(report.ordinal)\(moment)")
        }

        private func wanted() throws -> Restoration.Target {
            switch (at, commit) {
            case (nil, nil): return .newest
            case (let at?, nil):
                guard let moment = Instant(at) else {
                    throw CommandFailure(message: "--at takes a moment such as 2026-11-21T07:37:42Z.", isUsage: true)
                }
                return .moment(moment)
            case (nil, let commit?):
                let words = commit.split(separator: ":", omittingEmptySubsequences: false)
                guard words.count == 2, let generation = UInt32(words[0]), let ordinal = UInt64(words[1]) else {
                    throw CommandFailure(message: "--commit takes a generation and an entry, such as 1:2041.", isUsage: true)
                }
                return .commit(generation: generation, ordinal: ordinal)
            default: throw CommandFailure(message: "Give --at or --commit, not both.", isUsage: true)
            }
        }
    }
}

/// Faults in words for the terminal.
func told<T>(_ work: () async throws -> T) async throws -> T {
    do {
        return try await work()
    } catch let fault as RecoveryFault {
        throw CommandFailure(message: fault.description)
    } catch let fault as ArchiveFault {
        throw CommandFailure(message: "\(fault).")
    } catch let fault as ObjectFault {
        throw CommandFailure(message: "\(fault).")
    } catch let fault as PgBackRestFault {
        throw CommandFailure(message: "\(fault).")
    } catch StorageError.exists {
        throw CommandFailure(message: "There is such a file already. Give another name.")
    } catch StorageError.full {
        throw CommandFailure(message: "The disk is full.")
    } catch StorageError.readOnly {
        throw CommandFailure(message: "The file can't be written there.")
    } catch let error as StorageError {
        throw CommandFailure(message: "The file can't be written: \(error).")
    }
}
