// Audit: what happened, provably.
//
// It promises that an event is written in the transaction of the change it speaks of, that no personal or customer
// data can be put into one (the catalogue is closed and its fields are names, references and numbers), and that
// nothing can be altered or removed afterwards without a verifier noticing. It refuses to know who may read it.
