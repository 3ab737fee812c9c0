import Foundation
import OwnCopies
import Records
import Sealing
import Storage
import StorageSQLite
import Tenants
import Vocabulary

extension Control {
    static let ownCopy = automated(
        "BK-6", "A backup in a common format", "M",
        "Customers can keep a weekly copy of their database that standard tools open.",
        every: .hours(6), OwnCopyReadable())
}

/// Makes a file of an environment of its own, opens it with a key that only the probe has, and compares; then looks for everybody's newest.
struct OwnCopyReadable: Probe {
    /// After its turn has come.
    private static let latest = Duration.days(1)
    private static let sample = 20

    func check(_ platform: Platform) async throws -> Evidence {
        guard let copies = platform.ownCopies, copies.parts.objects != nil else {
            throw CannotProbe("there is no place for customers' files")
        }
        var findings = Findings()
        findings.expect(
            platform.routes.contains { $0.door == "environment" && $0.path == "/backups/own-copies" },
            "there is no page /backups/own-copies for customers")
        try await rehearse(platform, copies, &findings)
        try await look(platform, copies, &findings)
        return findings.evidence(
            "A file with all of an environment was opened with plain SQLite and held what was written; each customer's newest is there.")
    }

    private func rehearse(_ platform: Platform, _ copies: OwnCopies, _ findings: inout Findings) async throws {
        let actor = Actor.platform("controls")
        let reader = try AgeIdentity(secret: Secret(platform.entropy.bytes(32)))
        let sealed = try await ScratchEnvironment.lend(0, on: platform) { scratch in
            try await scratch.workspace.collections.create(
                .init(
                    slug: "things", name: "Things",
                    fields: [.init(key: "name", type: .text), .init(key: "size", type: .number), .init(key: "is_new", type: .boolean)]),
                by: actor)
            for (name, size) in [("one", 1.0), ("two", 2.5), ("gone", 3)] {
                let record = try await scratch.workspace.records.create(
                    ["name": .string(name), "size": .number(size), "is_new": true], in: "things", by: actor)
                if name == "gone" { _ = try await scratch.workspace.records.delete(record.id, in: "things", ifVersion: nil, by: actor) }
            }
            return try await copies.rehearse(scratch.database, for: reader.recipient)
        }
        let stranger = try AgeIdentity(secret: Secret(platform.entropy.bytes(32)))
        findings.expect((try? AgeFile.open(sealed, with: [stranger])) == nil, "a stranger's key opens the file")
        findings.expect(Self.looksSealed(sealed), "something readable is in the sealed file")
        do {
            let content = try PlainContent(AgeFile.open(sealed, with: [reader]))
            let living = try content.rows("SELECT name, size, is_new FROM things ORDER BY name")
            findings.expect(
                living == [[.text("one"), .integer(1), .integer(1)], [.text("two"), .real(2.5), .integer(1)]],
                "the file has other records than were written")
            findings.expect(try content.rows("SELECT count(*) FROM _deleted") == [[.integer(1)]], "deleted records are missing in the file")
            findings.expect(
                try content.rows("SELECT value FROM _about WHERE name = 'format'") == [[.text(OwnCopyFile.format)]],
                "the file doesn't say what it is")
        } catch let error where error is AgeFault || error is StorageError {
            findings.expect(false, "the file can't be opened: \(error)")
        }
        findings.count("bytes", sealed.count)
    }

    private static func looksSealed(_ bytes: [UInt8]) -> Bool {
        !Data(bytes).contains(Data("SQLite format 3".utf8))
    }

    private func look(_ platform: Platform, _ copies: OwnCopies, _ findings: inout Findings) async throws {
        let (now, latest, newest) = (platform.clock.now(), try await copies.latest(), try await copies.newest())
        var there = 0
        for environment in try await copies.parts.tenants.allEnvironments() {
            if latest[environment.id]?.failure != nil {
                findings.expect(false, "the last file of \(environment.label) could not be made")
                continue
            }
            let isLate = OwnCopySchedule(environment).isDue(after: newest[environment.id], at: now - Self.latest)
            findings.expect(!isLate, "the file of \(environment.label) is more than a day late")
            guard let copy = newest[environment.id] else { continue }
            there += 1
            guard there <= Self.sample else { continue }
            findings.expect(try await copies.stored(copy) == copy.size, "the newest file of \(environment.label) is missing or torn")
        }
        findings.count("files", there)
    }
}
