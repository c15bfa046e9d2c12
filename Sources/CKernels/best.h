// The k best rows of every query, piece by piece: what search.c and coded_search.c share.

#ifndef CK_BEST_H
#define CK_BEST_H

#include <math.h>
#include <stdbool.h>

#include "ckernels.h"
#include "search.h"

// Rows are taken in fixed pieces; every piece keeps the k best of each query, and the pieces are put together in order.
enum { piece_rows = 8192 };

/// The k best so far, as a heap whose first is the worst; `finish` sorts them.
typedef struct {
    long *rows;
    float *scores;
    long k, count;
} best;

static inline float least(const best *b) { return b->count < b->k ? -INFINITY : b->scores[0]; }

/// Of equal scores the lower row's is better.
static inline bool is_worse(float score, long row, float other, long other_row) {
    return score < other || (score == other && row > other_row);
}

/// Puts an entry where the worst was taken from the first `count`.
static inline void sift(best *b, long count, long row, float score) {
    long place = 0;
    for (;;) {
        long below = 2 * place + 1;
        if (below + 1 < count
            && is_worse(b->scores[below + 1], b->rows[below + 1], b->scores[below], b->rows[below]))
            below++;
        if (below >= count || !is_worse(b->scores[below], b->rows[below], score, row)) break;
        b->scores[place] = b->scores[below];
        b->rows[place] = b->rows[below];
        place = below;
    }
    b->scores[place] = score;
    b->rows[place] = row;
}

/// Takes a row that is better than the worst of k; one with a score equal to that has to be a later row.
static inline void offer(best *b, long row, float score) {
    if (b->count == b->k) {
        if (score > b->scores[0]) sift(b, b->k, row, score);
        return;
    }
    long place = b->count++;
    for (long above; place > 0; place = above) {
        above = (place - 1) / 2;
        if (!is_worse(score, row, b->scores[above], b->rows[above])) break;
        b->scores[place] = b->scores[above];
        b->rows[place] = b->rows[above];
    }
    b->scores[place] = score;
    b->rows[place] = row;
}

/// Sorts the rows, best first, and marks the places that none took.
static inline void finish(best *b) {
    for (long last = b->count - 1; last > 0; last--) {
        float score = b->scores[last];
        long row = b->rows[last];
        b->scores[last] = b->scores[0];
        b->rows[last] = b->rows[0];
        sift(b, last, row, score);
    }
    for (long i = b->count; i < b->k; i++) {
        b->rows[i] = -1;
        b->scores[i] = -INFINITY;
    }
}

/// A search for the k best rows of every query.
typedef struct {
    const ck_rows *rows;
    const float *queries;
    long count, k;
    long *found;    // [pieces, count, k]
    float *scores;
} job;

static inline best of_piece(const job *j, long piece, long query) {
    long at = (piece * j->count + query) * j->k;
    return (best){j->found + at, j->scores + at, j->k, 0};
}

static inline long pieces_of(const job *j) { return (j->rows->count + piece_rows - 1) / piece_rows; }

static inline long end_of_piece(const job *j, long piece) {
    return (piece + 1) * piece_rows < j->rows->count ? (piece + 1) * piece_rows : j->rows->count;
}

/// Runs over the pieces, each of which gives the k best rows of its own, and puts their results together. `run` gets the
/// job, which is the first member of what it needs.
void ck_search_pieces(job *j, ck_task run, long *found, float *scores);

/// Some rows in single precision: where they lie, or in `scratch`.
const float *ck_single_rows(const ck_rows *rows, long first, long count, float *scratch);

/// The products of rows [rows, width] with a query.
void ck_row_products(const float *x, long rows, long width, const float *q, float *y);

#endif
