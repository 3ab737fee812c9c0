// Ledger: an append-only list of bytes that can prove what it holds.
//
// It promises that whoever keeps one 32-byte root can check, without trust and offline, that an entry is in the list
// (``InclusionProof``), that a longer list only grew (``ConsistencyProof``) and who vouched for a root (``Checkpoint``).
// Hashing follows RFC 6962 section 2.1 and RFC 9162 section 2.1; checkpoints, notes and tiles follow C2SP's tlog-checkpoint,
// signed-note and tlog-tiles. Everything here is a value or a pure function: it refuses to know databases, clocks, what the
// entries mean, and where a key comes from.
