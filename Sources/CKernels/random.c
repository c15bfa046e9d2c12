#include "random.h"
#include "ckernels.h"
#include "clones.h"
#include "vmath.h"

#define CK_EXACT _Pragma("clang fp contract(off)")

enum { batch = 64 };  // blocks made together

// words[k] holds word k of each of `count` blocks.
CK_INLINE void philox(uint64_t seed, uint64_t stream, uint64_t block, int count, uint32_t words[4][batch]) {
    uint32_t *c0 = words[0], *c1 = words[1], *c2 = words[2], *c3 = words[3];
    for (int i = 0; i < count; i++) {
        uint64_t at = block + (uint64_t)i;
        c0[i] = (uint32_t)at;
        c1[i] = (uint32_t)(at >> 32);
        c2[i] = (uint32_t)stream;
        c3[i] = (uint32_t)(stream >> 32);
    }
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < count; i++) {
            uint64_t p0 = 0xD2511F53ull * c0[i], p1 = 0xCD9E8D57ull * c2[i];
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c1[i] = (uint32_t)p1;
            c3[i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

void ck_random_block(uint64_t seed, uint64_t stream, uint64_t block, uint32_t *words) {
    uint32_t made[4][batch];
    philox(seed, stream, block, 1, made);
    for (int k = 0; k < 4; k++) words[k] = made[k][0];
}

typedef struct {
    uint64_t seed, stream, block;
    float a, b;
    uint32_t threshold;
    const float *x;
    float *y;
} job;

CK_INLINE void put(const float made[4][batch], float *y, long n) {
    if (n == 4 * batch)
        for (long i = 0; i < batch; i++)
            for (long k = 0; k < 4; k++) y[4 * i + k] = made[k][i];
    else
        for (long i = 0; i < n; i++) y[i] = made[i & 3][i >> 2];
}

CK_INLINE float unit(uint32_t word) { return (float)(int32_t)(word >> 8) * 0x1p-24f; }

CK_CLONES static void uniform(const job *j, long begin, long end) {
    CK_EXACT
    float low = j->a, span = j->b - j->a;
    for (long at = begin; at < end; at += 4 * batch) {
        uint32_t words[4][batch];
        float made[4][batch];
        philox(j->seed, j->stream, j->block + (uint64_t)at / 4, batch, words);
        for (int k = 0; k < 4; k++)
            for (int i = 0; i < batch; i++) made[k][i] = low + span * unit(words[k][i]);
        put(made, j->y + at, end - at < 4 * batch ? end - at : 4 * batch);
    }
}

// Only sums, products, quotients and roots, never fused: the same bits everywhere. Good to 1e-11.
CK_INLINE double log_of_unit(uint32_t word) {
    CK_EXACT
    double u = ((double)word + 1) * 0x1p-32;  // (0, 1]
    uint64_t bits;
    memcpy(&bits, &u, sizeof bits);
    int32_t e = (int32_t)(bits >> 52) - 1023;
    bits = (bits & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull;
    double m;
    memcpy(&m, &bits, sizeof m);
    int high = m > 1.4142135623730951;
    m = high ? 0.5 * m : m;
    e += high;
    double z = (m - 1) / (m + 1), s = z * z;
    double p = 1.0 / 13;
    p = p * s + 1.0 / 11;
    p = p * s + 1.0 / 9;
    p = p * s + 1.0 / 7;
    p = p * s + 1.0 / 5;
    p = p * s + 1.0 / 3;
    p = p * s + 1;
    return 2 * z * p + (double)e * 0.6931471805599453;
}

CK_INLINE void turn(uint32_t word, double *cosine, double *sine) {
    CK_EXACT
    double t = (double)word * 0x1p-30;  // quarters of a turn
    int32_t quarter = (int32_t)(t + 0.5);
    double a = (t - quarter) * 1.5707963267948966, s = a * a;
    double sin = 1.0 / 6227020800;
    sin = sin * s - 1.0 / 39916800;
    sin = sin * s + 1.0 / 362880;
    sin = sin * s - 1.0 / 5040;
    sin = sin * s + 1.0 / 120;
    sin = sin * s - 1.0 / 6;
    sin = (sin * s + 1) * a;
    double cos = 1.0 / 479001600;
    cos = cos * s - 1.0 / 3628800;
    cos = cos * s + 1.0 / 40320;
    cos = cos * s - 1.0 / 720;
    cos = cos * s + 1.0 / 24;
    cos = cos * s - 0.5;
    cos = cos * s + 1;
    double x = quarter & 1 ? sin : cos, y = quarter & 1 ? cos : sin;
    *cosine = (quarter + 1) & 2 ? -x : x;
    *sine = quarter & 2 ? -y : y;
}

CK_CLONES static void normal(const job *j, long begin, long end) {
    CK_EXACT
    float mean = j->a, deviation = j->b;
    for (long at = begin; at < end; at += 4 * batch) {
        uint32_t words[4][batch];
        float made[4][batch];
        philox(j->seed, j->stream, j->block + (uint64_t)at / 4, batch, words);
        for (int pair = 0; pair < 4; pair += 2)
            for (int i = 0; i < batch; i++) {
                double radius = __builtin_elementwise_sqrt(-2 * log_of_unit(words[pair][i])), cosine, sine;
                turn(words[pair + 1][i], &cosine, &sine);
                made[pair][i] = mean + deviation * (float)(radius * cosine);
                made[pair + 1][i] = mean + deviation * (float)(radius * sine);
            }
        put(made, j->y + at, end - at < 4 * batch ? end - at : 4 * batch);
    }
}

CK_CLONES static void dropout(const job *j, long begin, long end) {
    for (long at = begin; at < end; at += 4 * batch) {
        uint32_t words[4][batch], threshold = j->threshold;
        float made[4][batch], factor[4 * batch], scale = j->a;
        philox(j->seed, j->stream, j->block + (uint64_t)at / 4, batch, words);
        for (int k = 0; k < 4; k++)
            for (int i = 0; i < batch; i++) made[k][i] = words[k][i] < threshold ? 0.f : scale;
        put(made, factor, 4 * batch);
        long n = end - at < 4 * batch ? end - at : 4 * batch;
        const float *restrict x = j->x + at;
        float *restrict y = j->y + at;
        for (long i = 0; i < n; i++) y[i] = x[i] * factor[i];
    }
}

static void run_uniform(void *context, long begin, long end) { uniform(context, begin, end); }
static void run_normal(void *context, long begin, long end) { normal(context, begin, end); }
static void run_dropout(void *context, long begin, long end) { dropout(context, begin, end); }

void ck_random_uniform(uint64_t seed, uint64_t stream, uint64_t block, float low, float high, float *y, long count) {
    job j = {seed, stream, block, low, high, 0, NULL, y};
    ck_parallel_for(count, ck_grain, run_uniform, &j);
}

void ck_random_normal(
    uint64_t seed, uint64_t stream, uint64_t block, float mean, float deviation, float *y, long count) {
    job j = {seed, stream, block, mean, deviation, 0, NULL, y};
    ck_parallel_for(count, ck_grain, run_normal, &j);
}

void ck_dropout(
    uint64_t seed, uint64_t stream, uint64_t block, uint32_t threshold, float scale, const float *x, float *y,
    long count) {
    job j = {seed, stream, block, scale, 0, threshold, x, y};
    ck_parallel_for(count, ck_grain, run_dropout, &j);
}
