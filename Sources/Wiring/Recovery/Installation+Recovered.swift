import Audit
import Foundation
import Identity
import Vocabulary

extension Installation {
    /// At the first start after a recovery: whoever was signed in signs in again, since nobody knows what became of the old machine; the log says
    /// what happened.
    package func noteRecovery() async throws {
        let path = surroundings.data + "/" + RecoveredDirectory.finished
        guard let data = FileManager.default.contents(atPath: path) else { return }
        let note = try? JSONDecoder().decode(Rebuilding.Note.self, from: data)
        let (sessions, now) = (identity.sessions, clock.now())
        try await control.write { [audit] transaction in
            let ended = try sessions.endEverybodys(at: now, in: transaction)
            try audit.record(
                .recovered(
                    bundle: note?.holders ?? "unknown", environments: note?.environments ?? 0, missing: note?.missing ?? 0, sessions: ended),
                by: Principal(.platform(component: "recovery")), at: now, in: transaction)
        }
        // Done twice, it is only said twice.
        try FileManager.default.removeItem(atPath: path)
    }
}
