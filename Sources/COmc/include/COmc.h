// What Swift cannot call or see by itself: macros, variadic functions, GNU-only functions.
#pragma once

#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>

/// The version of this build, as `git describe` says it.
const char *omc_version(void);

/// A counter that poll(2) can wait for, closed on exec and never blocking; -1 and errno on failure.
int omc_wakeup_open(void);

/// A descriptor that becomes readable when the process ends; -1 and errno on failure. A system
/// call without a function in Debian 12's C library; close-on-exec is always set.
int omc_pidfd_open(int pid);

/// A pipe whose ends no child inherits; -1 and errno on failure.
int omc_pipe_open(int ends[2]);

/// A file that is in memory only and goes with its last descriptor, which no child inherits; -1 and errno
/// on failure.
int omc_memory_file_open(void);

/// The process starts in this folder; the C library's function is a GNU extension.
int omc_spawn_in_folder(posix_spawn_file_actions_t *actions, const char *folder);

/// A set of descriptors that are waited for together (epoll, which the C library's Swift module does not
/// have), itself a descriptor that poll(2) can wait for, closed on exec; -1 and errno on failure.
int omc_epoll_open(void);
/// Waits for the descriptor to be readable or writable from now on, under that name; errors and ends
/// count always. -1 and errno on failure.
int omc_epoll_watch(int epoll, int descriptor, bool reads, bool writes, uint64_t name);
/// The descriptor no longer belongs to the set.
void omc_epoll_forget(int epoll, int descriptor);
/// The names of at most `count` (and 64) descriptors that are ready now, without waiting; how many.
int omc_epoll_ready(int epoll, uint64_t *names, int count);

/// For how many milliseconds the other host has acknowledged nothing, while the system sends again and
/// again what it has not acknowledged or asks whether it reads on; 0 where it owes nothing, and for what is
/// no TCP socket.
int64_t omc_tcp_unheard(int descriptor);

/// All threads take memory from one heap from now on (mallopt(3)): what one thread gives back another takes,
/// which saves megabytes where one thread reads and others begin and end.
void omc_share_heap(void);

/// Sets the disk to work on that part of a file (sync_file_range(2)), and waits only where the disk's queue is
/// full. A hint: what fails is told by the next fsync.
void omc_begin_writing(int descriptor, int64_t start, int64_t count);
