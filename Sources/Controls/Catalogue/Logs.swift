extension Control {
    static let logs: [Control] = [
        alwaysLogged,
        noPersonalData,
        verifiableLog,
        planned(
            "LG-4", "A central log, kept a year", "Y",
            "Logs go to a central store over TLS, through a queue that survives its absence, and stay for a year."),
        planned(
            "LG-5", "Staff actions are logged", "YB",
            "Everything that staff do is logged, commands on the server's own shell included."),
    ]
}
