#ifndef CK_ISA_H
#define CK_ISA_H

// Micro-kernels with vector types: a loops header is included once per instruction set, with CK_LANES floats to a
// vector, CK_ROWS rows to a register tile and CK_NAME giving every function a name of its own; a table picked by
// `ck_isa()` leads to the best one that the machine has.

#include "ckernels.h"
#include "clones.h"

/// What `ck_limit_isa` was last told on this thread.
int ck_isa_limit(void);

#define CK_JOIN_(name, suffix) name##_##suffix
#define CK_JOIN(name, suffix) CK_JOIN_(name, suffix)

#endif
