// Backup: what is committed to an embedded database, kept elsewhere, and brought back to any commit.
//
// It promises that an archive's every commit can be brought back byte for byte, that nothing in an archive is ever plaintext and no key is
// needed to write, check or restore it, and that what is torn, swapped, missing or stale is found and named. It refuses to know what the
// pages mean and where they are kept: pages are encrypted by the engine before they get here, and a place is any object store.
//
//     Archive       one database's objects: generations of bases and segments, written and read
//     ChainHash     ties each entry to all that came before it in its generation
//     Retention     what to make, what to keep and why; values only
//     Shipping      brings commits from the write-ahead log to an archive
//     Restoration   a database file as it was after a commit
//     RecoveryBundle  what an empty machine needs beside archives, sealed to people who open it together
