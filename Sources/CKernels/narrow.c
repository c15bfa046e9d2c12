#include "narrow.h"

#include <string.h>

#include "isa.h"
#include "vmath.h"

#pragma clang diagnostic ignored "-Wpsabi"

typedef void (*tile_rows)(
    long m, long a_row, long runs, long run_step, long k, const float *a, long a_step, const float *b, long b_step,
    float *c, long c_row);

typedef struct {
    long lanes;
    tile_rows tiles;
} level;

#define CK_NAME(name) CK_JOIN(name, base)
#define CK_LANES 4
#define CK_ROWS 14
#include "narrow_loops.h"
#undef CK_NAME
#undef CK_LANES
#undef CK_ROWS
static const level base = {4, tiles_base};

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_NAME(name) CK_JOIN(name, avx2)
#define CK_LANES 8
#define CK_ROWS 14
#include "narrow_loops.h"
#undef CK_NAME
#undef CK_LANES
#undef CK_ROWS
#pragma clang attribute pop

#pragma clang attribute push(                                                                                    \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#define CK_NAME(name) CK_JOIN(name, half)
#define CK_LANES 8
#define CK_ROWS 28
#include "narrow_loops.h"
#undef CK_NAME
#undef CK_LANES

#define CK_NAME(name) CK_JOIN(name, avx512)
#define CK_LANES 16
#include "narrow_loops.h"
#undef CK_NAME
#undef CK_LANES
#undef CK_ROWS
#pragma clang attribute pop
static const level avx2 = {8, tiles_avx2}, half = {8, tiles_half}, avx512 = {16, tiles_avx512};

static const level *level_for(long out) {
    switch (ck_isa()) {
        case 0: return &base;
        case 1: return &avx2;
        default: return out <= 8 ? &half : &avx512;
    }
}
#else
static const level *level_for(long out) { return &base; }
#endif

enum { most_rows = 28, band_floats = 24576 };

// A band is some rows of one result. Its input is copied with zeros around it, so that the window's rows of all places
// follow each other at a distance of one place; places between the end of one row and the start of the next are
// computed, too, and dropped.

typedef struct {
    ck_window2d w;
    const level *level;
    const float *x, *bias;
    /// [kh][kw · channels][columns].
    const float *weight;
    const float *g;
    /// The result, or a part of the weight's gradient for each band, [kh][run][columns].
    float *y;
    long out, columns, bands, row, run, run_rows;
} job;

static long rounded(long count, long step) { return (count + step - 1) / step * step; }

static job make_job(const ck_window2d *w, long out) {
    job j = {.w = *w, .out = out, .level = level_for(out)};
    j.columns = rounded(out, j.level->lanes);
    j.row = w->width + 2 * w->pad_x;
    j.run = w->kernel_width * w->channels;
    j.run_rows = j.run + most_rows;
    long rows = band_floats / (j.row * (w->channels > out ? w->channels : out));
    rows = rows < 1 ? 1 : rows < w->out_height ? rows : w->out_height;
    j.bands = (w->out_height + rows - 1) / rows;
    return j;
}

/// What the tiles read beyond the last place.
static long beyond(const job *j) { return (most_rows + j->w.kernel_width) * j->w.channels + most_rows; }

static long most_band(const job *j) { return (j->w.out_height + j->bands - 1) / j->bands; }

static size_t padded_floats(const job *j) {
    return (size_t)((most_band(j) + j->w.kernel_height - 1) * j->row * j->w.channels + beyond(j));
}

typedef struct {
    long picture, first, rows;
} band;

static band band_of(const job *j, long item) {
    long number = item % j->bands, first = j->w.out_height * number / j->bands;
    return (band){item / j->bands, first, j->w.out_height * (number + 1) / j->bands - first};
}

/// What the window sees from a band's places, zeros around it.
static void pad(const job *j, band b, float *target) {
    const ck_window2d *w = &j->w;
    size_t side = (size_t)(w->pad_x * w->channels), middle = (size_t)(w->width * w->channels);
    for (long r = 0; r < b.rows + w->kernel_height - 1; r++, target += j->row * w->channels) {
        long y = b.first + r - w->pad_y;
        if (y < 0 || y >= w->height) {
            memset(target, 0, (2 * side + middle) * sizeof(float));
            continue;
        }
        memset(target, 0, side * sizeof(float));
        memcpy(target + side, j->x + (size_t)(b.picture * w->height + y) * middle, middle * sizeof(float));
        memset(target + side + middle, 0, side * sizeof(float));
    }
    memset(target, 0, (size_t)beyond(j) * sizeof(float));
}

/// y = sums + bias without what fills the tiles up.
CK_CLONES static void gather(
    const float *restrict sums, long columns, long places, long out, const float *restrict bias, float *restrict y) {
    if (columns == out && !bias) {
        memcpy(y, sums, (size_t)(places * out) * sizeof(float));
        return;
    }
    for (long p = 0; p < places; p++)
        for (long o = 0; o < out; o++) y[p * out + o] = sums[p * columns + o] + (bias ? bias[o] : 0);
}

