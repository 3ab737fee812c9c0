import Backup
import ObjectStores
import Vocabulary

extension Control {
    static let threePlaces = automated(
        "BK-4", "Three places on two media", "BL",
        "Backups lie in three places of two kinds, one of them elsewhere in the same pair of regions and one append-only.", ThreePlaces())
}

/// Counts the places beside the server's own disk, asks each of them, and tries to delete something of its own at the one that says that nothing
/// can be deleted there.
struct ThreePlaces: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        if let cluster = try await ClusterSample(platform) {
            throw CannotProbe(
                "pgBackRest doesn't say where its repositories are, nor of which kind; it has \(cluster.cluster.repositories)")
        }
        let sample = try await BackupSample(platform)
        let places = sample.destinations.all
        guard places.count > 1 else {
            throw CannotProbe("there is one place beside the server's disk: name two more with --backup, one of them append-only")
        }
        var findings = Findings()
        sample.note(in: &findings)
        findings.expect(places.count >= 3, "there are \(places.count) places, not three")
        findings.expect(Set(places.map(\.destination.kind)).count >= 2, "all places are of one kind")
        findings.expect(
            places.contains { $0.destination.kind != .directory && $0.destination.region != nil },
            "no place elsewhere says in which region it is")
        findings.expect(places.contains { $0.destination.isAppendOnly }, "no place is append-only")
        for place in places where sample.away[place.destination.name] == nil {
            if place.destination.isAppendOnly { try await Self.tryToDelete(at: place.destination, platform, &findings) }
        }
        for kept in sample.kept where kept.database != .control {
            let region = platform.placements?[kept.database]?.region
            findings.expect(
                region.map(kept.line.destination.takes) ?? true, "\(kept.label) lies outside of its pair of regions")
        }
        findings.facts["kinds"] = .array(Set(places.map(\.destination.kind.rawValue)).sorted().map { .string($0) })
        return findings.evidence(
            "\(places.count) places of \(Set(places.map(\.destination.kind)).count) kinds answer, and what is append-only can't be deleted."
        )
    }

    private static func tryToDelete(at destination: Destination, _ platform: Platform, _ findings: inout Findings) async throws {
        let words = platform.entropy.bytes(12).map { String($0, radix: 16) }.joined()
        guard let key = ObjectKey("backup-trial/\(words)") else { return }
        do {
            try await destination.store.put(Array("trial".utf8), at: key, ifAbsent: true)
        } catch let fault as ObjectFault {
            return findings.expect(false, "\(destination.name) takes nothing: \(fault)")
        }
        do { try await destination.store.delete(key) } catch is ObjectFault {}
        do {
            _ = try await destination.store.bytes(of: key, atMost: 64)
        } catch ObjectFault.denied {
            // An account that may only write can't look, and could not delete.
        } catch ObjectFault.missing {
            findings.expect(false, "what lies at \(destination.name) can be deleted")
        }
    }
}
