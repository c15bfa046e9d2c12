// The k best rows of every query, piece by piece: what search.c and codes.c share.

#ifndef CK_BEST_H
#define CK_BEST_H

#include <math.h>

#include "ckernels.h"
#include "search.h"

// Rows are taken in fixed pieces; every piece keeps the k best of each query, and the pieces are put together in order.
enum { piece_rows = 8192 };

/// The k best so far, best first.
typedef struct {
    long *rows;
    float *scores;
    long k, count;
} best;

static inline float least(const best *b) { return b->count < b->k ? -INFINITY : b->scores[b->k - 1]; }

/// Later rows with an equal score go behind, so rows have to come in order.
static inline void offer(best *b, long row, float score) {
    if (b->count == b->k && !(score > b->scores[b->k - 1])) return;
    long place = b->count < b->k ? b->count++ : b->k - 1;
    for (; place > 0 && b->scores[place - 1] < score; place--) {
        b->scores[place] = b->scores[place - 1];
        b->rows[place] = b->rows[place - 1];
    }
    b->scores[place] = score;
    b->rows[place] = row;
}

/// Marks the places that no row took.
static inline void finish(best *b) {
    for (long i = b->count; i < b->k; i++) {
        b->rows[i] = -1;
        b->scores[i] = -INFINITY;
    }
}

typedef struct {
    const float *x;
    long rows, width, count, k;
    const float *queries;
    long *found;                     // [pieces, count, k]
    float *scores;
    // Of search.c: rows in half precision instead of x, queries packed for products.
    const uint16_t *half;
    const float *packed;
    // Of codes.c.
    const ck_codes *codes;
    const int16_t *coarse;           // the queries in sixteen bits
    const float *steps, *doubts, *lengths;  // of the queries: size of a step, distance to them, length
    float *highs, *bars;             // the greatest upper bound of every batch [count, batches]; what it has to reach
    long *read;                      // full rows read [pieces]
} job;

static inline best of_piece(const job *j, long piece, long query) {
    long at = (piece * j->count + query) * j->k;
    return (best){j->found + at, j->scores + at, j->k, 0};
}

/// Runs over the pieces and puts their results together.
void ck_search_pieces(job *j, ck_task run, long *found, float *scores);

/// The products of rows [rows, width] with a query.
void ck_row_products(const float *x, long rows, long width, const float *q, float *y);

#endif
