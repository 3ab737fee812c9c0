extension Control {
    static let backup: [Control] = [
        anySecond,
        backupsKept,
        backupsScheduled,
        threePlaces,
        backupsSealed,
        ownCopy,
        restoredByThemselves,
        drilled,
        recovery,
        lostDisk,
    ]
}
