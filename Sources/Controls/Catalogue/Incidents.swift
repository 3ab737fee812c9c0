extension Control {
    static let incidents: [Control] = [
        planned(
            "IN-1", "Incidents follow a procedure", "M",
            "Incidents are classed by type and severity, worked through with a time line and looked back on."),
        planned(
            "IN-2", "Those at risk are told", "M",
            "Customers whose data may be affected are found from evidence and told within the legal time."),
        planned(
            "IN-3", "Confidentiality before availability", "M",
            "A customer or the whole platform can be locked down at once, and only two people together lift it."),
    ]
}
