extension Control {
    static let authorization: [Control] = [
        roles,
        planned(
            "AZ-2", "Sharing is the user's decision", "Y",
            "Users share single records with people, roles or guests, for a while if they like, and take it back."),
        planned(
            "AZ-3", "Blocking is complete", "Y",
            "Somebody who is blocked can neither see, share with, invite nor write to the one who blocked."),
        planned(
            "AZ-4", "Data can be locked", "Y",
            "Records and collections can be locked against changes, and held for legal reasons so that nobody deletes them."),
        staffApart,
        isolated,
        databasesRefuse,
    ]
}
