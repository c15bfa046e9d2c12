#include "winograd.h"

#include <string.h>

#include "isa.h"
#include "product.h"
#include "vmath.h"

#pragma clang diagnostic ignored "-Wpsabi"

// n = (tile_y + 2)(tile_x + 2) products, each of [tiles × channels] by [channels × out]:
//     x ── input transform ──► V [n][tiles][channels] ── · U [n][out / 32][channels][32] ──► M [n][tiles][out] ──► y
// Few channels: a thread takes a block of tiles through all three steps in its own cache. Many channels: the block is
// larger and each step is shared out, so that every piece of U is read once per block.

/// Where the places around a tile lie, and which of them are inside the picture.
typedef struct {
    const float *corner;
    long row, column;
    long top, bottom, left, right;
    bool inside;
    long target;
} patch;

/// What becomes of the sums.
typedef struct {
    const float *bias;
    bool rectified, pooled;
    float *y;
    long row, column;
} finish;

typedef struct {
    void (*input)(long ty, long tx, const patch *p, long channels, float *target, long step, bool is_gradient);
    void (*output)(
        long ty, long tx, const float *source, long step, const finish *f, const patch *p, long channel,
        long channels);
    void (*weight)(long ty, long tx, const float *nine, long count, float *target, long step);
    void (*unweight)(long ty, long tx, const float *source, long step, long count, float *nine);
} transforms;

#define CK_NAME(name) CK_JOIN(name, base)
#define CK_LANES 4
#include "winograd_loops.h"
#undef CK_NAME
#undef CK_LANES

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_NAME(name) CK_JOIN(name, avx2)
#define CK_LANES 8
#include "winograd_loops.h"
#undef CK_NAME
#undef CK_LANES
#pragma clang attribute pop

#pragma clang attribute push(                                                                                    \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#define CK_NAME(name) CK_JOIN(name, avx512)
#define CK_LANES 16
#include "winograd_loops.h"
#undef CK_NAME
#undef CK_LANES
#pragma clang attribute pop
static const transforms *const levels[] = {&table_base, &table_avx2, &table_avx512};
#else
static const transforms *const levels[] = {&table_base, &table_base, &table_base};
#endif

enum { weight_rows = 16 };

typedef struct {
    ck_winograd w;
    const transforms *t;
    long n, out_height, out_width, tiles_y, tiles_x, tiles, panels;
    /// Floats from one tile to the next in V and in M; an odd number of cache lines, or rows would share a few sets.
    long v_row, m_row;
} plan;

static long padded(long count) { return (count + 15) / 16 * 16 + 16; }

static plan make_plan(const ck_winograd *w) {
    plan p = {.w = *w, .t = levels[ck_isa()]};
    p.n = (w->tile_y + 2) * (w->tile_x + 2);
    p.out_height = w->height + 2 * w->pad_y - 2;
    p.out_width = w->width + 2 * w->pad_x - 2;
    p.tiles_y = (p.out_height + w->tile_y - 1) / w->tile_y;
    p.tiles_x = (p.out_width + w->tile_x - 1) / w->tile_x;
    p.tiles = w->batch * p.tiles_y * p.tiles_x;
    p.panels = (w->out + CK_PANEL - 1) / CK_PANEL;
    p.v_row = padded(w->channels);
    p.m_row = padded(p.panels * CK_PANEL);
    return p;
}

/// What a tile of x covers.
static patch input_patch(const plan *p, const float *x, long tile) {
    const ck_winograd *w = &p->w;
    long tx = tile % p->tiles_x, ty = tile / p->tiles_x % p->tiles_y, b = tile / p->tiles_x / p->tiles_y;
    long y0 = ty * w->tile_y - w->pad_y, x0 = tx * w->tile_x - w->pad_x;
    patch q = {.row = w->width * w->channels, .column = w->channels};
    q.corner = x + b * w->height * q.row + y0 * q.row + x0 * q.column;
    q.top = y0 < 0 ? -y0 : 0;
    q.left = x0 < 0 ? -x0 : 0;
    q.bottom = w->height - y0;
    q.right = w->width - x0;
    q.inside = q.top == 0 && q.left == 0 && q.bottom >= w->tile_y + 2 && q.right >= w->tile_x + 2;
    return q;
}

/// What a tile of the result, or of its gradient, covers; halved where the result is pooled.
static patch output_patch(const plan *p, const float *g, bool pooled, long tile) {
    const ck_winograd *w = &p->w;
    long tx = tile % p->tiles_x, ty = tile / p->tiles_x % p->tiles_y, b = tile / p->tiles_x / p->tiles_y;
    long half = pooled ? 2 : 1, height = p->out_height / half, width = p->out_width / half;
    long y0 = ty * w->tile_y, x0 = tx * w->tile_x;
    patch q = {.row = width * w->out, .column = w->out};
    q.target = ((b * height + y0 / half) * width + x0 / half) * w->out;
    q.corner = g ? g + q.target : NULL;
    q.bottom = p->out_height - y0;
    q.right = p->out_width - x0;
    q.inside = q.bottom >= w->tile_y && q.right >= w->tile_x;
    return q;
}

