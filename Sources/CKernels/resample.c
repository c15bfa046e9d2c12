#include "include/pictures.h"

#include "ckernels.h"
#include "clones.h"

#include <stdatomic.h>
#include <string.h>

// Both passes multiply 8-bit pixels by 22-bit weights in 32-bit integers and round once per pass, so the result does
// not depend on the order of the sums nor on the width of the vectors.
//
// The vertical pass runs along a row: neighbours share their weights. The horizontal pass gets the same comfort by
// turning sixteen rows at a time on their side, so that a lane is a row.

enum { lanes = 16, precision = 22 };

typedef uint8_t bytes __attribute__((vector_size(lanes)));
typedef int32_t sums __attribute__((vector_size(lanes * 4)));

#define LOAD(v, p) memcpy(&(v), (p), sizeof(v))
#define STORE(p, v) memcpy((p), &(v), sizeof(v))
#define WIDE(v) __builtin_convertvector((v), sums)
#define HALF ((sums){} + (1 << (precision - 1)))
#define ROUNDED(s) \
    __builtin_convertvector( \
        __builtin_elementwise_min(__builtin_elementwise_max((s) >> precision, (sums){}), (sums){} + 255), bytes)

// One round of the perfect shuffle; four rounds transpose sixteen vectors of sixteen bytes.
static inline __attribute__((always_inline)) void shuffle_round(const bytes *from, bytes *to) {
    for (int i = 0; i < lanes / 2; i++) {
        to[2 * i] = __builtin_shufflevector(
            from[i], from[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        to[2 * i + 1] = __builtin_shufflevector(
            from[i], from[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
}

static inline __attribute__((always_inline)) void transpose(bytes *tile) {
    bytes other[lanes];
    shuffle_round(tile, other);
    shuffle_round(other, tile);
    shuffle_round(tile, other);
    shuffle_round(other, tile);
}

// `length` bytes of sixteen rows become `length` vectors of sixteen lanes.
static inline __attribute__((always_inline)) void lay_down(const uint8_t *const *rows, long length, uint8_t *columns) {
    bytes tile[lanes];
    long x = 0;
    for (; x + lanes <= length; x += lanes) {
        for (int r = 0; r < lanes; r++) LOAD(tile[r], rows[r] + x);
        transpose(tile);
        memcpy(columns + x * lanes, tile, sizeof tile);
    }
    for (; x < length; x++)
        for (int r = 0; r < lanes; r++) columns[x * lanes + r] = rows[r][x];
}

static inline __attribute__((always_inline)) void stand_up(
    const uint8_t *columns, long length, uint8_t *const *rows, int count) {
    bytes tile[lanes];
    long x = 0;
    for (; x + lanes <= length; x += lanes) {
        memcpy(tile, columns + x * lanes, sizeof tile);
        transpose(tile);
        for (int r = 0; r < count; r++) STORE(rows[r] + x, tile[r]);
    }
    for (; x < length; x++)
        for (int r = 0; r < count; r++) rows[r][x] = columns[x * lanes + r];
}

CK_CLONES static void sixteen_rows(
    const uint8_t *const *source, long length, long channels, const ck_resample_axis *axis, uint8_t *columns,
    uint8_t *results, uint8_t *const *target, int count) {
    lay_down(source, length, columns);
    for (long i = 0; i < axis->outputs; i++) {
        const uint8_t *first = columns + axis->starts[i] * channels * lanes;
        const int32_t *weights = axis->weights + i * axis->taps;
        const long taps = axis->counts[i];
        uint8_t *result = results + i * channels * lanes;
        if (channels == 3) {
            sums red = HALF, green = HALF, blue = HALF;
            for (long t = 0; t < taps; t++, first += 3 * lanes) {
                bytes r, g, b;
                LOAD(r, first);
                LOAD(g, first + lanes);
                LOAD(b, first + 2 * lanes);
                const sums weight = (sums){} + weights[t];
                red += WIDE(r) * weight;
                green += WIDE(g) * weight;
                blue += WIDE(b) * weight;
            }
            bytes r = ROUNDED(red), g = ROUNDED(green), b = ROUNDED(blue);
            STORE(result, r);
            STORE(result + lanes, g);
            STORE(result + 2 * lanes, b);
            continue;
        }
        for (long c = 0; c < channels; c++) {
            sums sum = HALF;
            for (long t = 0; t < taps; t++) {
                bytes pixel;
                LOAD(pixel, first + (t * channels + c) * lanes);
                sum += WIDE(pixel) * weights[t];
            }
            bytes pixel = ROUNDED(sum);
            STORE(result + c * lanes, pixel);
        }
    }
    stand_up(results, axis->outputs * channels, target, count);
}

CK_CLONES static void one_row(
    const uint8_t *source, long length, const int32_t *weights, long taps, uint8_t *target) {
    long x = 0;
    for (; x + 4 * lanes <= length; x += 4 * lanes) {
        sums a = HALF, b = HALF, c = HALF, d = HALF;
        const uint8_t *row = source + x;
        for (long t = 0; t < taps; t++, row += length) {
            bytes p, q, r, s;
            LOAD(p, row);
            LOAD(q, row + lanes);
            LOAD(r, row + 2 * lanes);
            LOAD(s, row + 3 * lanes);
            const sums weight = (sums){} + weights[t];
            a += WIDE(p) * weight;
            b += WIDE(q) * weight;
            c += WIDE(r) * weight;
            d += WIDE(s) * weight;
        }
        bytes p = ROUNDED(a), q = ROUNDED(b), r = ROUNDED(c), s = ROUNDED(d);
        STORE(target + x, p);
        STORE(target + x + lanes, q);
        STORE(target + x + 2 * lanes, r);
        STORE(target + x + 3 * lanes, s);
    }
    for (; x + lanes <= length; x += lanes) {
        sums sum = HALF;
        for (long t = 0; t < taps; t++) {
            bytes pixel;
            LOAD(pixel, source + t * length + x);
            sum += WIDE(pixel) * weights[t];
        }
        bytes pixel = ROUNDED(sum);
        STORE(target + x, pixel);
    }
    for (; x < length; x++) {
        int32_t sum = 1 << (precision - 1);
        for (long t = 0; t < taps; t++) sum += source[t * length + x] * weights[t];
        sum >>= precision;
        target[x] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

typedef struct {
    const uint8_t *source;
    uint8_t *target;
    long width, height, channels;
    // Rows of the picture that lie above the first row of `source`.
    long above;
    const ck_resample_axis *axis;
    atomic_bool *failed;
} pass;

static void horizontal_blocks(void *context, long begin, long end) {
    const pass *p = context;
    const long inner = p->width * p->channels, outer = p->axis->outputs * p->channels;
    const size_t size = (size_t)(inner + outer) * lanes;
    uint8_t *columns = ck_allocate(size);
    if (!columns) {
        atomic_store(p->failed, true);
        return;
    }
    for (long block = begin; block < end; block++) {
        const uint8_t *rows[lanes];
        uint8_t *results[lanes];
        const long first = block * lanes;
        const long count = p->height - first < lanes ? p->height - first : lanes;
        for (long r = 0; r < lanes; r++) {
            const long row = first + (r < count ? r : count - 1);
            rows[r] = p->source + row * inner;
            results[r] = p->target + row * outer;
        }
        sixteen_rows(
            rows, inner, p->channels, p->axis, columns, columns + inner * lanes, results, (int)count);
    }
    ck_release(columns, size);
}

static void vertical_rows(void *context, long begin, long end) {
    const pass *p = context;
    const long length = p->width * p->channels;
    for (long y = begin; y < end; y++)
        one_row(
            p->source + (p->axis->starts[y] - p->above) * length, length, p->axis->weights + y * p->axis->taps,
            p->axis->counts[y], p->target + y * length);
}

static bool across(
    const uint8_t *source, long width, long height, long channels, const ck_resample_axis *axis, uint8_t *target) {
    atomic_bool failed = false;
    pass p = {source, target, width, height, channels, 0, axis, &failed};
    ck_parallel_for((height + lanes - 1) / lanes, 2, horizontal_blocks, &p);
    return !failed;
}

static void down(
    const uint8_t *source, long width, long above, long channels, const ck_resample_axis *axis, uint8_t *target) {
    pass p = {source, target, width, 0, channels, above, axis, NULL};
    ck_parallel_for(axis->outputs, 16, vertical_rows, &p);
}

bool ck_resample_u8(
    const uint8_t *source, long width, long height, long channels, const ck_resample_axis *horizontal,
    const ck_resample_axis *vertical, bool vertical_first, uint8_t *target) {
    if (!horizontal && !vertical) {
        memcpy(target, source, (size_t)(width * height * channels));
        return true;
    }
    if (!horizontal) {
        down(source, width, 0, channels, vertical, target);
        return true;
    }
    if (!vertical) return across(source, width, height, channels, horizontal, target);
    if (vertical_first) {
        const size_t size = (size_t)(vertical->outputs * width * channels);
        uint8_t *between = ck_allocate(size);
        if (!between) return false;
        down(source, width, 0, channels, vertical, between);
        const bool done = across(between, width, vertical->outputs, channels, horizontal, target);
        ck_release(between, size);
        return done;
    }
    // Only the rows that the vertical pass reads are worth resampling.
    long first = height, last = 0;
    for (long y = 0; y < vertical->outputs; y++) {
        const long start = vertical->starts[y], end = start + vertical->counts[y];
        if (start < first) first = start;
        if (end > last) last = end;
    }
    const size_t size = (size_t)((last - first) * horizontal->outputs * channels);
    uint8_t *between = ck_allocate(size);
    if (!between) return false;
    const bool done =
        across(source + first * width * channels, width, last - first, channels, horizontal, between);
    if (done) down(between, horizontal->outputs, first, channels, vertical, target);
    ck_release(between, size);
    return done;
}
