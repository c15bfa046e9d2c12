// The register tile of a matrix product; included by product.c once per instruction set.

typedef float CK_NAME(lane) __attribute__((ext_vector_type(CK_LANES), aligned(4)));

/// c (+)= a b for `rows` rows and 2 · CK_LANES columns.
CK_INLINE void CK_NAME(tile)(
    const int rows, long k, const float *a, long a_row, long a_step, const float *b, long b_step, float *c,
    long c_row, bool adding) {
    CK_NAME(lane) left[CK_ROWS], right[CK_ROWS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) left[r] = right[r] = 0;
    for (long i = 0; i < k; i++) {
        CK_NAME(lane) b0 = *(const CK_NAME(lane) *)b, b1 = *(const CK_NAME(lane) *)(b + CK_LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            CK_NAME(lane) x = a[r * a_row];
            left[r] += x * b0;
            right[r] += x * b1;
        }
        __builtin_prefetch(b + 32 * b_step);
        __builtin_prefetch(b + 32 * b_step + CK_LANES);
        a += a_step;
        b += b_step;
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        CK_NAME(lane) *target = (CK_NAME(lane) *)(c + r * c_row);
        CK_NAME(lane) *next = (CK_NAME(lane) *)(c + r * c_row + CK_LANES);
        *target = adding ? *target + left[r] : left[r];
        *next = adding ? *next + right[r] : right[r];
    }
}

static void CK_NAME(rows)(
    long rows, long k, const float *a, long a_row, long a_step, const float *b, long b_step, float *c, long c_row,
    bool adding) {
    switch (rows) {
#define CASE(n)                                                                                                  \
    case n:                                                                                                      \
        CK_NAME(tile)(n, k, a, a_row, a_step, b, b_step, c, c_row, adding);                                      \
        break;
        CASE(1) CASE(2) CASE(3) CASE(4)
#if CK_ROWS > 4
        CASE(5) CASE(6)
#endif
#if CK_ROWS > 6
        CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#endif
#undef CASE
    }
}

static void CK_NAME(panel)(
    long m, long columns, long k, const float *a, long a_row, long a_step, const float *b, long b_step, float *c,
    long c_row, bool adding) {
    long blocks = (m + CK_ROWS - 1) / CK_ROWS;
    for (long block = 0; block < blocks; block++) {
        long first = m * block / blocks, rows = m * (block + 1) / blocks - first;
        for (long column = 0; column < columns; column += 2 * CK_LANES) {
            const float *x = a + first * a_row;
            float *y = c + first * c_row + column;
            if (columns - column >= 2 * CK_LANES) {
                CK_NAME(rows)(rows, k, x, a_row, a_step, b + column, b_step, y, c_row, adding);
                continue;
            }
            float part[CK_ROWS * 2 * CK_LANES];
            CK_NAME(rows)(rows, k, x, a_row, a_step, b + column, b_step, part, 2 * CK_LANES, false);
            for (long r = 0; r < rows; r++)
                for (long i = 0; i < columns - column; i++) {
                    float *target = y + r * c_row + i;
                    *target = (adding ? *target : 0) + part[r * 2 * CK_LANES + i];
                }
        }
    }
}

// c = f(c + bias) + residual; a residual or bias that is absent is zeros.
CK_INLINE void CK_NAME(finish_columns)(
    float *restrict c, long c_row, long rows, const long columns, const float *restrict bias, int activation,
    const float *restrict residual, long residual_row) {
#define APPLY(value)                                                                                             \
    for (long r = 0; r < rows; r++) {                                                                            \
        float *y = c + r * c_row;                                                                                \
        const float *z = residual + r * residual_row;                                                            \
        for (long i = 0; i < columns; i++) {                                                                     \
            float v = y[i] + bias[i];                                                                            \
            y[i] = (value) + z[i];                                                                               \
        }                                                                                                        \
    }
    switch (activation) {
    case ck_unary_relu: APPLY(v < 0.f ? 0.f : v) break;
    case ck_unary_gelu_erf: APPLY(ck_gelu(v)) break;
    case ck_unary_gelu_tanh: APPLY(v * ck_sigmoid(1.59576912f * (v + 0.044715f * v * v * v))) break;
    case ck_unary_gelu_quick: APPLY(v * ck_sigmoid(1.702f * v)) break;
    case ck_unary_silu: APPLY(v * ck_sigmoid(v)) break;
    case ck_unary_tanh: APPLY(ck_tanh(v)) break;
    default: APPLY(v)
    }
#undef APPLY
}

static void CK_NAME(finish)(
    float *c, long c_row, long rows, long columns, const float *bias, int activation, const float *residual,
    long residual_row) {
    static const float zeros[CK_PANEL];
    if (!bias && !residual && activation < 0) return;
    if (!bias) bias = zeros;
    if (!residual) {
        residual = zeros;
        residual_row = 0;
    }
    if (columns == CK_PANEL)
        CK_NAME(finish_columns)(c, c_row, rows, CK_PANEL, bias, activation, residual, residual_row);
    else
        CK_NAME(finish_columns)(c, c_row, rows, columns, bias, activation, residual, residual_row);
}
