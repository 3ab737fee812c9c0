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
        planned(
            "BK-9", "Recovery is rehearsed", "YM",
            "One command rebuilds everything on an empty machine; the procedure is written down and exercised."),
        lostDisk,
    ]
}
