#include "contrast.h"

#include <math.h>
#include <string.h>

#include "isa.h"
#include "product.h"
#include "vmath.h"

// z is made in blocks of `block` rows. Within a block every group of `group` columns is one piece of work, which owns
// its columns: sums over columns are taken in order of the blocks, whatever the number of threads.

enum { block = 448, group = 256, row_piece = 56, depth = 1024 };

typedef struct {
    const ck_contrast *c;
    long width, z_row, a_row, first, count, groups, panels;
    float *a;              // the block's rows, [count, a_row]
    float *packed_b;       // as columns of z
    float *columns_a, *columns_b;  // as columns of da and db: panels of [rows][CK_PANEL]
    float *z;              // the block of z, [count, z_row]
    double *row_partial;   // [groups, count]: log Σ exp of a row over a group
    double *column_total;  // [rows]
    double *sums;          // [groups]
    float factor;
    float *da, *db;
} job;

static long extent(const job *j, long index) {
    long first = index * group;
    return j->c->rows - first < group ? j->c->rows - first : group;
}

/// z of one group of columns.
static void make_tile(const job *j, long index) {
    long first = index * group, columns = extent(j, index);
    for (long column = 0; column < columns; column += CK_PANEL) {
        long few = columns - column < CK_PANEL ? columns - column : CK_PANEL;
        ck_panel_product(
            j->count, few, j->width, j->a, j->a_row, 1,
            j->packed_b + (first + column) * j->width, CK_PANEL, j->z + first + column, j->z_row, false);
    }
}

CK_CLONES static float scale_row(float *z, long count, float scale, float bias) {
    float lane[16], most = -__builtin_inff();
    for (int k = 0; k < 16; k++) lane[k] = most;
    long i = 0;
    for (; i + 16 <= count; i += 16)
        for (int k = 0; k < 16; k++) {
            float v = z[i + k] * scale + bias;
            z[i + k] = v;
            lane[k] = v > lane[k] ? v : lane[k];
        }
    for (int k = 0; k < 16; k++) most = lane[k] > most ? lane[k] : most;
    for (; i < count; i++) {
        z[i] = z[i] * scale + bias;
        most = z[i] > most ? z[i] : most;
    }
    return most;
}

/// Σ exp(z - most), and adds share · exp(z - most) to the columns.
CK_CLONES static float exp_row(const float *z, long count, float most, float share, float *restrict columns) {
    CK_FAST
    float sum = 0;
    for (long i = 0; i < count; i++) {
        float e = ck_exp(z[i] - most);
        sum += e;
        columns[i] += share * e;
    }
    return sum;
}

static double log_add(double a, double b) {
    double most = a > b ? a : b, least = a > b ? b : a;
    return most == -INFINITY ? most : most + log1p(exp(least - most));
}

static void run_sums(void *context, long begin, long end) {
    const job *j = context;
    for (long index = begin; index < end; index++) {
        make_tile(j, index);
        long first = index * group, columns = extent(j, index);
        float most[block], top = -__builtin_inff(), totals[group] = {0};
        for (long r = 0; r < j->count; r++) {
            most[r] = scale_row(j->z + r * j->z_row + first, columns, j->c->scale, j->c->bias);
            top = most[r] > top ? most[r] : top;
        }
        for (long r = 0; r < j->count; r++) {
            float sum = exp_row(j->z + r * j->z_row + first, columns, most[r], ck_exp(most[r] - top), totals);
            j->row_partial[index * block + r] = (double)most[r] + log((double)sum);
        }
        for (long i = 0; i < columns; i++) {
            double part = (double)top + log((double)totals[i]);
            if (!(totals[i] > 1e-25f)) {  // far below the top of the tile: this column alone
                const float *z = j->z + first + i;
                float highest = -__builtin_inff();
                double sum = 0;
                for (long r = 0; r < j->count; r++) highest = z[r * j->z_row] > highest ? z[r * j->z_row] : highest;
                for (long r = 0; r < j->count; r++) sum += exp((double)z[r * j->z_row] - (double)highest);
                part = (double)highest + log(sum);
            }
            double *total = j->column_total + first + i;
            *total = j->first > 0 ? log_add(*total, part) : part;
        }
    }
}

