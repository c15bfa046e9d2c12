// Winograd's transforms of tiles; included by winograd.c once per instruction set. Every function works on CK_LANES
// neighbouring channels at a time; the two directions of a tile are transformed one after the other.

typedef float CK_NAME(lane) __attribute__((ext_vector_type(CK_LANES), aligned(4)));

// Bᵀ: 4 or 6 inputs.
CK_INLINE void CK_NAME(input)(const int tile, CK_NAME(lane) *v, const int step) {
    if (tile == 2) {
        CK_NAME(lane) a = v[0], b = v[step], c = v[2 * step], d = v[3 * step];
        v[0] = a - c;
        v[step] = b + c;
        v[2 * step] = c - b;
        v[3 * step] = b - d;
    } else {
        CK_NAME(lane) a = v[0], b = v[step], c = v[2 * step], d = v[3 * step], e = v[4 * step], f = v[5 * step];
        CK_NAME(lane) p = e - 4.f * c, q = d - 4.f * b, r = e - c, s = 2.f * (d - b);
        v[0] = 4.f * a - 5.f * c + e;
        v[step] = p + q;
        v[2 * step] = p - q;
        v[3 * step] = r + s;
        v[4 * step] = r - s;
        v[5 * step] = 4.f * b - 5.f * d + f;
    }
}

// Aᵀ: 4 inputs to 2 results or 6 to 4, written over the first.
CK_INLINE void CK_NAME(output)(const int tile, CK_NAME(lane) *v, const int step) {
    CK_NAME(lane) b = v[step], c = v[2 * step];
    if (tile == 2) {
        CK_NAME(lane) d = v[3 * step];
        v[0] = v[0] + b + c;
        v[step] = b - c - d;
    } else {
        CK_NAME(lane) d = v[3 * step], e = v[4 * step], f = v[5 * step];
        CK_NAME(lane) p = b + c, q = b - c, r = d + e, s = d - e;
        v[0] = v[0] + p + r;
        v[step] = q + 2.f * s;
        v[2 * step] = p + 4.f * r;
        v[3 * step] = q + 8.f * s + f;
    }
}

// A: 2 gradients to 4 or 4 to 6.
CK_INLINE void CK_NAME(spread)(const int tile, CK_NAME(lane) *v, const int step) {
    CK_NAME(lane) a = v[0], b = v[step];
    if (tile == 2) {
        v[step] = a + b;
        v[2 * step] = a - b;
        v[3 * step] = -b;
    } else {
        CK_NAME(lane) c = v[2 * step], d = v[3 * step];
        CK_NAME(lane) p = a + c, q = b + d, r = a + 4.f * c, s = 2.f * b + 8.f * d;
        v[step] = p + q;
        v[2 * step] = p - q;
        v[3 * step] = r + s;
        v[4 * step] = r - s;
        v[5 * step] = d;
    }
}

// G: 3 weights to 4 or 6.
CK_INLINE void CK_NAME(weigh)(const int tile, CK_NAME(lane) *v, const int step) {
    CK_NAME(lane) a = v[0], b = v[step], c = v[2 * step];
    if (tile == 2) {
        CK_NAME(lane) even = 0.5f * (a + c), odd = 0.5f * b;
        v[step] = even + odd;
        v[2 * step] = even - odd;
        v[3 * step] = c;
    } else {
        CK_NAME(lane) even = (-1.f / 6) * (a + c), odd = (-1.f / 6) * b;
        CK_NAME(lane) far = (1.f / 24) * a + (1.f / 6) * c, side = (1.f / 12) * b;
        v[0] = 0.25f * a;
        v[step] = even + odd;
        v[2 * step] = even - odd;
        v[3 * step] = far + side;
        v[4 * step] = far - side;
        v[5 * step] = c;
    }
}

// Gᵀ: 4 or 6 to 3 gradients of weights.
CK_INLINE void CK_NAME(unweigh)(const int tile, CK_NAME(lane) *v, const int step) {
    CK_NAME(lane) b = v[step], c = v[2 * step], d = v[3 * step];
    if (tile == 2) {
        CK_NAME(lane) even = 0.5f * (b + c);
        v[0] = v[0] + even;
        v[step] = 0.5f * (b - c);
        v[2 * step] = even + d;
    } else {
        CK_NAME(lane) e = v[4 * step], f = v[5 * step];
        CK_NAME(lane) near = (-1.f / 6) * (b + c), far = d + e;
        v[0] = 0.25f * v[0] + near + (1.f / 24) * far;
        v[step] = (-1.f / 6) * (b - c) + (1.f / 12) * (d - e);
        v[2 * step] = near + (1.f / 6) * far + f;
    }
}

