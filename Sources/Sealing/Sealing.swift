// Sealing: keys, and what is locked with them.
//
// It promises that a key never rests in the clear: the master key comes from outside the data directory, every database's key
// rests wrapped by it in a keyring apart from all databases, and what is sealed for one place can't be opened in another.
// It promises that password hashing can't be used to exhaust the machine. It refuses to know what is sealed,
// whose password it hashes, where databases are and what the certificates are presented for.
