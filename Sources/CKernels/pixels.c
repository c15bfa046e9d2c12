#include "include/pictures.h"

#include "clones.h"

void ck_look_up_u8(const uint8_t *source, long pixels, long channels, const float *table, float *target) {
    if (channels == 3) {
        for (long i = 0; i < pixels; i++) {
            target[3 * i] = table[source[3 * i]];
            target[3 * i + 1] = table[256 + source[3 * i + 1]];
            target[3 * i + 2] = table[512 + source[3 * i + 2]];
        }
        return;
    }
    for (long i = 0; i < pixels; i++)
        for (long c = 0; c < channels; c++) target[i * channels + c] = table[c * 256 + source[i * channels + c]];
}

// a * b / 255, rounded, for a and b in 0 ... 255.
static inline int share(int a, int b) {
    const int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

CK_CLONES void ck_inverted_cmyk_to_rgb(const uint8_t *cmyk, long pixels, uint8_t *rgb) {
    for (long i = 0; i < pixels; i++) {
        const int light = cmyk[4 * i + 3];
        for (int c = 0; c < 3; c++) {
            const int value = light - share(255 - cmyk[4 * i + c], light);
            rgb[3 * i + c] = (uint8_t)(value < 0 ? 0 : value);
        }
    }
}

CK_CLONES void ck_rgb_to_luma(const uint8_t *rgb, long pixels, uint8_t *luma) {
    for (long i = 0; i < pixels; i++)
        luma[i] = (uint8_t)((rgb[3 * i] * 19595 + rgb[3 * i + 1] * 38470 + rgb[3 * i + 2] * 7471 + 0x8000) >> 16);
}
