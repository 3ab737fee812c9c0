extension Control {
    static let backup: [Control] = [
        planned(
            "BK-1", "Back to any second", "BM",
            "One customer's environment can be put back to any second of its edition's window without touching anybody else's."),
        planned(
            "BK-2", "Weekly and monthly backups are kept", "M",
            "Weekly backups stay five weeks and monthly ones a year, as the edition says."),
        planned(
            "BK-3", "Full, differential and incremental", "BYL",
            "Backups run on a schedule: full each week, differential each day, incremental all the time."),
        planned(
            "BK-4", "Three places on two media", "BL",
            "Backups lie in three places of two kinds, one of them elsewhere in the same pair of regions and one append-only."),
        planned(
            "BK-5", "Backups are sealed", "Y",
            "A backup can't be read without the customer's key, and restoring writes nothing in the clear."),
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
        planned(
            "BK-10", "A lost disk loses nothing", "LY",
            "When a disk or a backup place fails, all acknowledged writes are still somewhere else."),
    ]
}