CK_INLINE CK_NAME(lane) CK_NAME(load)(const float *p, const long count) {
    if (count >= CK_LANES) return *(const CK_NAME(lane) *)p;
    CK_NAME(lane) v = 0;
    __builtin_memcpy(&v, p, (size_t)count * sizeof(float));
    return v;
}

CK_INLINE void CK_NAME(store)(float *p, CK_NAME(lane) v, const long count) {
    if (count >= CK_LANES) *(CK_NAME(lane) *)p = v;
    else __builtin_memcpy(p, &v, (size_t)count * sizeof(float));
}

// A patch of y_count × x_count places around a tile; places outside the picture are zero.
CK_INLINE void CK_NAME(read_patch)(
    const patch *p, const int rows, const int columns, const int step, long channel, const long count,
    CK_NAME(lane) *v) {
    const float *corner = p->corner + channel;
    if (p->inside) {
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++)
                v[y * step + x] = CK_NAME(load)(corner + y * p->row + x * p->column, count);
        return;
    }
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            bool there = y >= p->top && y < p->bottom && x >= p->left && x < p->right;
            v[y * step + x] = there ? CK_NAME(load)(corner + y * p->row + x * p->column, count) : 0;
        }
}

CK_INLINE void CK_NAME(input_tile)(
    const int ty, const int tx, const patch *p, long channel, const long count, float *target, long step) {
    CK_NAME(lane) v[36];
    const int rows = ty + 2, columns = tx + 2;
    CK_NAME(read_patch)(p, rows, columns, columns, channel, count, v);
    for (int x = 0; x < columns; x++) CK_NAME(input)(ty, v + x, columns);
    for (int y = 0; y < rows; y++) CK_NAME(input)(tx, v + y * columns, 1);
    for (int i = 0; i < rows * columns; i++) CK_NAME(store)(target + i * step + channel, v[i], count);
}

CK_INLINE void CK_NAME(gradient_tile)(
    const int ty, const int tx, const patch *p, long channel, const long count, float *target, long step) {
    CK_NAME(lane) v[36];
    const int rows = ty + 2, columns = tx + 2;
    CK_NAME(read_patch)(p, ty, tx, columns, channel, count, v);
    for (int x = 0; x < tx; x++) CK_NAME(spread)(ty, v + x, columns);
    for (int y = 0; y < rows; y++) CK_NAME(spread)(tx, v + y * columns, 1);
    for (int i = 0; i < rows * columns; i++) CK_NAME(store)(target + i * step + channel, v[i], count);
}

CK_INLINE void CK_NAME(output_tile)(
    const int ty, const int tx, const float *source, long step, const finish *f, const patch *p, long channel,
    const long count) {
    CK_NAME(lane) v[36];
    const int rows = ty + 2, columns = tx + 2;
    for (int i = 0; i < rows * columns; i++) v[i] = *(const CK_NAME(lane) *)(source + i * step);
    for (int x = 0; x < columns; x++) CK_NAME(output)(ty, v + x, columns);
    for (int y = 0; y < ty; y++) CK_NAME(output)(tx, v + y * columns, 1);
    CK_NAME(lane) bias = 0;
    if (f->bias) bias = CK_NAME(load)(f->bias + channel, count);
    for (int y = 0; y < ty; y++)
        for (int x = 0; x < tx; x++) {
            CK_NAME(lane) value = v[y * columns + x] + bias;
            if (f->rectified) value = value < 0 ? 0 : value;
            v[y * columns + x] = value;
        }
    float *corner = f->y + p->target + channel;
    if (f->pooled) {
        for (int y = 0; y < ty && y + 1 < p->bottom; y += 2)
            for (int x = 0; x < tx && x + 1 < p->right; x += 2) {
                CK_NAME(lane) *w = v + y * columns + x;
                CK_NAME(store)(
                    corner + y / 2 * f->row + x / 2 * f->column,
                    0.25f * (w[0] + w[1] + (w[columns] + w[columns + 1])), count);
            }
        return;
    }
    for (int y = 0; y < ty; y++)
        for (int x = 0; x < tx; x++)
            if (y < p->bottom && x < p->right)
                CK_NAME(store)(corner + y * f->row + x * f->column, v[y * columns + x], count);
}

