#define _GNU_SOURCE
#include "ckernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

// Freed blocks wait in one list per size class (four classes per doubling) until the same class is asked for again:
// a training step asks for the same sizes over and over, and fresh pages cost more than the arithmetic on them.

enum { classes = 4 * 48, smallest_shift = 8 };
static const size_t huge_page = (size_t)2 << 20;

typedef struct block { struct block *next; } block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *lists[classes];
static ck_memory_state state;
static size_t bound = (size_t)1 << 30;
// Unless a bound was asked for, more is kept as long as no more memory is taken than was once in use at the same time:
// a training step that needs 3 GB should not get fresh pages for most of them in every step.
static bool up_to_peak = true;

/// Frees kept blocks, large ones first, until `bound` holds or all memory together is at most `total`.
static void shrink(size_t total) {
    for (int class = classes - 1; class >= 0; class--) {
        size_t size = ((size_t)4 + class % 4) << (class / 4 + smallest_shift) >> 2;
        while (lists[class] && state.kept > bound && state.in_use + state.kept > total) {
            block *freed = lists[class];
            lists[class] = freed->next;
            state.kept -= size;
            free(freed);
        }
    }
}

static int class_of(size_t bytes, size_t *rounded) {
    int shift = smallest_shift;
    while (shift < 62 && ((size_t)2 << shift) <= bytes) shift++;
    for (int quarter = 0; quarter < 4; quarter++) {
        size_t size = ((size_t)4 + quarter) << shift >> 2;
        if (size >= bytes) {
            *rounded = size;
            return (shift - smallest_shift) * 4 + quarter;
        }
    }
    *rounded = (size_t)2 << shift;
    return (shift + 1 - smallest_shift) * 4;
}

void *ck_allocate(size_t bytes) {
    size_t size;
    int class = class_of(bytes, &size);
    if (class >= classes) return NULL;
    pthread_mutex_lock(&lock);
    block *found = lists[class];
    if (found) {
        lists[class] = found->next;
        state.kept -= size;
    }
    state.in_use += size;
    if (state.in_use > state.peak) state.peak = state.in_use;
    if (!found && up_to_peak) shrink(state.peak);
    pthread_mutex_unlock(&lock);
    if (found) return found;

    void *fresh = NULL;
    size_t alignment = size >= huge_page ? huge_page : 64;
    if (posix_memalign(&fresh, alignment, size) != 0) {
        pthread_mutex_lock(&lock);
        state.in_use -= size;
        pthread_mutex_unlock(&lock);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    if (size >= huge_page) madvise(fresh, size, MADV_HUGEPAGE);
#endif
    return fresh;
}

void ck_release(void *pointer, size_t bytes) {
    if (!pointer) return;
    size_t size;
    int class = class_of(bytes, &size);
    pthread_mutex_lock(&lock);
    state.in_use -= size;
    bool keep = state.kept + size <= bound || (up_to_peak && state.in_use + state.kept + size <= state.peak);
    if (keep) {
        block *freed = pointer;
        freed->next = lists[class];
        lists[class] = freed;
        state.kept += size;
    }
    pthread_mutex_unlock(&lock);
    if (!keep) free(pointer);
}

ck_memory_state ck_memory(void) {
    pthread_mutex_lock(&lock);
    ck_memory_state now = state;
    pthread_mutex_unlock(&lock);
    return now;
}

void ck_memory_keep_at_most(size_t bytes) {
    pthread_mutex_lock(&lock);
    bound = bytes;
    up_to_peak = false;
    shrink(0);
    pthread_mutex_unlock(&lock);
}
