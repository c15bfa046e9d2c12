#include "window_walk.h"

#include <string.h>

typedef struct {
    const ck_window2d *w;
    const float *x, *weight, *bias, *g;
    float *result;
} job;

CK_CLONES static void depthwise_row(const job *j, long row) {
    const ck_window2d *w = j->w;
    long image = row / w->out_height;
    for (long column = 0; column < w->out_width; column++) {
        ck_view v = ck_view_at(w, image, row % w->out_height, column);
        float *y = j->result + (row * w->out_width + column) * w->channels;
        for (long c0 = 0; c0 < w->channels; c0 += ck_channel_block) {
            long n = w->channels - c0 < ck_channel_block ? w->channels - c0 : ck_channel_block;
            float sum[ck_channel_block];
            for (long c = 0; c < n; c++) sum[c] = j->bias ? j->bias[c0 + c] : 0.f;
            for (long ky = v.y0; ky < v.y1; ky++)
                for (long kx = v.x0; kx < v.x1; kx++) {
                    const float *from = j->x + ck_view_offset(w, &v, ky, kx) + c0;
                    const float *by = j->weight + (ky * w->kernel_width + kx) * w->channels + c0;
                    for (long c = 0; c < n; c++) sum[c] += from[c] * by[c];
                }
            memcpy(y + c0, sum, (size_t)n * sizeof(float));
        }
    }
}

static void run_forward(void *context, long begin, long end) {
    for (long row = begin; row < end; row++) depthwise_row(context, row);
}

void ck_depthwise(const ck_window2d *w, const float *x, const float *weight, const float *bias, float *y) {
    job j = {w, x, weight, bias, NULL, y};
    long work = w->out_width * w->channels * w->kernel_height * w->kernel_width;
    ck_parallel_for(w->batch * w->out_height, ck_grain_for(work), run_forward, &j);
}

// Items are pictures × blocks of channels.
CK_CLONES static void gradient_block(const job *j, long item) {
    const ck_window2d *w = j->w;
    long blocks = (w->channels + ck_channel_block - 1) / ck_channel_block;
    long image = item / blocks, c0 = item % blocks * ck_channel_block;
    long n = w->channels - c0 < ck_channel_block ? w->channels - c0 : ck_channel_block;
    for (long place = 0; place < w->out_height * w->out_width; place++) {
        ck_view v = ck_view_at(w, image, place / w->out_width, place % w->out_width);
        const float *restrict g = j->g + (image * w->out_height * w->out_width + place) * w->channels + c0;
        for (long ky = v.y0; ky < v.y1; ky++)
            for (long kx = v.x0; kx < v.x1; kx++) {
                float *restrict to = j->result + ck_view_offset(w, &v, ky, kx) + c0;
                const float *restrict by = j->weight + (ky * w->kernel_width + kx) * w->channels + c0;
                for (long c = 0; c < n; c++) to[c] += g[c] * by[c];
            }
    }
}

static void run_gradient(void *context, long begin, long end) {
    for (long item = begin; item < end; item++) gradient_block(context, item);
}

void ck_depthwise_gradient(const ck_window2d *w, const float *g, const float *weight, float *dx) {
    job j = {w, NULL, weight, NULL, g, dx};
    memset(dx, 0, (size_t)(w->batch * w->height * w->width * w->channels) * sizeof(float));
    ck_parallel_for(w->batch * ((w->channels + ck_channel_block - 1) / ck_channel_block), 1, run_gradient, &j);
}

CK_CLONES static void weight_block(const job *j, long item) {
    const ck_window2d *w = j->w;
    long blocks = (w->channels + ck_channel_block - 1) / ck_channel_block;
    long image = item / blocks, c0 = item % blocks * ck_channel_block, positions = w->kernel_height * w->kernel_width;
    long n = w->channels - c0 < ck_channel_block ? w->channels - c0 : ck_channel_block;
    for (long k = 0; k < positions; k++) {
        float total[ck_channel_block] = {0};
        for (long row = 0; row < w->out_height; row++) {
            float sum[ck_channel_block] = {0};  // a row at a time, so that long sums keep their precision
            for (long column = 0; column < w->out_width; column++) {
                ck_view v = ck_view_at(w, image, row, column);
                long ky = k / w->kernel_width, kx = k % w->kernel_width;
                if (ky < v.y0 || ky >= v.y1 || kx < v.x0 || kx >= v.x1) continue;
                const float *g = j->g + ((image * w->out_height + row) * w->out_width + column) * w->channels + c0;
                const float *x = j->x + ck_view_offset(w, &v, ky, kx) + c0;
                for (long c = 0; c < n; c++) sum[c] += g[c] * x[c];
            }
            for (long c = 0; c < n; c++) total[c] += sum[c];
        }
        memcpy(j->result + (image * positions + k) * w->channels + c0, total, (size_t)n * sizeof(float));
    }
}

static void run_weight(void *context, long begin, long end) {
    for (long item = begin; item < end; item++) weight_block(context, item);
}

void ck_depthwise_weight_gradient(const ck_window2d *w, const float *g, const float *x, float *parts) {
    job j = {w, x, NULL, NULL, g, parts};
    ck_parallel_for(w->batch * ((w->channels + ck_channel_block - 1) / ck_channel_block), 1, run_weight, &j);
}
