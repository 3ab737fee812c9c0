extension Control {
    static let identity: [Control] = [
        oneAccount,
        passwordsIrreversible,
        passwordPolicy,
        secondFactor,
        planned(
            "ID-5", "One sign-on for all applications", "BLC",
            "Every application of the vendor signs people in through the platform by OpenID Connect, and one sign-out ends them all."),
        planned(
            "ID-6", "Older applications behind the same door", "B",
            "An application that knows no modern sign-on can stand behind a reverse proxy that asks the platform who is there."),
        planned(
            "ID-7", "A customer's own identity provider", "BMC",
            "A customer can connect its own provider and then decides about passwords and factors itself, for the domains it has proved to own."
        ),
        planned(
            "ID-8", "Conditions for signing in", "BC",
            "A customer sets rules for who may sign in, from where and how; it can try them without effect first."),
        riskySignIns,
        attemptsLogged,
        leaversOut,
        invitationsBound,
        planned(
            "ID-13", "Native applications sign in safely", "YL",
            "Mobile and desktop applications use OAuth 2.0 with PKCE, rotate their tokens, and a stolen one is noticed."),
        planned(
            "ID-14", "Tokens signed by certified keys", "L",
            "Tokens carry signatures of keys with certificates; keys are exchanged without anybody being signed out."),
        nobodyElse,
        planned(
            "ID-16", "Client certificates on request", "Y",
            "A customer can require certificates from its API clients and devices, and revoke them."),
        knownDevices,
        planned(
            "ID-18", "Users come from the customer's directory", "B",
            "A customer's directory creates, changes and removes its people here by SCIM 2.0."),
    ]
}
