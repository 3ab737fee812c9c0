import ArgumentParser

/// Asks the running server; customers do the same on their page Backups.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring an environment back to a moment, or put a copy of it as it was beside it.",
        discussion: """
            In place, nothing that was done since is erased, and the answer says how to undo it.
            Example: holdfast restore acme --at 2026-11-21T07:37:42Z --in-place --collection flights
            """)
    @Argument(help: "The environment's host label, such as acme or acme-sandbox.") var environment: String
    @Option(help: "As after the last change that was not later than this moment (RFC 3339).") var at: String?
    @Option(help: "As after a commit, as GENERATION:ENTRY: what 'undo' in an earlier answer says.") var commit: String?
    @Option(help: "The place whose archive names the commit. The nearest one if left out.") var place: String?
    @Option(help: "Make a copy with a host and a key of its own; its host is the tenant's slug, a hyphen and this name.") var beside:
        String?
    @Flag(help: "Bring it back where it is.") var inPlace = false
    @Option(name: .customLong("collection"), help: "Bring back this collection only. Can be given several times.") var collections:
        [String] = []
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (beside == nil) == inPlace else { throw ValidationError("Give either --in-place or --beside NAME.") }
        guard (at == nil) != (commit == nil) else { throw ValidationError("Give either --at or --commit.") }
    }

    func run() async throws {
        var wish: [String: Any] = ["mode": inPlace ? "in-place" : "beside"]
        if let at { wish["at"] = at }
        if let commit { wish["commit"] = commit }
        if let place { wish["place"] = place }
        if let beside { wish["name"] = beside }
        if !collections.isEmpty { wish["collections"] = collections }
        var (report, problem): (Any?, String?) = (nil, nil)
        try await common.server.follow("POST", "/environments/\(environment.segment)/restores", wish) { line in
            if let step = line["step"] as? String { Terminal.note(step) }
            report = line["report"] ?? report
            problem = line["problem"] as? String ?? problem
        }
        if let problem { throw CommandFailure(message: problem) }
        guard let report else {
            throw CommandFailure(
                message: "The server stopped in the middle. What was there before is there, or the whole of what was asked for.")
        }
        try common.show(report) { answer in
            let restore = answer as? [String: Any] ?? [:]
            if let copy = restore["copy"] as? String {
                Terminal.say("\(copy) is there: \(text(restore["records"])) rows, as after commit \(text(restore["commit"])).")
            } else {
                Terminal.say(
                    "Brought back to commit \(text(restore["commit"])): \(text(restore["changed"])) changes, \(text(restore["records"])) records compared."
                )
                Terminal.say(
                    "Undo: holdfast restore \(environment) --commit \(text(restore["undo"])) --place \(text(restore["place"])) --in-place")
            }
            Terminal.say("SHA-256 at both: \(text(restore["digest"]))")
        }
    }
}

extension BackupCommand {
    struct Drill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try now whether an environment can be restored, or say how the last trials went.",
            discussion: "Asks the running server.\nExample: holdfast backup drill acme")
        @Argument(help: "The environment's host label. Without it, the newest result of each is listed.") var environment: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            guard let environment else {
                return try common.table(
                    try await common.server.ask("GET", "/drills"),
                    [
                        ("ENVIRONMENT", "environment"), ("AT", "at"), ("PASSED", "passed"), ("EXPOSURE MS", "exposure_ms"),
                        ("RESTORE MS", "restore_ms"), ("RECORDS", "records"), ("FAILURE", "failure"),
                    ],
                    empty: "No drill was run yet.")
            }
            let answer = try await common.server.ask("POST", "/environments/\(environment.segment)/drills")
            try common.show(answer) { answer in
                let drill = answer as? [String: Any] ?? [:]
                if drill["passed"] as? Bool == true {
                    Terminal.say(
                        "Passed: \(text(drill["moment"])) was back within \(text(drill["restore_ms"])) ms, \(text(drill["records"])) records. \(text(drill["exposure_ms"])) ms of work would have been lost."
                    )
                } else {
                    Terminal.say("FAILED: \(text(drill["failure"]))")
                }
            }
            if (answer as? [String: Any])?["passed"] as? Bool == false { throw CommandFailure(message: "It could not be restored.") }
        }
    }
}
