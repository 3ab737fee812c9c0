// Audit: what happened, provably.
//
// It promises that an event is written in the transaction of the change it speaks of, that no personal or customer
// data can be put into one (the catalogue is closed and its fields are names, references and numbers), and that
// nothing can be altered or removed afterwards without a verifier noticing. It refuses to know who may read it.
//
// Each database has one log: entries numbered from 0 without gaps, whose bodies are the leaves of a Merkle tree
// (see Ledger). The tree's right edge is a row beside them, moved in the same transaction. From time to time
// ``AuditCheckpoints`` signs the root. An entry's body is one line of JSON with its members in alphabetical order:
//
//     {"actor":"account:0192…","at":1800000000000000,"event":"record_created",
//      "fields":{"collection":{"reference":"0192…"},"record":{"reference":"0192…"}},
//      "network":"203.0.113.0/24","request":"a1b2…","seq":41,"session":"0192…"}
//
// (on one line; members without a value are left out; `at` in microseconds since 1970). The sender's address is kept as its network
// only, /24 or /48: enough to see a strange place, too little to point at a person.
