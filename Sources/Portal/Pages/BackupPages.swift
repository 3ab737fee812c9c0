import Records
import Recovery
import Vocabulary

/// What is backed up, what was changed when, and the way back to a moment.
package struct BackupsPage: Page {
    package struct Fact: Sendable {
        let label: String
        let text: String
        let tone: String?

        package init(_ label: String, _ text: String, tone: Pill.Tone? = nil) {
            self.label = label
            self.text = text
            self.tone = tone?.rawValue
        }
    }

    package struct Copy: Sendable {
        let at: Moment
        let size: String
        let why: String

        package init(at: Moment, size: String, why: String) {
            self.at = at
            self.size = size
            self.why = why
        }
    }

    package struct RestoreRow: Sendable {
        let label: String
        let address: String
        let said: String
        let who: String
        let state: Pill
        let at: Moment

        package init(label: String, address: String, said: String, who: String, state: Pill, at: Moment) {
            self.label = label
            self.address = address
            self.said = said
            self.who = who
            self.state = state
            self.at = at
        }
    }

    package struct Beside: Sendable {
        let label: String
        let address: String
        let remove: String
        let since: Moment

        package init(label: String, address: String, remove: String, since: Moment) {
            self.label = label
            self.address = address
            self.remove = remove
            self.since = since
        }
    }

    /// How long drills took, the oldest first.
    package struct Drills: Sendable {
        struct Bar: Sendable {
            let x: Int
            let y: Int
            let height: Int
            let tone: String
            let said: String
        }

        let width: Int
        let bars: [Bar]
        let said: String
        let last: Moment
        let failure: String?

        /// Nil where there was none. `drills`: the newest first.
        package init?(_ drills: [Drill]) {
            guard let newest = drills.first else { return nil }
            let longest = drills.map(\.took).max() ?? .zero
            let shown = drills.prefix(40).reversed()
            bars = shown.enumerated().map { index, drill in
                let height = max(3, Int(36 * drill.took.microseconds / max(1, longest.microseconds)))
                return Bar(
                    x: index * 10, y: 38 - height, height: height, tone: drill.passed ? "good" : "bad",
                    said: "\(Moment(drill.at).text): \(drill.passed ? "passed in \(BackupText.seconds(drill.took))" : "failed")")
            }
            width = max(120, shown.count * 10)
            last = Moment(newest.at)
            failure = newest.failure
            let failed = drills.count { !$0.passed }
            let exposed = drills.map(\.exposure).max() ?? .zero
            let results = failed == 0 ? "all passed" : "\(Numeral.text(failed)) failed"
            said =
                "\(Numeral.count(drills.count, "drill")), \(results). The longest restore took \(BackupText.seconds(longest)); at most \(BackupText.seconds(exposed)) of work would have been lost."
        }
    }

    package let template = "backups"
    package let title = "Backups"
    let head: Head
    let notice: Remark?
    /// Says why there is nothing, and what to do.
    let empty: Empty?
    /// Leads to the customer's own copies; nil for whom they are not.
    package var ownCopies: String?
    let facts: [Fact]
    let timeLine: TimeLine?
    let pick: Sheet?
    let beside: Beside?
    let restores: [RestoreRow]
    let copies: [Copy]
    let promise: String
    let drills: Drills?

    package init(
        lead: String, notice: Remark? = nil, facts: [Fact], timeLine: TimeLine, pick: Sheet, beside: Beside?, restores: [RestoreRow],
        copies: [Copy], promise: String, drills: Drills?
    ) {
        head = Head("Backups", lead: lead)
        self.notice = notice
        empty = nil
        self.facts = facts
        self.timeLine = timeLine
        self.pick = pick
        self.beside = beside
        self.restores = restores
        self.copies = copies
        self.promise = promise
        self.drills = drills
    }

    /// Where nothing can be restored.
    package init(because refusal: Refusal) {
        head = Head("Backups")
        notice = nil
        switch refusal.code {
        case "backups-off":
            empty = Empty(
                "Nothing is backed up here",
                "The server was started without --backup. Ask whoever operates it for a place: from then on every change is kept as it is made, and can be had back from this page."
            )
        case "backups-elsewhere":
            empty = Empty(
                "Backed up by PostgreSQL alone",
                "This environment's database lies on a database server, and the platform was started without --pgbackrest. Ask whoever operates it: from then on any second can be had back from this page."
            )
        default: empty = Empty("The backups can't be read at the moment", refusal.message)
        }
        (facts, timeLine, pick, beside, restores, copies, promise, drills) = ([], nil, nil, nil, [], [], "", nil)
    }
}