// Each over all channels of one tile.

#define EACH_TILE(use)                                                                                           \
    if (ty == 4 && tx == 4) { use(4, 4) }                                                                        \
    else if (ty == 4) { use(4, 2) }                                                                              \
    else if (tx == 4) { use(2, 4) }                                                                              \
    else { use(2, 2) }

static void CK_NAME(transform_input)(
    long ty, long tx, const patch *p, long channels, float *target, long step, bool is_gradient) {
    long whole = channels / CK_LANES * CK_LANES;
    if (is_gradient) {
#define USE(a, b)                                                                                                \
    for (long c = 0; c < whole; c += CK_LANES) CK_NAME(gradient_tile)(a, b, p, c, CK_LANES, target, step);       \
    if (whole < channels) CK_NAME(gradient_tile)(a, b, p, whole, channels - whole, target, step);
        EACH_TILE(USE)
#undef USE
    } else {
#define USE(a, b)                                                                                                \
    for (long c = 0; c < whole; c += CK_LANES) CK_NAME(input_tile)(a, b, p, c, CK_LANES, target, step);          \
    if (whole < channels) CK_NAME(input_tile)(a, b, p, whole, channels - whole, target, step);
        EACH_TILE(USE)
#undef USE
    }
}

static void CK_NAME(transform_output)(
    long ty, long tx, const float *source, long step, const finish *f, const patch *p, long channel, long channels) {
    long whole = channels / CK_LANES * CK_LANES;
#define USE(a, b)                                                                                                \
    for (long c = 0; c < whole; c += CK_LANES)                                                                   \
        CK_NAME(output_tile)(a, b, source + c, step, f, p, channel + c, CK_LANES);                               \
    if (whole < channels)                                                                                        \
        CK_NAME(output_tile)(a, b, source + whole, step, f, p, channel + whole, channels - whole);
    EACH_TILE(USE)
#undef USE
}

// nine[t][count][CK_PANEL], the taps of a panel's output channels, to target[i][count][CK_PANEL] with `step` floats
// from one i to the next.
static void CK_NAME(transform_weight)(long ty, long tx, const float *nine, long count, float *target, long step) {
    for (long at = 0; at < count * CK_PANEL; at += CK_LANES) {
        CK_NAME(lane) v[36];
#define USE(a, b)                                                                                                \
    for (int y = 0; y < 3; y++)                                                                                  \
        for (int x = 0; x < 3; x++)                                                                              \
            v[y * (b + 2) + x] = *(const CK_NAME(lane) *)(nine + (y * 3 + x) * count * CK_PANEL + at);           \
    for (int x = 0; x < 3; x++) CK_NAME(weigh)(a, v + x, b + 2);                                                 \
    for (int y = 0; y < a + 2; y++) CK_NAME(weigh)(b, v + y * (b + 2), 1);                                       \
    for (int i = 0; i < (a + 2) * (b + 2); i++) *(CK_NAME(lane) *)(target + i * step + at) = v[i];
        EACH_TILE(USE)
#undef USE
    }
}

// The way back: source[i][count][CK_PANEL] to nine[t][count][CK_PANEL].
static void CK_NAME(untransform_weight)(long ty, long tx, const float *source, long step, long count, float *nine) {
    for (long at = 0; at < count * CK_PANEL; at += CK_LANES) {
        CK_NAME(lane) v[36];
#define USE(a, b)                                                                                                \
    for (int i = 0; i < (a + 2) * (b + 2); i++) v[i] = *(const CK_NAME(lane) *)(source + i * step + at);         \
    for (int x = 0; x < b + 2; x++) CK_NAME(unweigh)(a, v + x, b + 2);                                           \
    for (int y = 0; y < 3; y++) CK_NAME(unweigh)(b, v + y * (b + 2), 1);                                         \
    for (int y = 0; y < 3; y++)                                                                                  \
        for (int x = 0; x < 3; x++)                                                                              \
            *(CK_NAME(lane) *)(nine + (y * 3 + x) * count * CK_PANEL + at) = v[y * (b + 2) + x];
        EACH_TILE(USE)
#undef USE
    }
}
#undef EACH_TILE

static const transforms CK_NAME(table) = {
    CK_NAME(transform_input), CK_NAME(transform_output), CK_NAME(transform_weight), CK_NAME(untransform_weight)};
