extension Control {
    static let evidence: [Control] = [
        planned(
            "EV-1", "A white paper that is alive", "BYMCL",
            "Every sentence of the published paper cites controls and shows when they were last checked and with what result."),
        planned(
            "EV-2", "Certificates and agreements on record", "BYL",
            "What no program can check is attested with an owner, a document and a date on which it expires."),
        planned(
            "EV-3", "Mapped to the common standards", "L",
            "Controls are mapped to ISO/IEC 27001 and SOC 2 and exported for auditors."),
        planned(
            "EV-4", "Risks are assessed and treated", "M",
            "Risks, their treatment and the date of the next review are kept in a register."),
    ]
}
