#include "window_walk.h"

#include <string.h>

typedef struct {
    const ck_window2d *w;
    const float *x, *y, *g;
    bool count_outside;
    float *result;
} job;

static long channel_blocks(const ck_window2d *w) { return (w->channels + ck_channel_block - 1) / ck_channel_block; }

static long grain(const ck_window2d *w) {
    return ck_grain_for(w->out_width * w->channels * w->kernel_height * w->kernel_width);
}

CK_INLINE float share(const job *j, const ck_view *v) {
    long count = j->count_outside ? j->w->kernel_height * j->w->kernel_width : (v->y1 - v->y0) * (v->x1 - v->x0);
    return 1.f / (float)count;
}

CK_CLONES static void average_row(const job *j, long row) {
    const ck_window2d *w = j->w;
    for (long column = 0; column < w->out_width; column++) {
        ck_view v = ck_view_at(w, row / w->out_height, row % w->out_height, column);
        float *restrict y = j->result + (row * w->out_width + column) * w->channels;
        float scale = share(j, &v);
        for (long c = 0; c < w->channels; c++) y[c] = 0;
        for (long ky = v.y0; ky < v.y1; ky++)
            for (long kx = v.x0; kx < v.x1; kx++) {
                const float *restrict from = j->x + ck_view_offset(w, &v, ky, kx);
                for (long c = 0; c < w->channels; c++) y[c] += from[c];
            }
        for (long c = 0; c < w->channels; c++) y[c] *= scale;
    }
}

static void run_average(void *context, long begin, long end) {
    for (long row = begin; row < end; row++) average_row(context, row);
}

void ck_average_pool(const ck_window2d *w, const float *x, bool count_outside, float *y) {
    job j = {w, x, NULL, NULL, count_outside, y};
    ck_parallel_for(w->batch * w->out_height, grain(w), run_average, &j);
}

CK_CLONES static void average_gradient_block(const job *j, long item) {
    const ck_window2d *w = j->w;
    long blocks = (w->channels + ck_channel_block - 1) / ck_channel_block;
    long image = item / blocks, c0 = item % blocks * ck_channel_block;
    long n = w->channels - c0 < ck_channel_block ? w->channels - c0 : ck_channel_block;
    for (long place = 0; place < w->out_height * w->out_width; place++) {
        ck_view v = ck_view_at(w, image, place / w->out_width, place % w->out_width);
        const float *restrict g = j->g + (image * w->out_height * w->out_width + place) * w->channels + c0;
        float scale = share(j, &v);
        for (long ky = v.y0; ky < v.y1; ky++)
            for (long kx = v.x0; kx < v.x1; kx++) {
                float *restrict to = j->result + ck_view_offset(w, &v, ky, kx) + c0;
                for (long c = 0; c < n; c++) to[c] += g[c] * scale;
            }
    }
}

static void run_average_gradient(void *context, long begin, long end) {
    for (long item = begin; item < end; item++) average_gradient_block(context, item);
}

void ck_average_pool_gradient(const ck_window2d *w, const float *g, bool count_outside, float *dx) {
    job j = {w, NULL, NULL, g, count_outside, dx};
    memset(dx, 0, (size_t)(w->batch * w->height * w->width * w->channels) * sizeof(float));
    ck_parallel_for(w->batch * channel_blocks(w), 1, run_average_gradient, &j);
}

CK_CLONES static void max_row(const job *j, long row) {
    const ck_window2d *w = j->w;
    for (long column = 0; column < w->out_width; column++) {
        ck_view v = ck_view_at(w, row / w->out_height, row % w->out_height, column);
        float *restrict y = j->result + (row * w->out_width + column) * w->channels;
        for (long c = 0; c < w->channels; c++) y[c] = -__builtin_inff();
        for (long ky = v.y0; ky < v.y1; ky++)
            for (long kx = v.x0; kx < v.x1; kx++) {
                const float *restrict from = j->x + ck_view_offset(w, &v, ky, kx);
                for (long c = 0; c < w->channels; c++) y[c] = from[c] <= y[c] ? y[c] : from[c];
            }
    }
}

static void run_max(void *context, long begin, long end) {
    for (long row = begin; row < end; row++) max_row(context, row);
}

void ck_max_pool(const ck_window2d *w, const float *x, float *y) {
    job j = {w, x, NULL, NULL, false, y};
    ck_parallel_for(w->batch * w->out_height, grain(w), run_max, &j);
}

CK_CLONES static void max_gradient_block(const job *j, long item) {
    const ck_window2d *w = j->w;
    long blocks = (w->channels + ck_channel_block - 1) / ck_channel_block;
    long image = item / blocks, c0 = item % blocks * ck_channel_block;
    long n = w->channels - c0 < ck_channel_block ? w->channels - c0 : ck_channel_block;
    for (long place = 0; place < w->out_height * w->out_width; place++) {
        ck_view v = ck_view_at(w, image, place / w->out_width, place % w->out_width);
        long at = (image * w->out_height * w->out_width + place) * w->channels + c0;
        const float *y = j->y + at;
        float left[ck_channel_block];  // the gradient that has not found its maximum yet
        memcpy(left, j->g + at, (size_t)n * sizeof(float));
        for (long ky = v.y0; ky < v.y1; ky++)
            for (long kx = v.x0; kx < v.x1; kx++) {
                long offset = ck_view_offset(w, &v, ky, kx) + c0;
                const float *x = j->x + offset;
                float *to = j->result + offset;
                for (long c = 0; c < n; c++) {
                    float given = x[c] == y[c] ? left[c] : 0.f;
                    to[c] += given;
                    left[c] = x[c] == y[c] ? 0.f : left[c];
                }
            }
    }
}

static void run_max_gradient(void *context, long begin, long end) {
    for (long item = begin; item < end; item++) max_gradient_block(context, item);
}

void ck_max_pool_gradient(const ck_window2d *w, const float *x, const float *y, const float *g, float *dx) {
    job j = {w, x, y, g, false, dx};
    memset(dx, 0, (size_t)(w->batch * w->height * w->width * w->channels) * sizeof(float));
    ck_parallel_for(w->batch * channel_blocks(w), 1, run_max_gradient, &j);
}
