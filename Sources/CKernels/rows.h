#ifndef CK_ROWS_H
#define CK_ROWS_H

// What one row of numbers comes to; inlined into the loops of each instruction set.

#include "clones.h"
#include "vmath.h"

enum { ck_row_block = 1024 };

CK_INLINE float ck_row_max(const float *x, long n) {
    // Sixteen running maxima, because the compiler may not reorder comparisons that a NaN could decide.
    enum { lanes = 16 };
    float lane[lanes], most = x[0];
    long i = 0;
    if (n >= lanes) {
        for (int k = 0; k < lanes; k++) lane[k] = x[k];
        for (i = lanes; i + lanes <= n; i += lanes)
            for (int k = 0; k < lanes; k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
        for (int k = 0; k < lanes; k++) most = lane[k] > most ? lane[k] : most;
    }
    for (; i < n; i++) most = x[i] > most ? x[i] : most;
    return most;
}

/// Blocks in single precision with one partial sum per lane, blocks in double.
CK_INLINE double ck_row_sum(const float *x, long n) {
    CK_FAST
    double total = 0;
    for (long first = 0; first < n; first += ck_row_block) {
        long end = n - first < ck_row_block ? n : first + ck_row_block;
        float part = 0;
        for (long i = first; i < end; i++) part += x[i];
        total += part;
    }
    return total;
}

CK_INLINE double ck_row_dot(const float *a, const float *b, long n) {
    CK_FAST
    double total = 0;
    for (long first = 0; first < n; first += ck_row_block) {
        long end = n - first < ck_row_block ? n : first + ck_row_block;
        float part = 0;
        for (long i = first; i < end; i++) part += a[i] * b[i];
        total += part;
    }
    return total;
}

/// Σ exp(x - most).
CK_INLINE double ck_row_exp_sum(const float *x, float most, long n) {
    CK_FAST
    double total = 0;
    for (long first = 0; first < n; first += ck_row_block) {
        long end = n - first < ck_row_block ? n : first + ck_row_block;
        float part = 0;
        for (long i = first; i < end; i++) part += ck_exp(x[i] - most);
        total += part;
    }
    return total;
}

CK_INLINE float ck_row_log_sum_exp(const float *x, long n) {
    if (n == 0) return -__builtin_inff();
    float most = ck_row_max(x, n);
    if (most == -__builtin_inff()) return most;
    return most + ck_log((float)ck_row_exp_sum(x, most, n));
}

#endif