// The weight.

long ck_winograd_weight_count(const ck_winograd *w) {
    plan p = make_plan(w);
    return p.n * p.panels * w->channels * CK_PANEL;
}

/// The taps of the channels `first` ..< `first + count` (at most weight_rows) of one panel: nine[t][count][CK_PANEL].
static void collect(
    const ck_winograd *w, const float *weight, const float *scale, bool turned, long panel, long first, long count,
    float *nine) {
    long size = count * CK_PANEL;
    for (long o = 0; o < CK_PANEL; o++) {
        long out = panel * CK_PANEL + o;
        if (out >= w->out) {
            for (long i = 0; i < 9 * count; i++) nine[i * CK_PANEL + o] = 0;
            continue;
        }
        float factor = scale ? scale[out] : 1;
        for (long c = 0; c < count; c++) {
            const float *taps = weight + 9 * (turned ? (first + c) * w->out + out : out * w->channels + first + c);
            float *target = nine + c * CK_PANEL + o;
            if (turned) for (int t = 0; t < 9; t++) target[t * size] = factor * taps[8 - t];
            else for (int t = 0; t < 9; t++) target[t * size] = factor * taps[t];
        }
    }
}

/// Some channels of one panel, all n products: target + i · step + channel · CK_PANEL.
static void transform_panel(
    const plan *p, const float *weight, const float *scale, bool turned, long panel, long first, long count,
    float *target, long step) {
    float nine[9 * weight_rows * CK_PANEL];
    for (long c = 0; c < count; c += weight_rows) {
        long rows = count - c < weight_rows ? count - c : weight_rows;
        collect(&p->w, weight, scale, turned, panel, first + c, rows, nine);
        p->t->weight(p->w.tile_y, p->w.tile_x, nine, rows, target + c * CK_PANEL, step);
    }
}

typedef struct {
    plan p;
    const float *weight, *scale;
    bool turned;
    float *target;
} weight_job;

static void run_weight(void *context, long begin, long end) {
    const weight_job *j = context;
    long size = j->p.w.channels * CK_PANEL;
    for (long panel = begin; panel < end; panel++)
        transform_panel(
            &j->p, j->weight, j->scale, j->turned, panel, 0, j->p.w.channels, j->target + panel * size,
            j->p.panels * size);
}

void ck_winograd_weight(
    const ck_winograd *w, const float *weight, const float *scale, bool turned, float *transformed) {
    weight_job j = {make_plan(w), weight, scale, turned, transformed};
    ck_parallel_for(j.p.panels, 1, run_weight, &j);
}

// Forward.

enum { fused_bytes = 640 << 10, most_transformed = 16 << 20, shared_tiles = 448, piece_channels = 128 };

typedef struct {
    plan p;
    const float *x, *u, *weight, *g;
    bool turned;
    finish f;
    /// Tiles per block, and where this block begins.
    long block, first, count;
    float *v, *m;
} forward_job;

static void block_input(const forward_job *j, long first, long count, float *v, long v_step) {
    const plan *p = &j->p;
    for (long tile = 0; tile < count; tile++) {
        patch q = input_patch(p, j->x, first + tile);
        p->t->input(p->w.tile_y, p->w.tile_x, &q, p->w.channels, v + tile * p->v_row, v_step, false);
    }
}

static void run_fused(void *context, long begin, long end) {
    const forward_job *j = context;
    const plan *p = &j->p;
    const ck_winograd *w = &p->w;
    long v_step = j->block * p->v_row, group = p->panels < 2 ? 1 : 2, m_row = padded(group * CK_PANEL);
    long m_step = j->block * m_row;
    size_t bytes = (size_t)(p->n * (v_step + m_step)) * sizeof(float);
    float *v = ck_allocate(bytes), *m = v + p->n * v_step;
    for (long item = begin; item < end; item++) {
        long first = item * j->block, count = p->tiles - first < j->block ? p->tiles - first : j->block;
        block_input(j, first, count, v, v_step);
        for (long panel = 0; panel < p->panels; panel += group) {
            long panels = p->panels - panel < group ? p->panels - panel : group;
            for (long i = 0; i < p->n; i++)
                for (long q = 0; q < panels; q++)
                    ck_panel_product(
                        count, CK_PANEL, w->channels, v + i * v_step, p->v_row, 1,
                        j->u + (i * p->panels + panel + q) * w->channels * CK_PANEL, CK_PANEL,
                        m + i * m_step + q * CK_PANEL, m_row, false);
            long channel = panel * CK_PANEL, channels = panels * CK_PANEL;
            if (w->out - channel < channels) channels = w->out - channel;
            for (long tile = 0; tile < count; tile++) {
                patch q = output_patch(p, NULL, j->f.pooled, first + tile);
                p->t->output(w->tile_y, w->tile_x, m + tile * m_row, m_step, &j->f, &q, channel, channels);
            }
        }
    }
    ck_release(v, bytes);
}

