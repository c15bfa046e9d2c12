#include "window.h"

#include <string.h>

typedef struct {
    long image, top, left;  // the picture, and where in it the window starts
} place;

static place place_of(const ck_window2d *w, long index) {
    long column = index % w->out_width, row = index / w->out_width % w->out_height;
    return (place){index / w->out_width / w->out_height, row * w->stride_y - w->pad_y, column * w->stride_x - w->pad_x};
}

void ck_unfold(
    const ck_window2d *w, const float *x, long first, long count, long position, long positions, long channel,
    long channels, float *rows) {
    size_t bytes = (size_t)channels * sizeof(float);
    bool whole_rows = channels == w->channels && w->dilation_x == 1 && position % w->kernel_width == 0
        && positions % w->kernel_width == 0;
    for (long index = first; index < first + count; index++) {
        place p = place_of(w, index);
        const float *image = x + p.image * w->height * w->width * w->channels + channel;
        bool inside = whole_rows && p.left >= 0 && p.left + w->kernel_width <= w->width;
        // A row of the window is one run of memory when it lies inside the picture and every channel is wanted.
        for (long k = position; k < position + positions; k += inside ? w->kernel_width : 1) {
            long y = p.top + k / w->kernel_width * w->dilation_y, left = p.left + k % w->kernel_width * w->dilation_x;
            size_t run = inside ? bytes * (size_t)w->kernel_width : bytes;
            if (y < 0 || y >= w->height || left < 0 || left >= w->width) memset(rows, 0, run);
            else memcpy(rows, image + (y * w->width + left) * w->channels, run);
            rows += inside ? channels * w->kernel_width : channels;
        }
    }
}

void ck_fold_add(
    const ck_window2d *w, const float *rows, long first, long count, long channel, long channels, float *x) {
    for (long index = first; index < first + count; index++) {
        place p = place_of(w, index);
        float *image = x + p.image * w->height * w->width * w->channels + channel;
        for (long k = 0; k < w->kernel_height * w->kernel_width; k++, rows += channels) {
            long y = p.top + k / w->kernel_width * w->dilation_y, left = p.left + k % w->kernel_width * w->dilation_x;
            if (y < 0 || y >= w->height || left < 0 || left >= w->width) continue;
            float *restrict to = image + (y * w->width + left) * w->channels;
            const float *restrict from = rows;
            for (long c = 0; c < channels; c++) to[c] += from[c];
        }
    }
}