CK_CLONES static float sigmoid_row(float *z, long count, float scale, float bias) {
    CK_FAST
    float sum = 0;
    for (long i = 0; i < count; i++) {
        float v = z[i] * scale + bias;
        z[i] = v;
        sum += ck_softplus(v);
    }
    return sum;
}

static void run_sigmoid_sums(void *context, long begin, long end) {
    const job *j = context;
    for (long index = begin; index < end; index++) {
        make_tile(j, index);
        long first = index * group, columns = extent(j, index);
        double sum = 0;
        for (long r = 0; r < j->count; r++) {
            float *z = j->z + r * j->z_row;
            sum += (double)sigmoid_row(z + first, columns, j->c->scale, j->c->bias);
            // log(1 + exp(-z)) = log(1 + exp z) - z for the partner.
            long partner = j->first + r;
            if (partner >= first && partner < first + columns) sum -= (double)z[partner];
        }
        j->sums[index] += sum;
    }
}

// Backward.

CK_CLONES static void scale_all(float *x, long count, float factor) {
    for (long i = 0; i < count; i++) x[i] *= factor;
}

CK_CLONES static void infonce_row(
    float *restrict z, long count, float row_sum, const float *restrict column_sums, float factor) {
    for (long i = 0; i < count; i++)
        z[i] = factor * (ck_exp(z[i] - row_sum) + ck_exp(z[i] - column_sums[i]));
}

CK_CLONES static float sigmoid_slope_row(float *z, long count, float factor) {
    CK_FAST
    float sum = 0;
    for (long i = 0; i < count; i++) {
        float v = factor * ck_sigmoid(z[i]);
        z[i] = v;
        sum += v;
    }
    return sum;
}

CK_CLONES static void affine_row(float *z, long count, float scale, float bias) {
    for (long i = 0; i < count; i++) z[i] = z[i] * scale + bias;
}

/// dz in place of z, and what it means for the columns' own rows of b.
static void run_slopes(void *context, long begin, long end) {
    const job *j = context;
    const ck_contrast *c = j->c;
    for (long index = begin; index < end; index++) {
        long first = index * group, columns = extent(j, index);
        if (!c->kept) make_tile(j, index);
        double sum = 0;
        for (long r = 0; r < j->count; r++) {
            float *z = j->z + r * j->z_row + first;
            long partner = j->first + r - first;
            if (!c->kept) affine_row(z, columns, c->scale, c->bias);
            if (c->loss == ck_symmetric_infonce) {
                infonce_row(z, columns, c->row_sums[j->first + r], c->column_sums + first, j->factor);
                if (partner >= 0 && partner < columns) z[partner] -= 2 * j->factor;
            } else {
                sum += (double)sigmoid_slope_row(z, columns, j->factor);
                if (partner >= 0 && partner < columns) {
                    z[partner] -= j->factor;
                    sum -= (double)j->factor;
                }
            }
        }
        j->sums[index] += sum;
        for (long p = 0; p < j->panels; p++) {
            long column = p * CK_PANEL, few = j->width - column < CK_PANEL ? j->width - column : CK_PANEL;
            ck_panel_product(
                columns, few, j->count, j->z + first, 1, j->z_row,
                j->columns_a + (p * c->rows + j->first) * CK_PANEL, CK_PANEL, j->db + first * j->width + column,
                j->width, j->first > 0);
        }
    }
}

/// da = dz b for some rows and one panel of columns.
static void run_rows(void *context, long begin, long end) {
    const job *j = context;
    for (long item = begin; item < end; item++) {
        long p = item % j->panels, row = item / j->panels * row_piece;
        long rows = j->count - row < row_piece ? j->count - row : row_piece;
        long column = p * CK_PANEL, few = j->width - column < CK_PANEL ? j->width - column : CK_PANEL;
        for (long k = 0; k < j->c->rows; k += depth) {
            long count = j->c->rows - k < depth ? j->c->rows - k : depth;
            ck_panel_product(
                rows, few, count, j->z + row * j->z_row + k, j->z_row, 1,
                j->columns_b + (p * j->c->rows + k) * CK_PANEL, CK_PANEL,
                j->da + (j->first + row) * j->width + column, j->width, k > 0);
        }
    }
}

static long tight_row(long count) { return (count + 15) / 16 * 16 + 16; }

long ck_contrast_kept_count(long rows) { return rows * tight_row(rows); }

// One allocation for everything that a pass needs besides its inputs.

typedef struct {
    void *memory;
    size_t bytes;
} room;

