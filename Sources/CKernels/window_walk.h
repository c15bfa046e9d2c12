#ifndef CK_WINDOW_WALK_H
#define CK_WINDOW_WALK_H

#include "ckernels.h"
#include "clones.h"
#include "vmath.h"
#include "window.h"

// Kernels that keep channels apart go by blocks of channels: forward over places, back over pictures, so that no two
// pieces write to the same floats.

enum { ck_channel_block = 64 };

/// The kernel positions of one place that lie inside the picture: rows y0 ..< y1 and columns x0 ..< x1 of the kernel.
typedef struct {
    long image, top, left, y0, y1, x0, x1;
} ck_view;

CK_INLINE long ck_first_inside(long start, long dilation) { return start < 0 ? (-start + dilation - 1) / dilation : 0; }

CK_INLINE long ck_end_inside(long start, long dilation, long kernel, long extent) {
    long end = start >= extent ? 0 : (extent - start + dilation - 1) / dilation;
    return end < kernel ? end : kernel;
}

CK_INLINE ck_view ck_view_at(const ck_window2d *w, long image, long row, long column) {
    ck_view v = {.image = image, .top = row * w->stride_y - w->pad_y, .left = column * w->stride_x - w->pad_x};
    v.y0 = ck_first_inside(v.top, w->dilation_y);
    v.y1 = ck_end_inside(v.top, w->dilation_y, w->kernel_height, w->height);
    v.x0 = ck_first_inside(v.left, w->dilation_x);
    v.x1 = ck_end_inside(v.left, w->dilation_x, w->kernel_width, w->width);
    return v;
}

/// Where kernel position (ky, kx) of a view lies in the pictures, in floats.
CK_INLINE long ck_view_offset(const ck_window2d *w, const ck_view *v, long ky, long kx) {
    long y = v->top + ky * w->dilation_y, x = v->left + kx * w->dilation_x;
    return ((v->image * w->height + y) * w->width + x) * w->channels;
}

#endif
