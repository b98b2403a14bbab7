/* The load generator: opens many WebSockets, then measures one thing, and prints it as JSON.

   load PORT CLIENTS SLOTS connect                   connects, prints, and stays until its input ends
   load PORT CLIENTS SLOTS fanout MESSAGES [WARM]    each message is sent when an earlier one has reached every receiver
   load PORT CLIENTS SLOTS edits SECONDS             each slot sends its next change when its last one is acknowledged
   load PORT CLIENTS SLOTS paced SECONDS RATE        slots take turns at a fixed rate; latency counts from the due time

   CLIENTS is a file of lines  PATH <tab> TOKEN <tab> READY <tab> HELLO : the client is ready when it got READY frames.
   SLOTS is a file of lines    CLIENT <tab> BASE <tab> TEMPLATE : what may be outstanding, once for each line. In the
   template @N@ is the number of the message (ten digits) and @B@ the offset of the slot's last acknowledged change.
   A client with a slot is a publisher: it is no receiver in `fanout`. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "websocket.h"

#define CONNECTING_AT_ONCE 128
#define READ_BYTES 1048576
#define MOST_IN_FLIGHT 4096
#define MOST_SAMPLES 4000000
#define DRAIN_S 5.0

enum state { IDLE, HANDSHAKE, SUBSCRIBING, READY };

struct client {
    char *path, *token, *hello;
    int ready_frames, file, is_publisher;
    enum state state;
    long frames; /* before it is ready all, afterwards those of the measurement */
    double began_s;
    unsigned char *rest;
    size_t rest_size;
};

struct slot {
    int client;
    long base;
    char *template;
    int is_busy;
};

static struct client *clients;
static struct slot *slots;
static int client_count, slot_count, ready_count, started_count, receivers, port, poller;
static unsigned char buffer[READ_BYTES * 2];
static float *samples_ms;
static long sample_count, frame_bytes, acknowledged, sent_count, completed, first_message, last_message = -1;
static int slot_of[MOST_IN_FLIGHT], missing[MOST_IN_FLIGHT];
static double due_s[MOST_IN_FLIGHT], *ready_after_s;
static int is_fanout, is_closed_loop;

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static double cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Input ----------------------------------------------------------------------------------------------------------- */

static void *grown(void *array, int count, size_t size) {
    if (count & (count - 1)) return array;
    array = realloc(array, (count ? 2 * count : 1) * size);
    if (!array) fail("memory");
    return array;
}

static void read_clients(const char *name) {
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file) fail(name);
    while (getline(&line, &room, file) > 0) {
        clients = grown(clients, client_count, sizeof *clients);
        struct client *client = &clients[client_count++];
        memset(client, 0, sizeof *client);
        char *rest = strdup(strtok(line, "\n"));
        client->path = strsep(&rest, "\t");
        client->token = strsep(&rest, "\t");
        client->ready_frames = atoi(strsep(&rest, "\t"));
        client->hello = rest;
    }
    fclose(file);
    ready_after_s = calloc(client_count, sizeof *ready_after_s);
}

static void read_slots(const char *name) {
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file) fail(name);
    while (getline(&line, &room, file) > 0) {
        slots = grown(slots, slot_count, sizeof *slots);
        struct slot *slot = &slots[slot_count++];
        char *rest = strdup(strtok(line, "\n"));
        slot->client = atoi(strsep(&rest, "\t"));
        slot->base = atol(strsep(&rest, "\t"));
        slot->template = rest;
        slot->is_busy = 0;
        clients[slot->client].is_publisher = 1;
    }
    fclose(file);
}

/* Sending --------------------------------------------------------------------------------------------------------- */

static void send_bytes(struct client *client, const void *bytes, size_t size) {
    if (send(client->file, bytes, size, MSG_NOSIGNAL) != (ssize_t)size) fail("send");
}

static void send_frame(struct client *client, int opcode, const void *payload, size_t size) {
    static unsigned char out[65536];
    if (size + MOST_HEADER > sizeof out) fail("frame too large");
    send_bytes(client, out, write_frame(out, opcode, 1, payload, size));
}

static void send_change(int index, double due) {
    struct slot *slot = &slots[index];
    static char text[60000];
    size_t at = 0;
    for (const char *from = slot->template; *from;) {
        if (strncmp(from, "@N@", 3) == 0) at += sprintf(text + at, "%010ld", sent_count), from += 3;
        else if (strncmp(from, "@B@", 3) == 0) at += sprintf(text + at, "%ld", slot->base), from += 3;
        else text[at++] = *from++;
    }
    slot->is_busy = 1;
    slot_of[sent_count % MOST_IN_FLIGHT] = index;
    missing[sent_count % MOST_IN_FLIGHT] = receivers + 1; /* and the publisher itself: its acknowledgement or echo */
    due_s[sent_count % MOST_IN_FLIGHT] = due;
    sent_count++;
    send_frame(&clients[slot->client], OPCODE_TEXT, text, at);
}

