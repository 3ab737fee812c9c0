extension Control {
    static let tenants: [Control] = [
        ownDatabase,
        planned(
            "TN-2", "An address of one's own", "L",
            "Each customer is reached under its own host name, and under its own domain once it is proved."),
        planned(
            "TN-3", "Data stays in its region", "BM",
            "Database, files, backups, mail and logs stay in the region that the customer chose, or in the one paired with it."),
        planned(
            "TN-4", "Test and sandbox are protected alike", "MB",
            "Every environment is protected like production; only the backup schedule differs, and copying production data is recorded."),
        planned(
            "TN-5", "A portal to order operations", "M",
            "Installing, upgrading, copying, restoring and removing are ordered in the portal, show progress and stay on record."),
        planned(
            "TN-6", "Only signed releases run", "M",
            "A release whose signature is missing or wrong is refused when uploaded and again when installed."),
        planned(
            "TN-7", "Upgrades hardly interrupt", "LM",
            "An upgrade has a restore point, goes to sandboxes first, interrupts for less than a second and goes back by itself if health fails."
        ),
        planned(
            "TN-8", "Every installation is watched", "MC",
            "Each environment's health is probed; what is wrong becomes an alarm with a ticket."),
        movable,
        planned(
            "TN-10", "Configuration belongs to the customer", "M",
            "Collections, forms, roles and views are made by the customer's administrators and kept in the customer's own database."),
        leavingErases,
        planned(
            "TN-12", "Extensions get only what they need", "M",
            "Each extension has its own scopes and its own list of places to send data to; what leaves is counted."),
        planned(
            "TN-13", "Changes of subcontractors are announced", "M",
            "Customers hear 30 days before a hosting or subcontractor change, and the date of the notice is on record."),
        planned(
            "TN-14", "Neighbours don't slow each other", "B",
            "Work is shared out fairly, so that one busy customer hardly changes what another one feels."),
    ]
}
