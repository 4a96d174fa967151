#include "COmc.h"

#include <malloc.h>

void omc_share_heap(void) { (void)mallopt(M_ARENA_MAX, 1); }
