// Portal: the pages people see.
//
// It promises HTML that works without script, escapes everything it is given, weighs at most 60 KB with style and
// script, and says the same things as the API and the command line. It refuses to decide: who may do what is asked
// of the domains, and a page only leaves out what they would refuse.
