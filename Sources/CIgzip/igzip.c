#include "CIgzip.h"

#include <COnDemand.h>
#include <isa-l/igzip_lib.h>
#include <pthread.h>
#include <stdlib.h>

static struct on_demand_library libisal = {"libisal.so.2", NULL};

// The library's functions; null where it is not installed, which is found out once.
static __typeof__(isal_deflate_stateless_init) *start;
static __typeof__(isal_deflate_stateless) *compress;

static void load(void) {
  *(void **)&start = on_demand_function(&libisal, "isal_deflate_stateless_init");
  if (start != NULL) *(void **)&compress = on_demand_function(&libisal, "isal_deflate_stateless");
}

struct omc_igzip {
  struct isal_zstream stream;
  uint8_t buffer[ISAL_DEF_LVL1_DEFAULT];
};

struct omc_igzip *omc_igzip_make(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return compress != NULL ? malloc(sizeof(struct omc_igzip)) : NULL;
}

void omc_igzip_free(struct omc_igzip *igzip) { free(igzip); }

// What cannot be made smaller is stored: 5 bytes before each 65,535, and a gzip member's 18 around them.
// The rest is room for a flush, and for stores that are wider than what they write.
size_t omc_igzip_bound(size_t count) { return count + 5 * (count / 65535 + 1) + 18 + 64; }

size_t omc_igzip_compress(struct omc_igzip *igzip, bool is_member, const void *piece, size_t count,
                          void *output, size_t space) {
  struct isal_zstream *stream = &igzip->stream;
  start(stream);
  // Its start leaves the window's size as it finds it; 0 is the whole 32 KiB.
  stream->hist_bits = 0;
  stream->gzip_flag = is_member ? IGZIP_GZIP : IGZIP_DEFLATE;
  stream->end_of_stream = is_member;
  stream->flush = is_member ? NO_FLUSH : FULL_FLUSH;
  stream->level = 1;
  stream->level_buf = igzip->buffer;
  stream->level_buf_size = sizeof igzip->buffer;
  stream->next_in = (uint8_t *)piece;
  stream->avail_in = (uint32_t)count;
  stream->next_out = output;
  stream->avail_out = (uint32_t)space;
  return compress(stream) == COMP_OK ? stream->total_out : 0;
}
