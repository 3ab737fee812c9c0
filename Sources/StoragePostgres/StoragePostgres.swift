// StoragePostgres: the engine for several nodes. One PostgreSQL database per database of the installation.
//
// It promises what the contract promises, over libpq: one writer per database at a time on all nodes together, with group commit on each;
// reads in one snapshot at the price of one round trip; a bounded number of connections however many databases there are; "in doubt"
// where it can't be known whether a commit stands, and everything repeated that surely doesn't. It refuses a server that is too old, a
// superuser, and a way to the server that can be listened to. It refuses to know what the tables mean. Pages are not encrypted by us: the
// server's disk is somebody else's, so a key only says who may open.
//
//     PostgresEngine     makes, opens and destroys
//     Catalogue          databases come and go: templates, scratch names, publishing by rename
//     PostgresDatabase   a handle; leads to the database's Seat
//     Seat               what a node knows of one database: its queue of writes, whether it may be used
//     QuickRead          a read of one statement, on no thread
//     SharedReads        turns reads that come meanwhile into one round trip on a connection that they share
//     ReadBatch          those of one round trip
//     Awaiting           waits for the answers of many connections
//     Habit              what was learned of how reads use a statement
//     GroupCommit        turns queued writes into shared transactions
//     Pool               connections at rest, the longest unused closed first
//     Session            one connection, its prepared statements and its pipeline
//     Statement          what a connection knows of a statement
//     Connector          makes connections: TLS, password, patience