static void run_input(void *context, long begin, long end) {
    const forward_job *j = context;
    block_input(j, j->first + begin, end - begin, j->v + begin * j->p.v_row, j->count * j->p.v_row);
}

static void run_product(void *context, long begin, long end) {
    const forward_job *j = context;
    const plan *p = &j->p;
    long channels = p->w.channels;
    for (long item = begin; item < end; item++) {
        long i = item / p->panels, panel = item % p->panels;
        for (long c = 0; c < channels; c += 512) {
            long count = channels - c < 512 ? channels - c : 512;
            ck_panel_product(
                j->count, CK_PANEL, count, j->v + i * j->count * p->v_row + c, p->v_row, 1,
                j->u + (item * channels + c) * CK_PANEL, CK_PANEL,
                j->m + i * j->count * p->m_row + panel * CK_PANEL, p->m_row, c > 0);
        }
    }
}

/// The weight is transformed a piece at a time, and each piece used for all tiles of the block at once.
static void run_product_of_plain(void *context, long begin, long end) {
    const forward_job *j = context;
    const plan *p = &j->p;
    long channels = p->w.channels, step = piece_channels * CK_PANEL;
    size_t bytes = (size_t)(p->n * step) * sizeof(float);
    float *u = ck_allocate(bytes);
    for (long panel = begin; panel < end; panel++)
        for (long c = 0; c < channels; c += piece_channels) {
            long count = channels - c < piece_channels ? channels - c : piece_channels;
            transform_panel(p, j->weight, NULL, j->turned, panel, c, count, u, step);
            for (long i = 0; i < p->n; i++)
                ck_panel_product(
                    j->count, CK_PANEL, count, j->v + i * j->count * p->v_row + c, p->v_row, 1, u + i * step,
                    CK_PANEL, j->m + i * j->count * p->m_row + panel * CK_PANEL, p->m_row, c > 0);
        }
    ck_release(u, bytes);
}

static void run_output(void *context, long begin, long end) {
    const forward_job *j = context;
    const plan *p = &j->p;
    for (long tile = begin; tile < end; tile++) {
        patch q = output_patch(p, NULL, j->f.pooled, j->first + tile);
        p->t->output(
            p->w.tile_y, p->w.tile_x, j->m + tile * p->m_row, j->count * p->m_row, &j->f, &q, 0, p->w.out);
    }
}

static void forward(forward_job *j) {
    const plan *p = &j->p;
    long fitting = fused_bytes / (p->n * p->v_row * (long)sizeof(float));
    if (j->u && p->w.channels <= 256 && fitting >= 14) {
        j->block = fitting >= 28 ? 28 : 14;
        ck_parallel_for((p->tiles + j->block - 1) / j->block, 1, run_fused, j);
        return;
    }
    long blocks = (p->tiles + shared_tiles - 1) / shared_tiles;
    long most = (p->tiles + blocks - 1) / blocks;
    size_t bytes = (size_t)(p->n * most * (p->v_row + p->m_row)) * sizeof(float);
    j->v = ck_allocate(bytes);
    j->m = j->v + p->n * most * p->v_row;
    for (long block = 0; block < blocks; block++) {
        j->first = p->tiles * block / blocks;
        j->count = p->tiles * (block + 1) / blocks - j->first;
        ck_parallel_for(j->count, 4, run_input, j);
        if (j->u) ck_parallel_for(p->n * p->panels, 4, run_product, j);
        else ck_parallel_for(p->panels, 1, run_product_of_plain, j);
        ck_parallel_for(j->count, 4, run_output, j);
    }
    ck_release(j->v, bytes);
}

