#ifndef CK_CONTRAST_H
#define CK_CONTRAST_H

#include <stdbool.h>

// Losses over all pairs of rows of a and b, [rows, width] each, with zᵢⱼ = scale · aᵢ·bⱼ + bias, tile by tile: the
// rows × rows matrix is never stored, unless its owner has room for it.

/// Which loss: symmetric InfoNCE, Σᵢ (log Σⱼ exp zᵢⱼ + log Σⱼ exp zⱼᵢ - 2 zᵢᵢ) / (2 rows), or the pairwise sigmoid
/// loss, Σᵢⱼ log(1 + exp(-yᵢⱼ zᵢⱼ)) / rows with y = 1 for i = j and -1 elsewhere.
typedef enum { ck_symmetric_infonce, ck_pairwise_sigmoid } ck_contrast_loss;

typedef struct {
    ck_contrast_loss loss;
    long rows, width;
    const float *_Nonnull a;
    const float *_Nonnull b;
    float scale, bias;
    /// `ck_contrast_kept_count(rows)` floats where forward keeps z for backward, which spends them; NULL to compute it
    /// again.
    float *_Nullable kept;
    /// log Σ exp of every row and of every column of z; forward writes them for InfoNCE.
    float *_Nonnull row_sums;
    float *_Nonnull column_sums;
} ck_contrast;

/// How many floats all of z takes.
long ck_contrast_kept_count(long rows);

/// The loss.
double ck_contrast_forward(const ck_contrast *_Nonnull c);

/// da and db are `g` times the gradients; returns that of the bias. That of the scale is Σ a · da / scale.
double ck_contrast_backward(const ck_contrast *_Nonnull c, float g, float *_Nonnull da, float *_Nonnull db);

#endif
