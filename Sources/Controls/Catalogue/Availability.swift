extension Control {
    static let availability: [Control] = [
        severalNodes,
        planned(
            "AV-2", "Failover within three seconds", "Y",
            "When a database node fails, another one takes over within three seconds without losing an acknowledged write."),
        databaseApart,
        planned(
            "AV-4", "Availability is measured from outside", "YLB",
            "An outside probe measures each customer's availability, counts downtime honestly and shows it."),
        planned(
            "AV-5", "A public status page", "B",
            "Components, incidents and their history are on a status page that people can subscribe to."),
        planned(
            "AV-6", "Floods are withstood", "YLC",
            "Connections, headers, bodies and rates are limited, so that a flood hardly slows ordinary users."),
        planned(
            "AV-7", "Monitoring around the clock", "YC",
            "Metrics and alarms run all day and night; each alarm has a ticket and its acknowledgement is tracked."),
        behindProxy,
        planned(
            "AV-9", "One port is enough", "BM",
            "Clients need port 443 only and follow the system's proxy settings."),
    ]
}
