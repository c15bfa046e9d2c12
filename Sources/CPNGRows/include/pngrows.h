#ifndef PNGROWS_H
#define PNGROWS_H

// libpng reports errors by a long jump, which only C may catch: two calls that turn it into a sentence.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { pngrows_message_size = 120 };

/// What the header says.
typedef struct {
    uint32_t width, height;
    /// Bits per channel in the file.
    int32_t depth;
    bool has_color;
    /// Whether every pixel has its own opacity.
    bool has_alpha;
    /// Whether a pixel is one of a palette, or one bit.
    bool is_indexed;
} pngrows_header;

/// The pixels wanted.
typedef enum {
    /// Red, green, blue, 8 bits each: palettes are looked up, grey is repeated, alpha is dropped, 16 bits lose the lower 8.
    pngrows_rgb8,
    /// The same with the alpha of a file that has it.
    pngrows_rgba8,
    /// One 16-bit channel in native byte order for a file without colour; fewer bits are kept as they are, at the low end.
    pngrows_grey16,
} pngrows_layout;

/// Reads the header; false, with a sentence in `message`, when there is none.
bool pngrows_read_header(
    const uint8_t *_Nonnull file, size_t count, pngrows_header *_Nonnull header,
    char message[_Nonnull pngrows_message_size]);

/// Reads all pixels into `target`, which holds width * height pixels of the layout; false, with a sentence in `message`, when
/// the file is damaged: every checksum is verified, up to the last chunk.
bool pngrows_read_pixels(
    const uint8_t *_Nonnull file, size_t count, pngrows_layout layout, void *_Nonnull target,
    char message[_Nonnull pngrows_message_size]);

#ifdef __cplusplus
}
#endif
#endif
