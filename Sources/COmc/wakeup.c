#include "COmc.h"

#include <sys/eventfd.h>

int omc_wakeup_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
