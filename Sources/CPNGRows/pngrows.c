#include "pngrows.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *rest;
    size_t left;
    char *message;
    jmp_buf escape;
} reading;

static void fail(png_structp png, png_const_charp sentence) {
    reading *state = png_get_error_ptr(png);
    strncpy(state->message, sentence, pngrows_message_size - 1);
    state->message[pngrows_message_size - 1] = 0;
    longjmp(state->escape, 1);
}

static void ignore(png_structp png, png_const_charp sentence) {
    (void)png;
    (void)sentence;
}

static void take(png_structp png, png_bytep target, size_t count) {
    reading *state = png_get_io_ptr(png);
    if (count > state->left) png_error(png, "the file ends too early");
    memcpy(target, state->rest, count);
    state->rest += count;
    state->left -= count;
}

// A reader that verifies every checksum and skips what pixels do not need, so that no text or profile is inflated.
static png_structp reader(reading *state, png_infop *info) {
    static const png_byte skipped[] =
        "tEXt\0zTXt\0iTXt\0iCCP\0sPLT\0hIST\0pCAL\0sCAL\0eXIf\0oFFs\0pHYs\0tIME\0gAMA\0cHRM\0sRGB\0sBIT\0bKGD";
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, state, fail, ignore);
    *info = png ? png_create_info_struct(png) : NULL;
    if (!*info) {
        png_destroy_read_struct(&png, NULL, NULL);
        return NULL;
    }
    png_set_read_fn(png, state, take);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    return png;
}

bool pngrows_read_header(
    const uint8_t *file, size_t count, pngrows_header *header, char message[pngrows_message_size]) {
    reading state = {.rest = file, .left = count, .message = message};
    png_infop info = NULL;
    png_structp png = reader(&state, &info);
    if (!png) {
        strcpy(message, "there is no memory for it");
        return false;
    }
    if (setjmp(state.escape)) {
        png_destroy_read_struct(&png, &info, NULL);
        return false;
    }
    png_read_info(png, info);
    header->width = png_get_image_width(png, info);
    header->height = png_get_image_height(png, info);
    header->depth = png_get_bit_depth(png, info);
    const int type = png_get_color_type(png, info);
    header->has_color = type & PNG_COLOR_MASK_COLOR;
    header->has_alpha = type & PNG_COLOR_MASK_ALPHA;
    header->is_indexed = type == PNG_COLOR_TYPE_PALETTE || (type == PNG_COLOR_TYPE_GRAY && header->depth == 1);
    png_destroy_read_struct(&png, &info, NULL);
    return true;
}

bool pngrows_read_pixels(
    const uint8_t *file, size_t count, pngrows_layout layout, void *target, char message[pngrows_message_size]) {
    reading state = {.rest = file, .left = count, .message = message};
    png_infop info = NULL;
    png_structp png = reader(&state, &info);
    if (!png) {
        strcpy(message, "there is no memory for it");
        return false;
    }
    if (setjmp(state.escape)) {
        png_destroy_read_struct(&png, &info, NULL);
        return false;
    }
    png_read_info(png, info);
    const bool has_color = png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR;
    const bool keeps_alpha = layout == pngrows_rgba8;
    if (keeps_alpha && !(png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA)) png_error(png, "it has no alpha");
    if (!keeps_alpha) png_set_strip_alpha(png);
    size_t pixel = 2;
    if (layout != pngrows_grey16) {
        png_set_expand(png);
        png_set_strip_16(png);
        if (!has_color) png_set_gray_to_rgb(png);
        pixel = keeps_alpha ? 4 : 3;
    } else {
        if (has_color) png_error(png, "it has colours where one channel is wanted");
        png_set_packing(png);
        const uint16_t one = 1;
        if (*(const uint8_t *)&one) png_set_swap(png);
    }
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const size_t width = png_get_image_width(png, info), height = png_get_image_height(png, info);
    const bool is_narrow = layout == pngrows_grey16 && png_get_bit_depth(png, info) <= 8;
    // A narrow row is read into the upper half of its place and then spread over all of it.
    const size_t shift = is_narrow ? width : 0;
    if (png_get_rowbytes(png, info) + shift != width * pixel) png_error(png, "its rows have an unexpected length");
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < height; y++)
            png_read_row(png, (png_bytep)target + y * width * pixel + shift, NULL);
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
    if (is_narrow) {
        for (size_t y = 0; y < height; y++) {
            uint16_t *row = (uint16_t *)target + y * width;
            const uint8_t *narrow = (const uint8_t *)row + width;
            for (size_t x = 0; x < width; x++) row[x] = narrow[x];
        }
    }
    return true;
}
