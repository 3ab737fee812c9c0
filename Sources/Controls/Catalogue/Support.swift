extension Control {
    static let support: [Control] = [
        planned(
            "SP-1", "Support looks only with a reason", "MB",
            "Staff see customer data for one of four stated reasons only, within a scope and a time, and customers can end it."),
        planned(
            "SP-2", "Emergencies need a second signature", "M",
            "Access without the customer's approval takes two people, and the customer is told in the same moment."),
        planned(
            "SP-3", "Customers see what was looked at", "M",
            "Every record that staff read or changed under a grant is listed for the customer."),
        planned(
            "SP-4", "Remote help with the user watching", "B",
            "A guided session is started, seen and ended by the user; the helper acts only as themselves and with permission."),
    ]
}
