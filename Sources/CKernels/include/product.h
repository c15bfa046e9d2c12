#ifndef CK_PRODUCT_H
#define CK_PRODUCT_H

#include <stdbool.h>

/// How many columns of a matrix are packed together: panel p holds [k][CK_PANEL] numbers, those of the columns
/// CK_PANEL · p ..., zeros beyond the last column.
#define CK_PANEL 32

/// c (+)= a b for m rows and at most CK_PANEL columns, on this thread: a[row · a_row + i · a_step], b[i · b_step +
/// column] with CK_PANEL readable columns, c[row · c_row + column].
void ck_panel_product(
    long m, long columns, long k, const float *_Nonnull a, long a_row, long a_step, const float *_Nonnull b,
    long b_step, float *_Nonnull c, long c_row, bool adding);

/// How many floats the packed form of a matrix with n columns of k numbers takes.
long ck_packed_count(long n, long k);

/// Packs the matrix whose column o has the numbers b[o · column_step + i · k_step]: a weight [n, k] with steps (k, 1),
/// a matrix [k, n] with steps (1, n).
void ck_pack(
    const float *_Nonnull b, long n, long k, long column_step, long k_step, float *_Nonnull packed);

/// One panel of it, of at most CK_PANEL columns, on this thread.
void ck_pack_panel(
    const float *_Nonnull b, long columns, long k, long column_step, long k_step, float *_Nonnull packed);

/// What is done to the sums while they are in the cache: c = f(c + bias) + residual.
typedef struct {
    const float *_Nullable bias;
    /// A `ck_unary_op` of relu, silu, tanh and the GELUs; any other number for none.
    int activation;
    const float *_Nullable residual;
    long residual_row;
} ck_product_finish;

/// c = f(a · packed + bias) + residual for m rows of k numbers, a_row apart, and n columns.
void ck_packed_product(
    long m, long n, long k, const float *_Nonnull a, long a_row, const float *_Nonnull packed,
    const ck_product_finish *_Nonnull finish, float *_Nonnull c, long c_row);

/// The same, bit by bit, with plain matrices: a[row · a_row + i · a_step] is copied where its step is not 1, and
/// b[column · column_step + i · k_step] is packed on the way.
void ck_plain_product(
    long m, long n, long k, const float *_Nonnull a, long a_row, long a_step, const float *_Nonnull b,
    long column_step, long k_step, const ck_product_finish *_Nonnull finish, float *_Nonnull c, long c_row);

#endif
