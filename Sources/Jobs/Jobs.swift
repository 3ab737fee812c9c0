// Jobs: work that outlives the request that asked for it.
//
// It promises that what was written into the outbox in a transaction is delivered at least once if that transaction commits and never if
// it does not, that nothing is tried for ever, and that a long operation's state survives the process that ran it. It refuses to know what the work
// is: carriers deliver, callers run, it keeps count.
