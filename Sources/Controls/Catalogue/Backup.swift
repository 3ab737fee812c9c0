extension Control {
    static let backup: [Control] = [
        anySecond,
        backupsKept,
        backupsScheduled,
        threePlaces,
        backupsSealed,
        planned(
            "BK-6", "A backup in a common format", "M",
            "Customers can keep a weekly copy of their database that standard tools open."),
        restoredByThemselves,
        drilled,
        recovery,
        lostDisk,
    ]
}
