#include "ckernels.h"
#include "isa.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

// One job at a time. A worker may touch the job only after it joined, which it can only while the job is open; the
// caller closes the job and then waits for those that joined, never for a thread that the system has not scheduled.

enum { most_threads = 256, spins = 20000 };

static struct {
    ck_task task;
    void *context;
    long count, grain;
    int isa;
    atomic_long cursor;
} job;

// generation << 32 | open << 31 | joined
static _Atomic uint64_t gate;
static const uint64_t open_bit = 1ull << 31;
static atomic_int finished;

static pthread_mutex_t submission = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t sleeping = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static atomic_int wanted, started;
static _Thread_local bool inside;

static inline void rest(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void take_pieces(void) {
    for (;;) {
        long begin = atomic_fetch_add(&job.cursor, job.grain);
        if (begin >= job.count) return;
        long end = begin + job.grain < job.count ? begin + job.grain : job.count;
        job.task(job.context, begin, end);
    }
}

static void *work(void *argument) {
    int number = (int)(intptr_t)argument;
    uint64_t seen = 0;
    inside = true;
    for (;;) {
        uint64_t now = atomic_load(&gate);
        for (int spin = 0; spin < spins && (!(now & open_bit) || now >> 32 == seen); spin++) {
            rest();
            now = atomic_load(&gate);
        }
        if (!(now & open_bit) || now >> 32 == seen || number >= atomic_load(&wanted)) {
            pthread_mutex_lock(&sleeping);
            for (;;) {
                now = atomic_load(&gate);
                if ((now & open_bit) && now >> 32 != seen && number < atomic_load(&wanted)) break;
                pthread_cond_wait(&wake, &sleeping);
            }
            pthread_mutex_unlock(&sleeping);
        }
        while ((now & open_bit) && now >> 32 != seen) {
            if (!atomic_compare_exchange_weak(&gate, &now, now + 1)) continue;
            seen = now >> 32;
            ck_limit_isa(job.isa);
            take_pieces();
            atomic_fetch_add(&finished, 1);
        }
    }
    return NULL;
}

int ck_threads(void) {
    int count = atomic_load(&wanted);
    if (count == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        count = cores < 1 ? 1 : cores > most_threads ? most_threads : (int)cores;
        atomic_store(&wanted, count);
    }
    return count;
}

void ck_set_threads(int count) {
    atomic_store(&wanted, count < 0 ? 0 : count > most_threads ? most_threads : count);
    ck_threads();
}

static void start_workers(int count) {
    while (atomic_load(&started) < count - 1) {
        pthread_t thread;
        int number = atomic_load(&started) + 1;
        if (pthread_create(&thread, NULL, work, (void *)(intptr_t)number) != 0) return;
        pthread_detach(thread);
        atomic_store(&started, number);
    }
}

static void run_inline(long count, long grain, ck_task task, void *context) {
    for (long begin = 0; begin < count; begin += grain)
        task(context, begin, begin + grain < count ? begin + grain : count);
}

void ck_parallel_for(long count, long grain, ck_task task, void *context) {
    if (count <= 0) return;
    if (grain < 1) grain = 1;
    int threads = ck_threads();
    if (threads == 1 || count <= grain || inside || pthread_mutex_trylock(&submission) != 0) {
        run_inline(count, grain, task, context);
        return;
    }
    start_workers(threads);
    inside = true;
    job.task = task;
    job.context = context;
    job.count = count;
    job.grain = grain;
    job.isa = ck_isa_limit();
    atomic_store(&job.cursor, 0);
    atomic_store(&finished, 0);
    uint64_t generation = (atomic_load(&gate) >> 32) + 1;
    pthread_mutex_lock(&sleeping);
    atomic_store(&gate, generation << 32 | open_bit);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&sleeping);

    take_pieces();

    uint64_t closed = atomic_fetch_and(&gate, ~open_bit);
    int joined = (int)(closed & (open_bit - 1));
    for (int spin = 0; atomic_load(&finished) < joined; spin++) {
        if (spin < 20000) rest();
        else usleep(20);
    }
    inside = false;
    pthread_mutex_unlock(&submission);
}