static room open_room(job *j, bool is_backward) {
    const ck_contrast *c = j->c;
    long most = c->rows < block ? c->rows : block;
    j->width = c->width;
    j->a_row = tight_row(c->width);
    j->z_row = tight_row(c->rows);
    j->groups = (c->rows + group - 1) / group;
    j->panels = (c->width + CK_PANEL - 1) / CK_PANEL;
    long doubles = j->groups * block + c->rows + j->groups;
    bool makes_z = !is_backward || !c->kept;
    long a = most * j->a_row, z = c->kept ? 0 : most * j->z_row;
    long packed = makes_z ? ck_packed_count(c->rows, c->width) : 0;
    long columns = is_backward ? ck_packed_count(c->width, c->rows) : 0;
    size_t bytes = (size_t)(2 * doubles + a + z + packed + 2 * columns) * sizeof(float);
    room r = {ck_allocate(bytes), bytes};
    j->row_partial = r.memory;
    j->column_total = j->row_partial + j->groups * block;
    j->sums = j->column_total + c->rows;
    j->a = (float *)(j->sums + j->groups);
    j->z = j->a + a;
    j->packed_b = j->z + z;
    j->columns_a = j->packed_b + packed;
    j->columns_b = j->columns_a + columns;
    for (long i = 0; i < j->groups; i++) j->sums[i] = 0;
    if (makes_z) ck_pack(c->b, c->rows, c->width, c->width, 1, j->packed_b);
    if (is_backward) {
        ck_pack(c->a, c->width, c->rows, 1, c->width, j->columns_a);
        ck_pack(c->b, c->width, c->rows, 1, c->width, j->columns_b);
    }
    return r;
}

/// Moves on to the block that begins at `first`.
static void open_block(job *j, long first) {
    const ck_contrast *c = j->c;
    j->first = first;
    j->count = c->rows - first < block ? c->rows - first : block;
    if (c->kept) j->z = c->kept + first * j->z_row;
    for (long r = 0; r < j->count; r++)
        memcpy(j->a + r * j->a_row, c->a + (first + r) * c->width, (size_t)c->width * sizeof(float));
}

static double sum_of(const double *values, long count) {
    double sum = 0;
    for (long i = 0; i < count; i++) sum += values[i];
    return sum;
}

double ck_contrast_forward(const ck_contrast *c) {
    if (c->rows == 0) return 0;
    job j = {.c = c};
    room r = open_room(&j, false);
    double loss = 0;
    for (long first = 0; first < c->rows; first += block) {
        open_block(&j, first);
        if (c->loss == ck_pairwise_sigmoid) {
            ck_parallel_for(j.groups, 1, run_sigmoid_sums, &j);
            continue;
        }
        ck_parallel_for(j.groups, 1, run_sums, &j);
        for (long i = 0; i < j.count; i++) {
            double total = j.row_partial[i];
            for (long g = 1; g < j.groups; g++) total = log_add(total, j.row_partial[g * block + i]);
            c->row_sums[first + i] = (float)total;
            loss += total - 2 * (double)j.z[i * j.z_row + first + i];
        }
    }
    if (c->loss == ck_pairwise_sigmoid) loss = sum_of(j.sums, j.groups) / (double)c->rows;
    else {
        for (long i = 0; i < c->rows; i++) c->column_sums[i] = (float)j.column_total[i];
        loss = (loss + sum_of(j.column_total, c->rows)) / (2 * (double)c->rows);
    }
    ck_release(r.memory, r.bytes);
    return loss;
}

double ck_contrast_backward(const ck_contrast *c, float g, float *da, float *db) {
    if (c->rows == 0) return 0;
    job j = {.c = c, .da = da, .db = db};
    j.factor = c->loss == ck_symmetric_infonce ? g / (2 * (float)c->rows) : g / (float)c->rows;
    room r = open_room(&j, true);
    for (long first = 0; first < c->rows; first += block) {
        open_block(&j, first);
        ck_parallel_for(j.groups, 1, run_slopes, &j);
        ck_parallel_for((j.count + row_piece - 1) / row_piece * j.panels, 4, run_rows, &j);
    }
    double bias = sum_of(j.sums, j.groups);
    ck_release(r.memory, r.bytes);
    long count = c->rows * c->width;
    scale_all(da, count, c->scale);
    scale_all(db, count, c->scale);
    return bias;
}