static void forward(void *context, long begin, long end) {
    const job *j = context;
    const ck_window2d *w = &j->w;
    size_t padded = padded_floats(j), sums = (size_t)((most_band(j) * j->row + most_rows) * j->columns);
    float *input = ck_allocate((padded + sums) * sizeof(float)), *result = input + padded;
    for (long item = begin; item < end; item++) {
        band b = band_of(j, item);
        pad(j, b, input);
        for (long column = 0; column < j->columns; column += j->level->lanes)
            j->level->tiles(
                b.rows * j->row - w->kernel_width + 1, w->channels, w->kernel_height, j->row * w->channels, j->run,
                input, 1, j->weight + column, j->columns, result + column, j->columns);
        float *y = j->y + (b.picture * w->out_height + b.first) * w->out_width * j->out;
        for (long r = 0; r < b.rows; r++, y += w->out_width * j->out)
            gather(result + r * j->row * j->columns, j->columns, w->out_width, j->out, j->bias, y);
    }
    ck_release(input, (padded + sums) * sizeof(float));
}

void ck_narrow_forward(
    const ck_window2d *w, long out, const float *x, const float *weight, bool turned, const float *bias, float *y) {
    job j = make_job(w, out);
    long kernel = w->kernel_height * w->kernel_width;
    size_t bytes = (size_t)(kernel * w->channels * j.columns) * sizeof(float);
    float *packed = ck_allocate(bytes);
    memset(packed, 0, bytes);
    for (long o = 0; o < out; o++)
        for (long c = 0; c < w->channels; c++)
            for (long k = 0; k < kernel; k++)
                packed[(k * w->channels + c) * j.columns + o] =
                    turned ? weight[(c * out + o) * kernel + kernel - 1 - k] : weight[(o * w->channels + c) * kernel + k];
    j.x = x;
    j.weight = packed;
    j.bias = bias;
    j.y = y;
    ck_parallel_for(w->batch * j.bands, 1, forward, &j);
    ck_release(packed, bytes);
}

static void weight_gradient(void *context, long begin, long end) {
    const job *j = context;
    const ck_window2d *w = &j->w;
    size_t padded = padded_floats(j), spread = (size_t)(most_band(j) * j->row * j->out + 16);
    float *input = ck_allocate((padded + spread) * sizeof(float)), *g = input + padded;
    for (long item = begin; item < end; item++) {
        band b = band_of(j, item);
        pad(j, b, input);
        // The gradient as far apart as the places of the input, zero between the rows.
        size_t row = (size_t)(w->out_width * j->out), rest = (size_t)(j->row * j->out) - row;
        for (long r = 0; r < b.rows; r++) {
            float *target = g + r * j->row * j->out;
            memcpy(target, j->g + (size_t)(b.picture * w->out_height + b.first + r) * row, row * sizeof(float));
            memset(target + row, 0, rest * sizeof(float));
        }
        for (long k = 0; k < w->kernel_height; k++)
            for (long column = 0; column < j->columns; column += j->level->lanes)
                j->level->tiles(
                    j->run, 1, 1, 0, b.rows * j->row, input + k * j->row * w->channels, w->channels, g + column, j->out,
                    j->y + (item * w->kernel_height + k) * j->run_rows * j->columns + column, j->columns);
    }
    ck_release(input, (padded + spread) * sizeof(float));
}

void ck_narrow_weight_gradient(const ck_window2d *w, long out, const float *x, const float *g, float *dweight) {
    job j = make_job(w, out);
    long kernel = w->kernel_height * w->kernel_width, part = w->kernel_height * j.run_rows * j.columns;
    if (w->batch == 0) {
        memset(dweight, 0, (size_t)(out * w->channels * kernel) * sizeof(float));
        return;
    }
    size_t bytes = (size_t)(w->batch * j.bands * part) * sizeof(float);
    float *parts = ck_allocate(bytes);
    j.x = x;
    j.g = g;
    j.y = parts;
    ck_parallel_for(w->batch * j.bands, 1, weight_gradient, &j);
    for (long item = 1; item < w->batch * j.bands; item++)
        for (long y = 0; y < w->kernel_height; y++)
            for (long i = y * j.run_rows * j.columns; i < (y * j.run_rows + j.run) * j.columns; i++)
                parts[i] += parts[item * part + i];
    for (long o = 0; o < out; o++)
        for (long c = 0; c < w->channels; c++)
            for (long k = 0; k < kernel; k++) {
                long y = k / w->kernel_width, run = k % w->kernel_width * w->channels + c;
                dweight[(o * w->channels + c) * kernel + k] = parts[(y * j.run_rows + run) * j.columns + o];
            }
    ck_release(parts, bytes);
}
