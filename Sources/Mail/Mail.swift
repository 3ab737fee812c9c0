// Mail: messages out of the platform, one person at a time.
//
// It promises that no address or subject can add a recipient or a header, that mail leaves over verified TLS unless it
// stays on this machine, and that a slow mail server holds up nothing but mail. It refuses to know what a message is about,
// who may get one, and when to try again (`Jobs`).
