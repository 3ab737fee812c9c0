import StorageSQLite
import Vocabulary

extension Line.State {
    /// Called while nothing is committed: from here on, every commit is either among the meeting's or told afterwards.
    mutating func attach(
        _ meeting: Meeting, _ tail: ArchiveTail?, _ archive: Archive, _ files: DatabaseFiles, now: Instant, entropy: any Entropy
    ) {
        // When nobody was told of a commit, the log's last change is the best that is known.
        let times = Dictionary(notes.map { ($0.frame, $0.at) }, uniquingKeysWith: { $1 })
        let latest = min(now, max(meeting.changedAt, tail?.time ?? meeting.changedAt))
        notes = []
        for (index, frame) in meeting.commits.enumerated() {
            committed += 1
            let later = UInt64(meeting.commits.count - 1 - index)
            notes.append(
                Line.Note(
                    frame: frame, at: times[frame] ?? latest, sequence: sequence > later ? sequence - later : 0, serial: committed,
                    salts: meeting.salts))
        }
        epoch += 1
        mode = .attached
        mustBegin = false
        // What isn't in the log is in the file, which is as old as the archive or will be its base.
        storedSequence = sequence > UInt64(meeting.commits.count) ? sequence - UInt64(meeting.commits.count) : 0
        hasBase = meeting.outcome == .continues && tail?.generation.bases.isEmpty == false
        switch meeting.outcome {
        case .continues:
            guard let tail else { return }
            let logStart = meeting.isSameLog ? tail.logStart : tail.position.ordinal + 1
            chain = Line.Chain(
                archive: archive, files: files, pageSize: meeting.pageSize, opening: nil, position: tail.position, time: tail.time,
                salts: meeting.salts, nextFrame: meeting.nextFrame, isWithinCommit: meeting.isSameLog && tail.isWithinCommit,
                logStart: logStart)
        case .begins(let reason):
            let opening = Opening(
                database: archive.database, generation: (tail?.position.generation ?? 0) + 1, pageSize: meeting.pageSize,
                openedAt: max(now, tail?.time ?? now), reason: reason, entropy: entropy)
            chain = Line.Chain(
                archive: archive, files: files, pageSize: meeting.pageSize, opening: opening, position: opening.start,
                time: opening.openedAt,
                salts: meeting.salts, nextFrame: 1, isWithinCommit: false, logStart: 1)
        }
    }
}

extension Line {
    /// False where shipping was broken off meanwhile.
    func note(_ chain: Chain, in epoch: Int) -> Bool {
        withState { state in
            guard state.epoch == epoch else { return false }
            state.chain = chain
            return true
        }
    }

    /// False where shipping was broken off meanwhile.
    func stored(_ segment: SegmentInHand, in epoch: Int, lag: Duration) -> Bool {
        withState { state in
            guard state.epoch == epoch, var chain = state.chain else { return false }
            chain.made = nil
            (chain.position, chain.time, chain.salts) = (segment.newest, segment.time, segment.salts)
            (chain.nextFrame, chain.isWithinCommit, chain.logStart) = (segment.nextFrame, segment.isWithinCommit, segment.logStart)
            state.chain = chain
            if let finished = segment.finished {
                state.notes.removeAll { $0.serial <= finished }
                state.stored = finished
                state.storedSequence = max(state.storedSequence, segment.finishedSequence)
            }
            state.lagMost = max(state.lagMost, lag)
            if state.notes.isEmpty { state.wake() }
            return true
        }
    }
}