static void keep_slot_busy(int index) {
    if (is_closed_loop && (last_message < 0 || sent_count < last_message)) send_change(index, now_s());
}

static void done(long message) {
    if (message >= first_message && sample_count < MOST_SAMPLES)
        samples_ms[sample_count++] = (now_s() - due_s[message % MOST_IN_FLIGHT]) * 1e3;
    completed++;
    int index = slot_of[message % MOST_IN_FLIGHT];
    slots[index].is_busy = 0;
    keep_slot_busy(index);
}

static void delivered(long message) {
    if (--missing[message % MOST_IN_FLIGHT] == 0) done(message);
}

/* Receiving ------------------------------------------------------------------------------------------------------- */

static long number_after(const struct frame *frame, const char *name) {
    const char *found = memmem(frame->payload, frame->size, name, strlen(name));
    return found ? strtol(found + strlen(name), NULL, 10) : -1;
}

static void refuse_errors(const struct frame *frame) {
    if (memmem(frame->payload, frame->size, "\"type\":\"error\"", 14) ||
        memmem(frame->payload, frame->size, "snapshot_needed", 15)) {
        fprintf(stderr, "the server says: %.*s\n", (int)frame->size, frame->payload);
        exit(1);
    }
}

static long message_named(const struct frame *frame) {
    const char *op = memmem(frame->payload, frame->size, "\"op\":\"", 6);
    const char *end = op ? memchr(op + 6, '"', 64) : NULL;
    return end ? strtol(end - 10, NULL, 10) : -1;
}

static void publisher_received(struct client *client, const struct frame *frame) {
    if (client->hello) { /* the product */
        refuse_errors(frame);
        if (!memmem(frame->payload, frame->size, "\"type\":\"ack\"", 12)) return;
        long message = message_named(frame);
        slots[slot_of[message % MOST_IN_FLIGHT]].base = number_after(frame, "\"offset\":");
        acknowledged++;
        delivered(message);
    } else {
        delivered(client->frames++);
    }
}

static void became_ready(struct client *client) {
    client->state = READY;
    client->frames = 0;
    ready_after_s[ready_count++] = now_s() - client->began_s;
}

static void received(struct client *client, const struct frame *frame) {
    if (frame->opcode == OPCODE_PING) {
        send_frame(client, OPCODE_PONG, frame->payload, frame->size);
    } else if (frame->opcode == OPCODE_CLOSE) {
        fprintf(stderr, "closed by the server: %.*s\n", (int)frame->size - 2, frame->payload + 2);
        exit(1);
    } else if (client->state == SUBSCRIBING) {
        refuse_errors(frame);
        if (++client->frames == client->ready_frames) became_ready(client);
    } else if (client->is_publisher) {
        publisher_received(client, frame);
    } else {
        frame_bytes += frame->size;
        client->frames++;
        if (is_fanout) delivered(client->frames - 1);
    }
}

static size_t handshake_answered(struct client *client, const unsigned char *bytes, size_t have) {
    const unsigned char *end = memmem(bytes, have, "\r\n\r\n", 4);
    if (!end) return 0;
    if (!memmem(bytes, have, " 101 ", 5)) {
        fprintf(stderr, "handshake refused: %.*s\n", (int)have, bytes);
        exit(1);
    }
    client->state = SUBSCRIBING;
    if (client->hello) send_frame(client, OPCODE_TEXT, client->hello, strlen(client->hello));
    if (client->ready_frames == 0) became_ready(client);
    return end + 4 - bytes;
}

static size_t take(struct client *client, const unsigned char *bytes, size_t have) {
    struct frame frame;
    size_t at = client->state == HANDSHAKE ? handshake_answered(client, bytes, have) : 0, used;
    if (client->state == HANDSHAKE) return 0;
    while (at < have && (used = read_frame(bytes + at, have - at, &frame))) {
        at += used;
        received(client, &frame);
    }
    return at;
}

