import Backup
import ObjectStores
import Storage
import Tenants
import Vocabulary

/// Some of the databases and all of the places that keep them: what the probes of backups look at.
struct BackupSample {
    struct Kept {
        let database: DatabaseName
        let line: Destinations.Line
        let archive: Archive
        let catalogue: Catalogue
        let retention: Retention
    }

    /// Databases that are looked at in one round, drawn anew each time.
    private static let most = 25

    let destinations: Destinations
    let kept: [Kept]
    /// Databases that no place has anything of.
    let missing: [DatabaseName]
    /// Places that don't answer, and why.
    let away: [String: String]

    /// - Throws: ``CannotProbe`` where no place was named.
    init(_ platform: Platform) async throws {
        guard let destinations = platform.destinations else {
            throw CannotProbe(
                platform.directories.databases == nil
                    ? "the databases lie on a PostgreSQL server that nobody backs up from here: start the server with --pgbackrest"
                    : "nothing is backed up: start the server with --backup, once for each place")
        }
        self.destinations = destinations
        let retentions = try await platform.retentions()
        var names = retentions.keys.sorted { "\($0)" < "\($1)" }
        while names.count > Self.most { names.remove(at: Int(platform.entropy.words().0 % UInt64(names.count))) }
        var (kept, missing, away): ([Kept], [DatabaseName], [String: String]) = ([], [], [:])
        for name in names {
            guard let retention = retentions[name] else { continue }
            var isKept = false
            for line in destinations.keeping(name) where away[line.destination.name] == nil {
                let archive = try line.shipping.archive(of: name)
                let catalogue: Catalogue
                do {
                    catalogue = try await archive.catalogue()
                } catch let fault as ObjectFault {
                    away[line.destination.name] = fault.description
                    continue
                }
                guard catalogue.newest?.bases.isEmpty == false || catalogue.generations.contains(where: { !$0.bases.isEmpty }) else {
                    continue
                }
                isKept = true
                kept.append(Kept(database: name, line: line, archive: archive, catalogue: catalogue, retention: retention))
            }
            if !isKept { missing.append(name) }
        }
        self.kept = kept
        self.missing = missing
        self.away = away
    }

    func note(in findings: inout Findings) {
        for (place, reason) in away.sorted(by: { $0.key < $1.key }) { findings.expect(false, "\(place) can't be used: \(reason)") }
        for name in missing { findings.expect(false, "\(name) is in no archive") }
        findings.count("archives", kept.count)
        findings.count("destinations", destinations.all.count)
    }
}

extension BackupSample.Kept {
    var label: String { "\(database) at \(line.destination.name)" }
}
