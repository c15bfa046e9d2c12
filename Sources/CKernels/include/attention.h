#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

/// Where an operand of attention lies: floats from one entry of the batch to the next, from head to head, and from row
/// to row; the numbers of a row follow each other.
typedef struct {
    long batch, head, row;
} ck_attention_steps;

/// softmax(scale · q kᵀ + mask) v for every head of every entry of a batch.
typedef struct {
    long batch, heads, rows, columns, width, value_width;
    const float *_Nonnull q;
    const float *_Nonnull k;
    const float *_Nonnull v;
    ck_attention_steps q_steps, k_steps, v_steps;
    /// Added to the scores; steps may be 0 where it is the same.
    const float *_Nullable mask;
    ck_attention_steps mask_steps;
    float scale;
    /// Row t sees the columns 0 ... t + columns - rows only.
    int causal;
    float *_Nonnull y;
    ck_attention_steps y_steps;
} ck_attention;

/// Rows in blocks whose scores stay in the cache; a row that is masked altogether gives zeros.
void ck_attend(const ck_attention *_Nonnull attention);

#endif
