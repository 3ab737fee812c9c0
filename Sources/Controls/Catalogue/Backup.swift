extension Control {
    static let backup: [Control] = [
        planned(
            "BK-1", "Back to any second", "BM",
            "One customer's environment can be put back to any second of its edition's window without touching anybody else's."),
        backupsKept,
        backupsScheduled,
        threePlaces,
        backupsSealed,
        planned(
            "BK-6", "A backup in a common format", "M",
            "Customers can keep a weekly copy of their database that standard tools open."),
        planned(
            "BK-7", "Customers restore by themselves", "B",
            "A customer picks a moment and restores it in the portal, beside or in place of what is there, and compares first."),
        planned(
            "BK-8", "Recovery times are measured", "L",
            "How much would be lost and how long a restore takes is measured by drills in every environment and shown to its customer."),
        planned(
            "BK-9", "Recovery is rehearsed", "YM",
            "One command rebuilds everything on an empty machine; the procedure is written down and exercised."),
        lostDisk,
    ]
}
