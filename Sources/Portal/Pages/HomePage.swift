import Vocabulary

/// What is here, what changed, and what to do first.
package struct HomePage: Page {
    package struct Tile: Sendable {
        let name: String
        let address: String
        let count: String
        let detail: String
        package init(name: String, address: String, count: Int, detail: String) {
            self.name = name
            self.address = address
            self.count = Numeral.text(count)
            self.detail = detail
        }
    }

    package struct Change: Sendable {
        let label: String
        let address: String
        let verb: String
        let who: String
        let `where`: String
        let at: Moment
        package init(label: String, address: String, verb: String, who: String, where place: String, at: Moment) {
            self.label = label
            self.address = address
            self.verb = verb
            self.who = who
            self.where = place
            self.at = at
        }
    }

    package struct Task: Sendable {
        let label: String
        let text: String
        let link: Link?
        let isDone: Bool
        package init(_ label: String, _ text: String, link: Link?, isDone: Bool) {
            self.label = label
            self.text = text
            self.link = link
            self.isDone = isDone
        }
    }

    struct Checklist: Sendable {
        let said: String
        let items: [Task]
    }

    package struct Bar: Sendable {
        let state: String
        let x: Int
        let width: Int
    }

    package struct Trust: Sendable {
        let kept: Int
        let total: Int
        let summary: String
        let text: String
        let bars: [Bar]
    }

    package let template = "home"
    package let title = "Home"
    let head: Head
    let checklist: Checklist?
    let collections: [Tile]
    let changes: [Change]
    let trust: Trust?

    /// The checklist goes away when all of `tasks` are done.
    package init(head: Head, tasks: [Task], collections: [Tile], changes: [Change], trust: Trust?) {
        self.head = head
        let done = tasks.count(where: \.isDone)
        checklist = done == tasks.count ? nil : Checklist(said: "\(done) of \(tasks.count) done", items: tasks)
        self.collections = collections
        self.changes = changes
        self.trust = trust
    }
}