static void readable(struct client *client) {
    size_t rest = client->rest_size;
    if (rest) memcpy(buffer, client->rest, rest);
    ssize_t got = recv(client->file, buffer + rest, READ_BYTES, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("the server ended a connection");
    size_t have = rest + got, used = take(client, buffer, have);
    client->rest_size = have - used;
    if (client->rest_size) {
        client->rest = realloc(client->rest, client->rest_size);
        memcpy(client->rest, buffer + used, client->rest_size);
    }
}

/* Connecting ------------------------------------------------------------------------------------------------------ */

static void begin(struct client *client) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    char request[2048];
    client->began_s = now_s();
    client->file = socket(AF_INET, SOCK_STREAM, 0);
    if (client->file < 0 || connect(client->file, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(client->file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    client->state = HANDSHAKE;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    epoll_ctl(poller, EPOLL_CTL_ADD, client->file, &event);
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " SAMPLE_KEY "\r\nSec-WebSocket-Version: 13\r\n"
                        "Authorization: Bearer %s\r\n\r\n",
                        client->path, port, client->token);
    send_bytes(client, request, size);
}

static void wait_for_events(int timeout_ms) {
    struct epoll_event events[1024];
    int ready = epoll_wait(poller, events, 1024, timeout_ms);
    for (int i = 0; i < ready; i++) readable(events[i].data.ptr);
}

static void connect_all(void) {
    while (ready_count < client_count) {
        while (started_count < client_count && started_count - ready_count < CONNECTING_AT_ONCE)
            begin(&clients[started_count++]);
        wait_for_events(1000);
    }
}

/* Measuring ------------------------------------------------------------------------------------------------------- */

static int ascending(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

static double percentile_ms(double share) {
    return sample_count ? samples_ms[(long)(share * (sample_count - 1))] : 0;
}

static void print_measurement(long messages, long deliveries, double wall_s, double busy_s) {
    qsort(samples_ms, sample_count, sizeof *samples_ms, ascending);
    printf("{\"messages\": %ld, \"deliveries\": %ld, \"wall_s\": %.6f, \"busy_s\": %.6f, \"frame_bytes\": %.1f, "
           "\"acknowledged\": %ld, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
           messages, deliveries, wall_s, busy_s, deliveries ? (double)frame_bytes / deliveries : 0, acknowledged,
           percentile_ms(0.5), percentile_ms(0.99), percentile_ms(1));
}

static void measure_fanout(long messages, long warm_up) {
    is_fanout = is_closed_loop = 1;
    first_message = warm_up;
    last_message = warm_up;
    for (int i = 0; i < slot_count && sent_count < last_message; i++) send_change(i, now_s());
    while (completed < last_message) wait_for_events(1000);
    frame_bytes = 0;
    last_message = warm_up + messages;
    double began = now_s(), cpu = cpu_s();
    for (int i = 0; i < slot_count && sent_count < last_message; i++) send_change(i, now_s());
    while (completed < last_message) wait_for_events(1000);
    print_measurement(messages, messages * receivers, now_s() - began, cpu_s() - cpu);
}

/* What is still on its way belongs to no measurement, but must not come into the next one. */
static void wait_for_the_last(void) {
    is_closed_loop = 0;
    for (double until_s = now_s() + DRAIN_S; completed < sent_count && now_s() < until_s;) wait_for_events(10);
}

static void measure_edits(double seconds) {
    is_closed_loop = 1;
    double began = now_s(), cpu = cpu_s();
    for (int i = 0; i < slot_count; i++) send_change(i, now_s());
    while (now_s() < began + seconds) wait_for_events(10);
    print_measurement(completed, 0, now_s() - began, cpu_s() - cpu);
    wait_for_the_last();
}

/* A slot whose change is not acknowledged yet sends the one that is due as soon as it can; that wait counts. */
static void measure_paced(double seconds, double rate) {
    double began = now_s(), cpu = cpu_s();
    long due_count = 0, all = seconds * rate;
    int next = 0;
    while (completed < all && now_s() < began + seconds + DRAIN_S) {
        while (due_count < all && now_s() >= began + due_count / rate) {
            int tried = 0;
            while (slots[next].is_busy && tried++ < slot_count) next = (next + 1) % slot_count;
            if (slots[next].is_busy) break;
            send_change(next, began + due_count++ / rate);
            next = (next + 1) % slot_count;
        }
        wait_for_events(1);
    }
    print_measurement(completed, 0, now_s() - began, cpu_s() - cpu);
    wait_for_the_last();
}

static void stay(double wall_s) {
    char byte;
    printf("{\"clients\": %d, \"wall_s\": %.6f}\n", client_count, wall_s);
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(poller, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) readable(events[i].data.ptr);
            else if (read(STDIN_FILENO, &byte, 1) <= 0) exit(0);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    port = atoi(argv[1]);
    read_clients(argv[2]);
    read_slots(argv[3]);
    if (slot_count > MOST_IN_FLIGHT) fail("too many slots");
    for (int i = 0; i < client_count; i++) receivers += !clients[i].is_publisher;
    if (strcmp(argv[4], "fanout") != 0) receivers = 0;
    samples_ms = malloc(MOST_SAMPLES * sizeof *samples_ms);
    poller = epoll_create1(0);
    double began = now_s();
    connect_all();
    if (strcmp(argv[4], "connect") == 0) stay(now_s() - began);
    else if (strcmp(argv[4], "fanout") == 0) measure_fanout(atol(argv[5]), argc > 6 ? atol(argv[6]) : slot_count);
    else if (strcmp(argv[4], "edits") == 0) measure_edits(atof(argv[5]));
    else if (strcmp(argv[4], "paced") == 0) measure_paced(atof(argv[5]), atof(argv[6]));
    return 0;
}
