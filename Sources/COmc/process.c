#define _GNU_SOURCE
#include "COmc.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

int omc_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int omc_pipe_open(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int omc_spawn_in_folder(posix_spawn_file_actions_t *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}
