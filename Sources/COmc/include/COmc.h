// What Swift cannot call or see by itself: macros, variadic functions, GNU-only functions.
#pragma once

/// The version of this build, as `git describe` says it.
const char *omc_version(void);

/// A counter that poll(2) can wait for, closed on exec and never blocking; -1 and errno on failure.
int omc_wakeup_open(void);
