import Backup
import Foundation
import ObjectStores
import Storage
import Threads
import Vocabulary

extension Control {
    static let lostDisk = automated(
        "BK-10", "A lost disk loses nothing", "LY",
        "When a disk or a backup place fails, all acknowledged writes are still somewhere else.", LostDisk())
}

/// Takes each place for the only one that is left: some databases are put together again from it alone, and have to end with the commit that was
/// the last one when the probe began, or with one of the last seconds where commits are answered before they are elsewhere.
struct LostDisk: Probe {
    private static let lagAtMost = Duration.seconds(60)
    private static let most = 3
    /// What is larger takes too long to be put together in a round; drills do that.
    private static let largest: UInt64 = 1 << 30

    func check(_ platform: Platform) async throws -> Evidence {
        if try await ClusterSample(platform) != nil {
            throw CannotProbe("what was written in the last minute is on PostgreSQL's standbys at most, which no node can see")
        }
        let sample = try await BackupSample(platform)
        var findings = Findings()
        sample.note(in: &findings)
        let now = platform.clock.now()
        var (restored, kept) = (0, sample.kept)
        for one in kept {
            guard let status = one.line.shipping.status(of: one.database) else { continue }
            findings.expect(
                status.waitingSince.map { now - $0 < Self.lagAtMost } ?? true,
                "\(one.label) lacks what was written more than a minute ago" + (status.failure.map { " (\($0))" } ?? ""))
        }
        let promised = sample.destinations.all.contains(where: \.destination.confirms)
        for name in Set(kept.map(\.database)) where platform.placements?[name]?.isKeptTwice == true {
            findings.expect(
                !promised || sample.destinations.confirms(name), "\(name) is promised to be kept twice, and no place confirms it")
        }
        kept = kept.filter { ($0.catalogue.newest?.bases.last?.size ?? 0) < Self.largest }
        for destination in sample.destinations.all {
            var own = kept.filter { $0.line.destination.name == destination.destination.name }
            while own.count > Self.most { own.remove(at: Int(platform.entropy.words().0 % UInt64(own.count))) }
            for one in own {
                try await Self.restore(one, &findings)
                try await Self.expectAnchor(of: one, platform, &findings)
                restored += 1
            }
        }
        findings.count("restored", restored)
        findings.expect(restored > 0, "nothing could be restored")
        return findings.evidence("\(restored) databases were put together from one place alone, up to the newest commit that it was sent.")
    }

    /// What the audit log says that the archive once had, it still has.
    private static func expectAnchor(of one: BackupSample.Kept, _ platform: Platform, _ findings: inout Findings) async throws {
        let anchors = BackupAnchors(platform.control, clock: platform.clock, audit: platform.audit)
        guard let (position, _) = try await anchors.newest(of: one.database, at: one.line.destination.name) else { return }
        do {
            try await one.archive.expect(position)
        } catch let fault as ArchiveFault {
            findings.expect(false, "\(one.label): \(fault)")
        }
    }

    private static func reaches(_ found: Restoration.Report, _ sent: Shipping.Status) -> Bool {
        guard let generation = sent.generation, let ordinal = sent.ordinal else { return true }
        return found.generation > generation || found.generation == generation && found.ordinal >= ordinal
    }

    private static func restore(_ one: BackupSample.Kept, _ findings: inout Findings) async throws {
        let expected = one.line.shipping.status(of: one.database)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-lost-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let found = try await Restoration(one.archive, threads: BoundedThreads(1, waiting: 10)).restore(
                .newest, to: folder.appendingPathComponent("restored.db").path)
            findings.expect(
                expected.map { Self.reaches(found, $0) } ?? true,
                "\(one.label) ends before what was sent there")
        } catch let fault as ArchiveFault {
            findings.expect(false, "\(one.label) can't be restored: \(fault)")
        }
    }
}