void ck_winograd_forward(
    const ck_winograd *w, const float *x, const float *transformed, const float *weight, bool turned,
    const float *bias, bool rectified, bool pooled, float *y) {
    forward_job j = {.p = make_plan(w), .x = x, .u = transformed, .weight = weight, .turned = turned};
    const plan *p = &j.p;
    long half = pooled ? 2 : 1;
    j.f = (finish){bias, rectified, pooled, y, p->out_width / half * w->out, w->out};
    if (p->tiles == 0) return;
    // A small weight that has not been transformed yet is transformed whole.
    size_t u_bytes = (size_t)ck_winograd_weight_count(w) * sizeof(float);
    float *u = !transformed && u_bytes <= most_transformed ? ck_allocate(u_bytes) : NULL;
    if (u) {
        ck_winograd_weight(w, weight, NULL, turned, u);
        j.u = u;
    }
    forward(&j);
    if (u) ck_release(u, u_bytes);
}

// The gradient of the weight: dU [n][channels][out] = Σ over tiles of Vᵀ · (A g Aᵀ), then Gᵀ dU G. A thread takes a
// piece of dU through all tiles of a block, so that only dweight has to be kept from block to block.

enum { gradient_rows = 56, gradient_bytes = 96 << 20 };

typedef struct {
    forward_job f;
    const float *g;
    float *dweight;
    long row_blocks;
} gradient_job;

static void run_gradient_input(void *context, long begin, long end) {
    const gradient_job *j = context;
    const plan *p = &j->f.p;
    block_input(&j->f, j->f.first + begin, end - begin, j->f.v + begin * p->v_row, j->f.count * p->v_row);
    for (long tile = begin; tile < end; tile++) {
        patch q = output_patch(p, j->g, false, j->f.first + tile);
        q.top = q.left = 0;
        p->t->input(
            p->w.tile_y, p->w.tile_x, &q, p->w.out, j->f.m + tile * p->m_row, j->f.count * p->m_row, true);
    }
}

static void run_gradient_product(void *context, long begin, long end) {
    const gradient_job *j = context;
    const plan *p = &j->f.p;
    const ck_winograd *w = &p->w;
    long step = gradient_rows * CK_PANEL;
    size_t bytes = (size_t)((p->n + 9) * step) * sizeof(float);
    float *du = ck_allocate(bytes), *nine = du + p->n * step;
    for (long item = begin; item < end; item++) {
        long panel = item / j->row_blocks, block = item % j->row_blocks;
        long c = w->channels * block / j->row_blocks, rows = w->channels * (block + 1) / j->row_blocks - c;
        for (long i = 0; i < p->n; i++)
            ck_panel_product(
                rows, CK_PANEL, j->f.count, j->f.v + i * j->f.count * p->v_row + c, 1, p->v_row,
                j->f.m + i * j->f.count * p->m_row + panel * CK_PANEL, p->m_row, du + i * step, CK_PANEL, false);
        p->t->unweight(w->tile_y, w->tile_x, du, step, rows, nine);
        for (long o = 0; o < CK_PANEL && panel * CK_PANEL + o < w->out; o++) {
            float *target = j->dweight + ((panel * CK_PANEL + o) * w->channels + c) * 9;
            for (long r = 0; r < rows; r++)
                for (int t = 0; t < 9; t++) {
                    float value = nine[(t * rows + r) * CK_PANEL + o];
                    float *sum = target + r * 9 + t;
                    *sum = j->f.first > 0 ? *sum + value : value;
                }
        }
    }
    ck_release(du, bytes);
}

void ck_winograd_weight_gradient(const ck_winograd *w, const float *x, const float *g, float *dweight) {
    gradient_job j = {.f = {.p = make_plan(w), .x = x}, .g = g, .dweight = dweight};
    const plan *p = &j.f.p;
    if (p->tiles == 0) {
        memset(dweight, 0, (size_t)(w->out * w->channels * 9) * sizeof(float));
        return;
    }
    // Columns of M beyond `out` are never written but multiplied: they are made zero.
    long most = gradient_bytes / (p->n * (p->v_row + p->m_row) * (long)sizeof(float));
    most = most < 64 ? 64 : most > 1024 ? 1024 : most;
    long blocks = (p->tiles + most - 1) / most;
    most = (p->tiles + blocks - 1) / blocks;
    size_t bytes = (size_t)(p->n * most * (p->v_row + p->m_row)) * sizeof(float);
    j.f.v = ck_allocate(bytes);
    j.f.m = j.f.v + p->n * most * p->v_row;
    if (w->out % CK_PANEL != 0) memset(j.f.m, 0, (size_t)(p->n * most * p->m_row) * sizeof(float));
    j.row_blocks = (w->channels + gradient_rows - 1) / gradient_rows;
    for (long block = 0; block < blocks; block++) {
        j.f.first = p->tiles * block / blocks;
        j.f.count = p->tiles * (block + 1) / blocks - j.f.first;
        ck_parallel_for(j.f.count, 4, run_gradient_input, &j);
        ck_parallel_for(p->panels * j.row_blocks, 1, run_gradient_product, &j);
    }
    ck_release(j.f.v, bytes);
}
