// What Swift cannot call or see by itself: macros, variadic functions, GNU-only functions.
#pragma once

/// The version of this build, as `git describe` says it.
const char *omc_version(void);
