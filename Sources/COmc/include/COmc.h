// What Swift cannot call or see by itself: macros, variadic functions, GNU-only functions.
#pragma once

#include <spawn.h>

/// The version of this build, as `git describe` says it.
const char *omc_version(void);

/// A counter that poll(2) can wait for, closed on exec and never blocking; -1 and errno on failure.
int omc_wakeup_open(void);

/// A descriptor that becomes readable when the process ends; -1 and errno on failure. A system
/// call without a function in Debian 12's C library; close-on-exec is always set.
int omc_pidfd_open(int pid);

/// A pipe whose ends no child inherits; -1 and errno on failure.
int omc_pipe_open(int ends[2]);

/// The process starts in this folder; the C library's function is a GNU extension.
int omc_spawn_in_folder(posix_spawn_file_actions_t *actions, const char *folder);
