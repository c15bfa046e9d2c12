#define _GNU_SOURCE
#include "ckernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Freed memory is kept: a training step asks for the same sizes over and over, and fresh pages cost more than the
// arithmetic on them. Small blocks wait in one list per size class (four classes per doubling). Large ones are cut from
// regions of address space and joined again with what is free around them, so that any size finds pages that were used
// before.

enum { smallest_shift = 8, large_shift = 18, classes = 4 * (large_shift - smallest_shift + 1) };
static const size_t page = 4096, largest_region = (size_t)64 << 30;

typedef struct block { struct block *next; } block;

/// Free addresses; the first `resident` bytes of them, about, have pages.
typedef struct {
    char *start;
    size_t bytes, resident;
} range;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *lists[classes];
static range *ranges;
static size_t range_count, range_room;
static ck_memory_state state;
static size_t bound = (size_t)1 << 30;
// Unless a bound was asked for, more is kept as long as all memory together stays near the most that was ever in use at
// the same time: a training step that needs 3 GB should not get fresh pages for most of them in every step.
static bool up_to_peak = true;

static bool is_too_much(void) {
    return state.kept > bound && !(up_to_peak && state.in_use + state.kept <= state.peak + state.peak / 8);
}

// Small blocks.

static size_t class_size(int class) { return ((size_t)4 + class % 4) << (class / 4 + smallest_shift) >> 2; }

static int class_of(size_t bytes) {
    int class = 0;
    while (class_size(class) < bytes) class++;
    return class;
}

// Large blocks. Ranges are in order of their addresses and never touch each other.

/// The number of the first range that starts at `address` or behind it.
static size_t place_of(const char *address) {
    size_t low = 0, high = range_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].start < address) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool make_room(void) {
    if (range_count < range_room) return true;
    size_t room = range_room ? 2 * range_room : 64;
    range *more = realloc(ranges, room * sizeof(range));
    if (!more) return false;
    ranges = more;
    range_room = room;
    return true;
}

static void forget(size_t place) {
    memmove(ranges + place, ranges + place + 1, (--range_count - place) * sizeof(range));
}

/// Adds a free range and joins it with its neighbours; there is room for it.
static void add(range new) {
    size_t place = place_of(new.start);
    if (place < range_count && new.start + new.bytes == ranges[place].start) {
        new.bytes += ranges[place].bytes;
        new.resident += ranges[place].resident;
        forget(place);
    }
    if (place > 0 && ranges[place - 1].start + ranges[place - 1].bytes == new.start) {
        ranges[place - 1].bytes += new.bytes;
        ranges[place - 1].resident += new.resident;
        return;
    }
    memmove(ranges + place + 1, ranges + place, (range_count++ - place) * sizeof(range));
    ranges[place] = new;
}

/// More address space, as much as the system gives; false when there is none.
static bool add_region(size_t bytes) {
    for (size_t size = largest_region; size >= bytes || size == largest_region; size /= 2) {
        size_t wanted = size < bytes ? bytes : size;
        void *start = mmap(
            NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (start == MAP_FAILED) continue;
#ifdef MADV_HUGEPAGE
        madvise(start, wanted, MADV_HUGEPAGE);
#endif
        if (!make_room()) {
            munmap(start, wanted);
            return false;
        }
        add((range){start, wanted, 0});
        return true;
    }
    return false;
}

/// The smallest range that holds `bytes`; `range_count` when there is none.
static size_t best_fit(size_t bytes) {
    size_t best = range_count;
    for (size_t i = 0; i < range_count; i++)
        if (ranges[i].bytes >= bytes && (best == range_count || ranges[i].bytes < ranges[best].bytes)) best = i;
    return best;
}

static void *take_large(size_t bytes) {
    size_t place = best_fit(bytes);
    if (place == range_count) {
        if (!add_region(bytes)) return NULL;
        place = best_fit(bytes);
    }
    range *from = ranges + place;
    char *start = from->start;
    size_t resident = from->resident < bytes ? from->resident : bytes;
    state.kept -= resident;
    *from = (range){start + bytes, from->bytes - bytes, from->resident - resident};
    if (from->bytes == 0) forget(place);
    return start;
}

/// Gives pages of free memory back to the system, large ranges first, until enough is free of them.
static void shrink(void) {
    while (is_too_much()) {
        range *most = NULL;
        for (size_t i = 0; i < range_count; i++)
            if (ranges[i].resident > 0 && (!most || ranges[i].resident > most->resident)) most = ranges + i;
        if (!most) break;
        madvise(most->start, most->bytes, MADV_DONTNEED);
        state.kept -= most->resident;
        most->resident = 0;
    }
    for (int class = classes - 1; class >= 0; class--)
        while (lists[class] && is_too_much()) {
            block *freed = lists[class];
            lists[class] = freed->next;
            state.kept -= class_size(class);
            free(freed);
        }
}

static bool is_large(size_t bytes) { return bytes > (size_t)1 << large_shift; }

static size_t rounded(size_t bytes) {
    return is_large(bytes) ? (bytes + page - 1) / page * page : class_size(class_of(bytes));
}

/// Address space costs nothing, so that no system call says when a block can never have pages.
static bool is_possible(size_t bytes) {
    long pages = sysconf(_SC_PHYS_PAGES);
    return pages < 0 || bytes / page <= (size_t)pages;
}

void *ck_allocate(size_t bytes) {
    if (is_large(bytes) && !is_possible(bytes)) return NULL;
    size_t size = rounded(bytes);
    pthread_mutex_lock(&lock);
    void *found = NULL;
    if (is_large(bytes)) {
        found = take_large(size);
    } else {
        int class = class_of(bytes);
        found = lists[class];
        if (found) {
            lists[class] = lists[class]->next;
            state.kept -= size;
        } else if (posix_memalign(&found, 64, size) != 0) {
            found = NULL;
        }
    }
    if (found) {
        state.in_use += size;
        if (state.in_use > state.peak) state.peak = state.in_use;
        shrink();
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void ck_release(void *pointer, size_t bytes) {
    if (!pointer) return;
    size_t size = rounded(bytes);
    pthread_mutex_lock(&lock);
    state.in_use -= size;
    if (!is_large(bytes)) {
        int class = class_of(bytes);
        block *freed = pointer;
        freed->next = lists[class];
        lists[class] = freed;
        state.kept += size;
    } else if (make_room()) {
        add((range){pointer, size, size});
        state.kept += size;
    } else {
        madvise(pointer, size, MADV_DONTNEED);
    }
    shrink();
    pthread_mutex_unlock(&lock);
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
    shrink();
    pthread_mutex_unlock(&lock);
}
