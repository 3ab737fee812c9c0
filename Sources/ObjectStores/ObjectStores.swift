// ObjectStores: bytes under names, in a directory or behind S3.
//
// It promises that an object appears whole or not at all, that an answer of ours means the bytes are where they were put, that reading
// and writing stream with bounded memory, descriptors and threads, and that every fault is one of a closed list. What a store says of
// itself proves nothing: whoever keeps the digest of what was stored finds every lie. It refuses to know what the bytes mean, who may
// read them, and keys: what must be secret is sealed before it comes here.
