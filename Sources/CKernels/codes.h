// What making codes and searching by them share.

#ifndef CK_CODES_H
#define CK_CODES_H

#include <stdbool.h>

#include "best.h"

/// A share by which bounds lie above what single precision makes of them.
static inline double above(long width) { return 1.00001 + (double)width * 0x1p-24; }

/// Whether products with such steps can neither vanish nor overflow.
static inline bool ordinary(double step) { return step >= 0x1p-40 && step <= 0x1p40; }

/// The greatest of |x|; infinite where some are not numbers.
float ck_greatest(const float *x, long count);

/// Groups of 4 x 32 codes, the last of a row filled up with zeros, lie in 3 x 32 bytes: the first three of four in the
/// lower bits of a byte each, the fourth, two bits each, in the upper ones.
enum { group_step = 32, group_numbers = 4 * group_step, group_bytes = 3 * group_step };

/// The code of zero, and how far from it codes go.
enum { code_zero = 32, most_level = 31 };

/// So many products of 63 and 127 sum up to less than 2³¹.
enum { most_coded_width = 1 << 18 };

static inline long groups_of(long width) { return (width + group_numbers - 1) / group_numbers; }

#endif
