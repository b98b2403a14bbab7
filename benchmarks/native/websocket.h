/* The little of RFC 6455 that a load generator and the limit server share. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_KEY "dGhlIHNhbXBsZSBub25jZQ==" /* section 1.3, so that the limit server needs no SHA-1 */
#define SAMPLE_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define OPCODE_TEXT 1
#define OPCODE_CLOSE 8
#define OPCODE_PING 9
#define OPCODE_PONG 10
#define MOST_HEADER 14

struct frame {
    int opcode;
    const unsigned char *payload;
    uint64_t size;
    int is_masked;
    unsigned char mask[4];
};

__attribute__((noreturn)) static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

/* The bytes that the first frame takes, or 0 when it is not all there. */
static inline size_t read_frame(const unsigned char *bytes, size_t have, struct frame *frame) {
    if (have < 2) return 0;
    size_t header = 2;
    uint64_t size = bytes[1] & 127;
    if (size == 126) {
        if (have < 4) return 0;
        size = (uint64_t)bytes[2] << 8 | bytes[3];
        header = 4;
    } else if (size == 127) {
        if (have < 10) return 0;
        size = 0;
        for (int i = 2; i < 10; i++) size = size << 8 | bytes[i];
        header = 10;
    }
    frame->is_masked = bytes[1] >> 7;
    if (frame->is_masked) {
        if (have < header + 4) return 0;
        memcpy(frame->mask, bytes + header, 4);
        header += 4;
    }
    if (have - header < size || have < header) return 0;
    frame->opcode = bytes[0] & 15;
    frame->payload = bytes + header;
    frame->size = size;
    return header + size;
}

/* Writes a whole frame, masked with zeros if `masked` (a client's frame must be masked; zeros cost the server the
   same). `out` has room for MOST_HEADER more than `size`. */
static inline size_t write_frame(unsigned char *out, int opcode, int masked, const void *payload, size_t size) {
    size_t at = 0;
    unsigned char mask_bit = masked ? 128 : 0;
    out[at++] = 128 | opcode;
    if (size < 126) {
        out[at++] = mask_bit | (unsigned char)size;
    } else if (size < 65536) {
        out[at++] = mask_bit | 126;
        out[at++] = size >> 8;
        out[at++] = size & 255;
    } else {
        out[at++] = mask_bit | 127;
        for (int shift = 56; shift >= 0; shift -= 8) out[at++] = (uint64_t)size >> shift & 255;
    }
    if (masked) {
        memset(out + at, 0, 4);
        at += 4;
    }
    memcpy(out + at, payload, size);
    return at + size;
}

#endif
