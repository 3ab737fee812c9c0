// Threads: places for work that blocks.
//
// It promises that blocking calls run on a bounded number of threads of their own, never on the cooperative pool or an event
// loop, and that no more callers wait for one than were allowed. It refuses to know what the work is.
