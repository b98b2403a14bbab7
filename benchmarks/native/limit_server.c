/* What is possible on this machine: every text frame that comes in goes out to every connection, framed once, with
   one send() for each delivery. With --join the frames of one read go out in one send(): it shows what the load
   generator can take. It keeps no promise: a slow reader ends it.

   limit_server PORT [--join] */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "websocket.h"

#define MOST_FILES 65536
#define READ_BYTES 262144

static const char ACCEPTED[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: " SAMPLE_ACCEPT "\r\n\r\n";
static int open_files[MOST_FILES], open_count, place[MOST_FILES];
static char is_open[MOST_FILES];
static unsigned char in[READ_BYTES], out[2 * READ_BYTES];

static void send_all(const unsigned char *bytes, size_t size) {
    for (int i = 0; i < open_count; i++)
        if (send(open_files[i], bytes, size, MSG_NOSIGNAL) != (ssize_t)size && errno == EAGAIN) fail("a reader is slow");
}

static void add(int file) {
    is_open[file] = 1;
    place[file] = open_count;
    open_files[open_count++] = file;
}

static void drop(int file) {
    if (is_open[file]) {
        int last = open_files[--open_count];
        open_files[place[file]] = last;
        place[last] = place[file];
        is_open[file] = 0;
    }
    close(file);
}

static void broadcast(size_t have, int join) {
    struct frame frame;
    size_t at = 0, used, filled = 0;
    while (at < have && (used = read_frame(in + at, have - at, &frame))) {
        at += used;
        if (frame.opcode != OPCODE_TEXT) continue;
        for (uint64_t i = 0; i < frame.size; i++) ((unsigned char *)frame.payload)[i] ^= frame.mask[i & 3];
        filled += write_frame(out + filled, OPCODE_TEXT, 0, frame.payload, frame.size);
        if (!join) {
            send_all(out, filled);
            filled = 0;
        }
    }
    if (filled) send_all(out, filled);
}

static void readable(int file, int join) {
    ssize_t have = recv(file, in, sizeof in, 0);
    if (have <= 0) {
        if (have == 0 || errno != EAGAIN) drop(file);
    } else if (is_open[file]) {
        broadcast(have, join);
    } else if (memmem(in, have, "\r\n\r\n", 4)) {
        if (send(file, ACCEPTED, sizeof ACCEPTED - 1, MSG_NOSIGNAL) < 0) fail("send");
        add(file);
    }
}

int main(int argc, char **argv) {
    int join = argc > 2 && strcmp(argv[2], "--join") == 0, yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 2048)) fail("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(poll, events, 512, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd != listener) {
                readable(events[i].data.fd, join);
                continue;
            }
            for (int file; (file = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
                setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                event = (struct epoll_event){.events = EPOLLIN, .data.fd = file};
                epoll_ctl(poll, EPOLL_CTL_ADD, file, &event);
            }
        }
    }
}