/// What going back to a moment would do, and the two ways to have it.
package struct BackupMomentPage: Page {
    package struct Row: Sendable {
        let name: String
        let then: String
        let now: String
        let said: String

        package init(name: String, then: String, now: String, said: String) {
            self.name = name
            self.then = then
            self.now = now
            self.said = said
        }
    }

    package struct Change: Sendable {
        let label: String
        let now: String
        let then: String

        package init(label: String, now: String, then: String) {
            self.label = label
            self.now = now
            self.then = then
        }
    }

    package struct Record: Sendable {
        let title: String
        let collection: String
        let fate: Pill
        let changes: [Change]

        package init(title: String, collection: String, fate: Pill, changes: [Change]) {
            self.title = title
            self.collection = collection
            self.fate = fate
            self.changes = changes
        }
    }

    package struct Option: Sendable {
        let value: String
        let label: String

        package init(value: String, label: String) {
            self.value = value
            self.label = label
        }
    }

    package let template = "backup-moment"
    package let title: String
    package let crumbs = [Link("Backups", "/backups")]
    let head: Head
    let problem: String?
    let commit: String
    let rows: [Row]
    let records: [Record]
    let more: String?
    let differs: Bool
    /// As it goes back in the forms.
    let at: String
    let options: [Option]
    let host: String
    let name: String
    let isCopy: Bool
    let isProduction: Bool

    package init(
        moment: Moment, at: String, commit: String, rows: [Row], records: [Record], more: String?, differs: Bool, options: [Option],
        host: String, name: String, isCopy: Bool, isProduction: Bool, problem: String? = nil
    ) {
        title = moment.text
        head = Head(
            moment.text, lead: "What was different then, and what going back would do. Nothing has happened yet.")
        self.at = at
        self.commit = commit
        self.rows = rows
        self.records = records
        self.more = more
        self.differs = differs
        self.options = options
        self.host = host
        self.name = name
        self.isCopy = isCopy
        self.isProduction = isProduction
        self.problem = problem
    }
}

/// A restore: how far it is, then what came of it and how to take it back.
package struct RestorePage: Page {
    package let template = "restore"
    package let title: String
    package let crumbs = [Link("Backups", "/backups")]
    package let refreshes: Bool
    let head: Head
    let events: String?
    let done: Int
    let total: Int
    let said: String
    let started: Moment
    let finished: Moment?
    let who: String
    let notice: Remark?
    let facts: [BackupsPage.Fact]
    let undo: String?

    package init(
        head: Head, events: String?, done: Int, total: Int, said: String, started: Moment, finished: Moment?, who: String,
        notice: Remark?, facts: [BackupsPage.Fact], undo: String?
    ) {
        title = head.heading
        refreshes = events != nil
        self.head = head
        self.events = events
        self.done = done
        self.total = max(total, 1)
        self.said = said
        self.started = started
        self.finished = finished
        self.who = who
        self.notice = notice
        self.facts = facts
        self.undo = undo
    }
}

/// Sizes and times as people say them.
package enum BackupText {
    package static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.microseconds / 1000
        if milliseconds < 1000 { return "\(milliseconds)\u{00A0}ms" }
        if milliseconds < 120_000 { return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)\u{00A0}s" }
        return "\(milliseconds / 60_000)\u{00A0}min"
    }

    package static func bytes(_ bytes: UInt64) -> String {
        if bytes < 1_000_000 { return "\(max(1, bytes / 1000))\u{00A0}KB" }
        if bytes < 1_000_000_000 { return "\(bytes / 1_000_000).\(bytes % 1_000_000 / 100_000)\u{00A0}MB" }
        return "\(bytes / 1_000_000_000).\(bytes % 1_000_000_000 / 100_000_000)\u{00A0}GB"
    }
}
