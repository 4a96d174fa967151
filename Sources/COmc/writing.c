#define _GNU_SOURCE
#include "COmc.h"

#include <fcntl.h>

void omc_begin_writing(int descriptor, int64_t start, int64_t count) {
  (void)sync_file_range(descriptor, start, count, SYNC_FILE_RANGE_WRITE);
}
