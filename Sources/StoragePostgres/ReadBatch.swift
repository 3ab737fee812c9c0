import Storage
import Vocabulary

/// Reads that are under way together on one connection, or one by itself. From the sending on it belongs to ``Awaiting``: hence unchecked.
final class ReadBatch: @unchecked Sendable {
    let session: Session
    private let reads: [QuickRead]
    private let seat: Seat
    private let engine: PostgresEngine
    private let isShared: Bool
    private let sentAt = ContinuousClock.now
    /// When those in it and behind it are not to wait for it any longer.
    private(set) var deadline: ContinuousClock.Instant?

    init(_ reads: [QuickRead], on session: Session, of seat: Seat, _ engine: PostgresEngine, isShared: Bool) {
        (self.reads, self.session, self.seat, self.engine, self.isShared) = (reads, session, seat, engine, isShared)
        if isShared { deadline = sentAt + seat.shared.patience }
    }

    private var age: Duration { ContinuousClock.now - sentAt }

    /// All answers are there, or none comes any more.
    func arrived() {
        let age = age
        engine.pool.put(session, seat)
        engine.readers.leave(lane: seat.lane)
        if !isShared {
            for read in reads { read.habit.wentAlone(quickly: age < SharedReads.patienceMin / 20) }
        } else if deadline == nil {
            return
        } else if reads.count >= 4 {
            let time = Int(clamping: age.microseconds) / reads.count
            for read in reads { read.habit.wasShared(time: time) }
        }
        if isShared, seat.shared.ended(after: age) {
            // Before anybody is told: the server is to have something to do while we are busy with its answers.
            engine.sendShared(seat)
        }
        for read in reads { read.resume() }
    }

    /// The deadline is over. The answers that are still to come are for nobody; each read is done by itself.
    func isLate() {
        deadline = nil
        session.disown()
        if seat.shared.ended(after: age) { engine.sendShared(seat) }
        for read in reads {
            if !read.isAnswered { read.habit.heldUp() }
            read.resume()
        }
    }
}
