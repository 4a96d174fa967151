// The igzip half of ISA-L, loaded where the first compressor is made: at the ratio of libdeflate's
// level 1 it is twice as fast and more. Debian has it as a shared library only, and not every machine
// has that: where it is missing there is no compressor, and libdeflate does it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct omc_igzip;

/// What compresses pieces at ISA-L's level 1, one at a time; null where the library is not installed.
struct omc_igzip *_Nullable omc_igzip_make(void);
void omc_igzip_free(struct omc_igzip *_Nonnull igzip);

/// How large what becomes of `count` bytes can be.
size_t omc_igzip_bound(size_t count);

/// Makes a gzip member (RFC 1952) of a piece of less than 4 GiB, or else blocks (RFC 1951) that end at the
/// border of a byte, with none that is a stream's last; gives their size, or 0 where `space` is less than the
/// bound.
size_t omc_igzip_compress(
    struct omc_igzip *_Nonnull igzip, bool is_member, const void *_Nullable piece, size_t count,
    void *_Nonnull output, size_t space);
