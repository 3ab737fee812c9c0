// Controls: every promise of the platform, and what shows that it is kept.
//
// It promises that each of the 88 promises is one entry with an id that stays; that an entry is green only when a probe
// checked the running system not long ago and filed evidence, with date and numbers, that holds no personal data; that a control
// which turns is in the audit log; and that a promise without a probe says so. It stands on top and reads: no domain
// knows that it is checked. It refuses to know pages and routes; what it needs of them is handed in as values (``Platform``).
