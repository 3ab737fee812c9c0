import Vocabulary

/// Files with all of an environment, for its customer to keep.
package struct OwnCopiesPage: Page {
    package struct Row: Sendable {
        let at: Moment
        let said: String
        let address: String
        let name: String

        package init(at: Moment, said: String, address: String, name: String) {
            self.at = at
            self.said = said
            self.address = address
            self.name = name
        }
    }

    /// One that waits or is being made.
    package struct Underway: Sendable {
        let done: Int
        let total: Int
        let said: String

        package init(done: Int, total: Int?, said: String) {
            self.done = done
            self.total = max(total ?? 1, 1)
            self.said = said
        }
    }

    package let template = "own-copies"
    package let title = "Your own copy"
    package let crumbs = [Link("Backups", "/backups")]
    package var refreshes: Bool { underway != nil }
    let head: Head
    let notice: Remark?
    let empty: Empty?
    let underway: Underway?
    let canBeMade: Bool
    let next: String
    let rows: [Row]
    /// Nil where there is no place for files.
    let recipients: Sheet?
    let isSealed: Bool

    package init(
        notice: Remark? = nil, underway: Underway? = nil, next: String, rows: [Row], recipients: Sheet, isSealed: Bool
    ) {
        head = Head(
            "Your own copy",
            lead: "Each week everything of this environment goes into one SQLite file, sealed, for you to keep.")
        self.notice = notice
        empty = nil
        self.underway = underway
        canBeMade = underway == nil
        self.next = next
        self.rows = rows
        self.recipients = recipients
        self.isSealed = isSealed
    }

    /// Where none can be made.
    package init(because refusal: Refusal) {
        head = Head("Your own copy")
        notice = nil
        empty = Empty("No files are made here", refusal.message)
        (underway, canBeMade, next, rows, recipients, isSealed) = (nil, false, "", [], nil, false)
    }
}

/// One of them, for whom it is to be sealed, and how to open it.
package struct OwnCopyPage: Page {
    package let template = "own-copy"
    package let title: String
    package let crumbs = [Link("Backups", "/backups"), Link("Your own copy", "/backups/own-copies")]
    let head: Head
    let action: String
    let facts: [BackupsPage.Fact]
    /// A fresh one, shown this once; nil where the file is sealed to recipients.
    let passphrase: String?
    let shortest: Int
    let problem: String?
    let file: String
    let plain: String
    let table: String
    let digest: String?

    /// - Parameters:
    ///   - file: its name.
    ///   - table: one of the tables in it, for the example.
    ///   - digest: of the file that is downloaded, where it is the one that is kept.
    package init(
        at: Moment, action: String, facts: [BackupsPage.Fact], passphrase: String?, shortest: Int, file: String, table: String,
        digest: String?, problem: String? = nil
    ) {
        title = "Copy of \(at.text)"
        head = Head("Copy of \(at.text)", lead: "Everything of this environment as it was then, in one file.")
        self.action = action
        self.facts = facts
        self.passphrase = passphrase
        self.shortest = shortest
        self.problem = problem
        self.file = file
        plain = file.hasSuffix(".age") ? String(file.dropLast(4)) : file
        self.table = table
        self.digest = digest
    }
}
