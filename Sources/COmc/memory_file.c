#define _GNU_SOURCE
#include "COmc.h"

#include <sys/mman.h>

int omc_memory_file_open(void) { return memfd_create("omcops", MFD_CLOEXEC); }
