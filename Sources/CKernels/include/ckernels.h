#ifndef CKERNELS_H
#define CKERNELS_H

// The C loops of Bindery. Everything here is reentrant; the only process-wide resources are the thread pool
// (threads.c) and the memory pool (memory.c).

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Threads (threads.c): one pool for everything.

/// A piece of work: handles the items begin ..< end of a job.
typedef void (*ck_task)(void *_Nullable context, long begin, long end);

/// Runs `task` over 0 ..< count in pieces of `grain` items, on the pool and the calling thread. Pieces are fixed by
/// `count` and `grain` alone, never by the number of threads. Nested and concurrent calls run inline.
void ck_parallel_for(long count, long grain, ck_task _Nonnull task, void *_Nullable context);

/// Sets how many threads work on one job, the caller included; 0 means one per core.
void ck_set_threads(int count);

/// How many threads work on one job.
int ck_threads(void);

// Instruction sets (isa.c): 2 is AVX-512, 1 is AVX2 with FMA, 0 is whatever every machine has.

/// The widest that the micro-kernels use.
int ck_isa(void);

/// Keeps the micro-kernels that this thread starts to `level` and below, to test and measure what narrower machines
/// run.
void ck_limit_isa(int level);

// Memory (memory.c): 64-byte aligned blocks, kept for reuse up to a bound.

/// A block of at least `bytes` bytes, or NULL when the system has none.
void *_Nullable ck_allocate(size_t bytes);

/// Gives back a block that `ck_allocate(bytes)` returned.
void ck_release(void *_Nullable block, size_t bytes);

/// Bytes in use now, the most ever in use, and bytes kept for reuse.
typedef struct {
    size_t in_use, peak, kept;
} ck_memory_state;

ck_memory_state ck_memory(void);

/// Bounds the bytes kept for reuse and frees what is above it. Until this is called, 1 GiB may be kept, and more while
/// all memory together stays below the most that was ever in use.
void ck_memory_keep_at_most(size_t bytes);

// Optimisers (adamw.c).

/// One AdamW step: the rate, the decoupled decay, the betas, epsilon, and the bias corrections 1 − βᵗ.
typedef struct {
    float rate, decay, beta1, beta2, epsilon, correction1, correction2;
} ck_adamw_step;

/// Updates `count` parameters and their two moments in place; the gradient is multiplied by `gradient_scale` first.
/// Returns the sum of the squares of the gradient as it came.
double ck_adamw(
    float *_Nonnull parameter, const float *_Nonnull gradient, float *_Nonnull first, float *_Nonnull second,
    long count, float gradient_scale, ck_adamw_step step);

#ifdef __cplusplus
}
#endif
#endif
