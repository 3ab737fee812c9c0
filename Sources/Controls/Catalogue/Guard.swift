extension Control {
    static let guardian: [Control] = [
        attackersBanned,
        planned(
            "GD-2", "Intrusion attempts are recognised", "YL",
            "Known attack patterns, traps and unusual exports are noticed."),
        alarmsRaised,
        planned(
            "GD-4", "Attack tests at every update", "YM",
            "Each update is tested against script injection, request forgery, SQL injection and version leaks."),
        planned(
            "GD-5", "The source is checked all the time", "M",
            "Static rules, a list of dependencies and fuzzing run with every change of the source."),
    ]
}
