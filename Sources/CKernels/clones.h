#ifndef CK_CLONES_H
#define CK_CLONES_H

// A plain loop marked CK_CLONES is compiled for AVX-512, AVX2 and the baseline; the loader picks at start-up.
#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif

// Sums may be reordered and products contracted inside the function, so that reductions vectorise.
#define CK_FAST _Pragma("clang fp reassociate(on) contract(fast)")

// How many floats one piece of parallel work holds: enough to hide the hand-over, little enough to share well.
enum { ck_grain = 32768 };

/// How many items of `size` floats make one piece.
static inline long ck_grain_for(long size) { return size >= ck_grain ? 1 : ck_grain / (size < 1 ? 1 : size); }

#endif
