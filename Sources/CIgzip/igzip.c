#include "CIgzip.h"

#include <COnDemand.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

static struct on_demand_library libisal = {"libisal.so.2", NULL};

struct omc_igzip {
  __typeof__(isal_deflate_stateless_init) *start;
  __typeof__(isal_deflate_stateless) *compress;
  struct isal_zstream stream;
  uint8_t buffer[ISAL_DEF_LVL1_DEFAULT];
};

struct omc_igzip *omc_igzip_make(void) {
  void *start = on_demand_function(&libisal, "isal_deflate_stateless_init");
  void *compress = on_demand_function(&libisal, "isal_deflate_stateless");
  if (start == NULL || compress == NULL) return NULL;
  struct omc_igzip *igzip = malloc(sizeof *igzip);
  if (igzip == NULL) return NULL;
  *(void **)&igzip->start = start;
  *(void **)&igzip->compress = compress;
  return igzip;
}

void omc_igzip_free(struct omc_igzip *igzip) { free(igzip); }

// What cannot be made smaller is stored: 5 bytes before each 65,535, and a gzip member's 18 around them.
// The rest is room for a flush, and for stores that are wider than what they write.
size_t omc_igzip_bound(size_t count) { return count + 5 * (count / 65535 + 1) + 18 + 64; }

static size_t compressed(struct omc_igzip *igzip, const void *piece, size_t count, void *output,
                         size_t space) {
  struct isal_zstream *stream = &igzip->stream;
  // The library's own start leaves the window's size as it finds it; 0 is the whole 32 KiB.
  stream->hist_bits = 0;
  stream->level = 1;
  stream->level_buf = igzip->buffer;
  stream->level_buf_size = sizeof igzip->buffer;
  stream->next_in = (uint8_t *)piece;
  stream->avail_in = (uint32_t)count;
  stream->next_out = output;
  stream->avail_out = (uint32_t)space;
  return igzip->compress(stream) == COMP_OK ? stream->total_out : 0;
}

size_t omc_igzip_member(struct omc_igzip *igzip, const void *piece, size_t count, void *output,
                        size_t space) {
  igzip->start(&igzip->stream);
  igzip->stream.gzip_flag = IGZIP_GZIP;
  igzip->stream.end_of_stream = 1;
  return compressed(igzip, piece, count, output, space);
}

size_t omc_igzip_blocks(struct omc_igzip *igzip, const void *piece, size_t count, void *output,
                        size_t space) {
  igzip->start(&igzip->stream);
  igzip->stream.flush = FULL_FLUSH;
  igzip->stream.end_of_stream = 0;
  return compressed(igzip, piece, count, output, space);
}
