// Guarding: who is kept out for a while, because of how they behaved.
//
// It promises: offences add up for each address and for the network around it, and fade; who passes the limit is refused from the next request
// on, on every node within a second, for a time that doubles with each repetition; no request that behaves costs a look at the database; memory
// stays bounded however many addresses come; and a clock that jumps neither ends a ban nor makes one eternal.
// It refuses to know what a request is, and it never bans an account: whoever guesses somebody's password must not be able to lock them out.
import Storage

/// The tables of this target, in the control database.
package enum GuardSchema {
    package static let migrations: [Migration] = Bans.migrations
}
