// The register tile of a convolution to few channels; included by narrow.c once per instruction set and width.

typedef float CK_NAME(lane) __attribute__((ext_vector_type(CK_LANES), aligned(4)));

/// c = Σ a b over `runs` runs of k numbers, `run_step` apart in a, for `rows` rows and CK_LANES columns.
CK_INLINE void CK_NAME(tile)(
    const int rows, const long a_row, long runs, long run_step, long k, const float *a, long a_step, const float *b,
    long b_step, float *c, long c_row) {
    CK_NAME(lane) sums[CK_ROWS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] = 0;
    for (long run = 0; run < runs; run++) {
        const float *x = a + run * run_step;
        for (long i = 0; i < k; i++) {
            CK_NAME(lane) weights = *(const CK_NAME(lane) *)b;
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) sums[r] += (CK_NAME(lane))x[r * a_row] * weights;
            x += a_step;
            b += b_step;
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) *(CK_NAME(lane) *)(c + r * c_row) = sums[r];
}

/// The same for m rows, of which c holds whole tiles; a is readable that far, too.
static void CK_NAME(tiles)(
    long m, long a_row, long runs, long run_step, long k, const float *a, long a_step, const float *b, long b_step,
    float *c, long c_row) {
    static const int heights[] = {CK_ROWS, CK_ROWS * 6 / 7, CK_ROWS / 2, 4};
    int height = heights[0];
    for (int i = 1; i < 4; i++)
        if ((m + heights[i] - 1) / heights[i] * heights[i] < (m + height - 1) / height * height) height = heights[i];
    for (long first = 0; first < m; first += height) {
        const float *x = a + first * a_row;
        float *y = c + first * c_row;
        // Rows at known distances need no address of their own.
#define CASE(rows, step)                                                                                         \
    if (height == (rows) && a_row == (step)) {                                                                   \
        CK_NAME(tile)(rows, step, runs, run_step, k, x, a_step, b, b_step, y, c_row);                            \
        continue;                                                                                                \
    }
#define CASES(step) CASE(CK_ROWS, step) CASE(CK_ROWS * 6 / 7, step) CASE(CK_ROWS / 2, step) CASE(4, step)
        CASES(1) CASES(8) CASES(16) CASES(32) CASES(a_row)
#undef CASES
#undef CASE
    }
}
