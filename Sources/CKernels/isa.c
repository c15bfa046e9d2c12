#include "isa.h"

#include <stdatomic.h>

// The limit belongs to a thread, and the pool's threads take over that of the job they join: what one thread tests
// says nothing about the others.
static _Thread_local int limit = 2;

static int machine(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
        return 2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
#endif
    return 0;
}

int ck_isa(void) {
    static atomic_int known = -1;
    int best = atomic_load_explicit(&known, memory_order_relaxed);
    if (best < 0) {
        best = machine();
        atomic_store(&known, best);
    }
    return best < limit ? best : limit;
}

void ck_limit_isa(int level) { limit = level < 0 ? 0 : level; }

int ck_isa_limit(void) { return limit; }
