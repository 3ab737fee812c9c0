// Cluster: several nodes that act as one.
//
// It promises that what a node remembers of a shared database is never believed longer than a second after somebody else changed it,
// whatever is lost on the way and whatever clocks do; and that what only one node may do at a time has one who does it. A single node is
// a cluster of one: the same code, with nobody else to listen to. It refuses to know what is remembered and what is done.
