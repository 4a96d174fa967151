#include "COmc.h"

const char *omc_version(void) { return OMCOPS_VERSION; }
