#include "best.h"

#include <math.h>
#include <string.h>

#include "convert.h"
#include "isa.h"
#include "product.h"
#include "vmath.h"

enum { tile_rows = 112, few_queries = 3 };

typedef float floats16 __attribute__((vector_size(64), aligned(4)));

/// The sum of a vector by halves: four steps, where one number after the other takes sixteen.
#define CK_TOTAL(v, total)                                                                         \
    do {                                                                                           \
        floats16 a = (v);                                                                          \
        a += __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7); \
        a += __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7);       \
        a += __builtin_shufflevector(a, a, 2, 3, 0, 1, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7);       \
        (total) = a[0] + a[1];                                                                     \
    } while (0)

/// The products of rows with a query, those of the first half beside those of the second: two streams of memory are what
/// the hardware fetches fastest, and they keep up only where much of a row stands in one pass of the loop. For 2 GB the
/// compiler's own loop takes 96 ms, one stream in passes of 64 numbers 78, of 128 66, two streams 63.
CK_CLONES static void dots(const float *x, long rows, long width, const float *q, float *restrict y) {
    CK_FAST
    long half = (rows + 1) / 2;
    for (long r = 0; r < half; r++) {
        long other = r + half < rows ? r + half : r;
        const float *u = x + r * width, *v = x + other * width;
        floats16 us[2] = {0}, vs[2] = {0};
        float first, second;
        long i = 0;
        for (; i + 128 <= width; i += 128)
            for (int k = 0; k < 8; k++) {
                floats16 part = *(const floats16 *)(q + i + 16 * k);
                us[k & 1] += *(const floats16 *)(u + i + 16 * k) * part;
                vs[k & 1] += *(const floats16 *)(v + i + 16 * k) * part;
            }
        CK_TOTAL(us[0] + us[1], first);
        CK_TOTAL(vs[0] + vs[1], second);
        for (; i < width; i++) {
            first += u[i] * q[i];
            second += v[i] * q[i];
        }
        y[r] = first;
        y[other] = second;
    }
}

void ck_row_products(const float *x, long rows, long width, const float *q, float *y) { dots(x, rows, width, q, y); }

/// Whether any score of a row reaches its query's bar.
CK_CLONES static int any_above(const float *scores, const float *bars, long count) {
    int any = 0;
    for (long i = 0; i < count; i++) any |= scores[i] > bars[i];
    return any;
}

typedef struct {
    job search;
    const float *packed;  // the queries, for products of tiles
} plain_job;

/// Some rows of single precision that lie in the cache or come from memory.
static void scan(
    const plain_job *p, const float *x, long first, long rows, best *kept, float *bars, float *scratch) {
    const job *j = &p->search;
    long width = j->rows->width;
    if (j->count <= few_queries) {
        for (long q = 0; q < j->count; q++) {
            dots(x, rows, width, j->queries + q * width, scratch);
            for (long r = 0; r < rows; r++)
                if (scratch[r] > bars[q]) {
                    offer(&kept[q], first + r, scratch[r]);
                    bars[q] = least(&kept[q]);
                }
        }
        return;
    }
    long panels = (j->count + CK_PANEL - 1) / CK_PANEL, row = panels * CK_PANEL + 16;
    for (long panel = 0; panel < panels; panel++)
        ck_panel_product(
            rows, CK_PANEL, width, x, width, 1, p->packed + panel * CK_PANEL * width, CK_PANEL,
            scratch + panel * CK_PANEL, row, false);
    for (long r = 0; r < rows; r++) {
        const float *y = scratch + r * row;
        if (!any_above(y, bars, j->count)) continue;
        for (long q = 0; q < j->count; q++)
            if (y[q] > bars[q]) {
                offer(&kept[q], first + r, y[q]);
                bars[q] = least(&kept[q]);
            }
    }
}

static void run_scan(void *context, long begin, long end) {
    const plain_job *p = context;
    const job *j = &p->search;
    long panels = (j->count + CK_PANEL - 1) / CK_PANEL;
    // One query reads every row once, so it needs no tiles that stay in the cache.
    long tile = j->count == 1 && j->rows->single ? piece_rows : tile_rows;
    size_t scratch = (size_t)(j->count == 1 ? tile : tile * (panels * CK_PANEL + 16));
    size_t rows = (size_t)(j->rows->single ? 0 : tile * j->rows->width);
    size_t bytes = (scratch + rows + (size_t)j->count) * sizeof(float) + (size_t)j->count * sizeof(best);
    best *kept = ck_allocate(bytes);
    float *y = (float *)(kept + j->count), *bars = y + scratch, *x = bars + j->count;
    for (long piece = begin; piece < end; piece++) {
        for (long q = 0; q < j->count; q++) {
            kept[q] = of_piece(j, piece, q);
            bars[q] = -INFINITY;
        }
        long last = end_of_piece(j, piece);
        for (long first = piece * piece_rows; first < last; first += tile) {
            long count = last - first < tile ? last - first : tile;
            scan(p, ck_single_rows(j->rows, first, count, x), first, count, kept, bars, y);
        }
        for (long q = 0; q < j->count; q++) finish(&kept[q]);
    }
    ck_release(kept, bytes);
}

const float *ck_single_rows(const ck_rows *rows, long first, long count, float *scratch) {
    if (rows->single) return rows->single + first * rows->width;
    ck_to_floats(ck_f16, rows->half + first * rows->width, 1, scratch, count * rows->width);
    return scratch;
}

void ck_search_pieces(job *j, ck_task run, long *found, float *scores) {
    long pieces = pieces_of(j), each = j->count * j->k;
    size_t size = (size_t)(pieces * each), bytes = size * (sizeof(long) + sizeof(float));
    j->found = ck_allocate(bytes + 64);
    j->scores = (float *)(j->found + size);
    ck_parallel_for(pieces, 1, run, j);
    for (long q = 0; q < j->count; q++) {
        best b = {found + q * j->k, scores + q * j->k, j->k, 0};
        for (long piece = 0; piece < pieces; piece++) {
            best part = of_piece(j, piece, q);
            for (long i = 0; i < j->k && part.rows[i] >= 0; i++) offer(&b, part.rows[i], part.scores[i]);
        }
        finish(&b);
    }
    ck_release(j->found, bytes + 64);
}

void ck_top_k(const ck_rows *rows, const float *queries, long count, long k, long *found, float *scores) {
    if (count == 0 || k == 0) return;
    plain_job p = {.search = {.rows = rows, .queries = queries, .count = count, .k = k}};
    size_t bytes = count > few_queries ? (size_t)ck_packed_count(count, rows->width) * sizeof(float) : 0;
    float *packed = bytes ? ck_allocate(bytes) : NULL;
    if (packed) ck_pack(queries, count, rows->width, rows->width, 1, packed);
    p.packed = packed;
    ck_search_pieces(&p.search, run_scan, found, scores);
    if (packed) ck_release(packed, bytes);
}
