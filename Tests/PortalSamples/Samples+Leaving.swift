import Portal
import Tenants
import Vocabulary

extension Samples {
    /// A tenant with two environments that leaves; one place with backups is away.
    func leaving(_ stage: Leaving.Stage) -> Leaving {
        let now = Instant(seconds: 1_795_250_000)
        var facts = Leaving.Facts()
        facts.environments = ["acme", "acme-sandbox"].map { label in
            Leaving.Facts.Environment(
                id: "01a31800", label: label, kind: "production", place: "embedded", createdAt: "\(now - .days(700))", entries: 412,
                checkpoint: "", auditKey: "", keys: ["environment/01a31800", "database/01a31800/1"])
        }
        facts.environments[0].keysDestroyedAt = "\(now)"
        facts.environments[0].databaseDestroyedAt = "\(now)"
        facts.environments[0].objects = 12
        facts.environments[1].keysDestroyedAt = "\(now)"
        facts.destinations = [.init(name: "directory", objects: 4120), .init(name: "sftp", objects: 0)]
        facts.destinations[0].confirmedAt = "\(now)"
        facts.destinations[1].waiting = t("the server doesn't answer")
        return Leaving(
            tenant: TenantID(at: now, entropy: SystemEntropy()), slug: "acme", name: t("Acme Instruments"), stage: stage,
            requestedAt: now - .days(14),
            endsAt: now, reason: t("Contract ended"), goneAt: stage == .gone ? now : nil, facts: facts,
            certificate: stage == .gone
                ? t("platform of holdfast.localhost\nAcme Instruments was destroyed\n\n— holdfast.localhost 3eKd…\n") : nil)
    }
}
