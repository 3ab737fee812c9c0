extension Control {
    static let data: [Control] = [
        planned(
            "DA-1", "Customers can take everything", "YMB",
            "A customer exports all its data, attachments included, at any time, in formats that others read, and the same export can be imported."
        ),
        planned(
            "DA-2", "A person's data can be exported and erased", "YB",
            "What is kept about one person can be handed out and erased, and no restore brings it back."),
        planned(
            "DA-3", "Work continues offline", "YM",
            "Devices read and write offline in a sealed cache that can be deleted without losing what was synchronised."),
        wayBack,
        history,
        encryptedAtRest,
        encryptedInTransit,
        keys,
        planned(
            "DA-9", "Files are as safe as records", "YL",
            "Attachments are sealed, scanned for malware, and restored to the same moment as the database."),
    ]
}
