#include <libgfshare.h>

/* The library asks a global function pointer for randomness, which is NULL until somebody sets it. */
static inline void gfshare_take_randomness_from(gfshare_rand_func_t fill) { gfshare_fill_rand = fill; }
