#ifndef ERPSYNC_TRANSPORT_NET_SOCK_H
#define ERPSYNC_TRANSPORT_NET_SOCK_H

/*
 * Stream sockets as the system has them, for dialling and for the channels
 * over them: all that differs between systems is in sock_posix.c and its
 * twins.  A socket is a number >= 0; it does not wait, and programs that are
 * started do not get it.  Calls return >= 0 or a negative errno; a signal ends
 * none of them but sock_wait.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOCK_ADDRESS_BYTES = 128, SOCK_ADDRESSES_MAX = 32 };

struct sock_address {
	int family; /* the same number for the same kind of address */
	uint32_t len;
	_Alignas(8) uint8_t bytes[SOCK_ADDRESS_BYTES];
};

struct sock_addresses {
	size_t n;
	struct sock_address v[SOCK_ADDRESSES_MAX]; /* the resolver's order */
};

/*
 * The addresses of a host; numeric: only if it is a number itself, and then
 * nobody is asked.  The resolver takes its time.  0, or what sock_lookup_text
 * has words for.
 */
int sock_lookup(
    const char *host, uint16_t port, bool numeric, struct sock_addresses *out);
const char *sock_lookup_text(int rc);

/* What sock_lookup returns when nobody has that name. */
int sock_no_such_name(void);

/* Begin to connect: a socket, and in pending whether it is still on its way;
 * then sock_outcome tells, once it may be written to: 0, or why not. */
int sock_connect(const struct sock_address *to, bool *pending);
int sock_outcome(int fd);

/* Make a connected socket of another's one that does not wait. */
int sock_take(int fd);

void sock_close(int fd);

/* What to wait for. */
struct sock_want {
	int fd;
	bool recv, send; /* neither: nothing, not even its end */
	bool ready; /* out: try; also when it failed */
};

/* Wait at most so long: how many are ready.  EINTR: a signal came. */
int sock_wait(struct sock_want *v, size_t n, uint32_t wait_ms);

/* Bytes that were moved; recv has 0 at the end, and all EAGAIN when it would
 * have to wait.  more: other bytes follow at once. */
int64_t sock_recv(int fd, void *p, size_t n);
int64_t sock_send(int fd, const void *p, size_t n, bool more);

/* The first byte that recv would give, without taking it: as recv. */
int64_t sock_peek(int fd, uint8_t *first);

/* Is the peer of a connected socket this machine, by an address of loopback's
 * or a socket that has none? */
bool sock_is_local(int fd);

/* Send of an open file, as engine/base/fs.h has it; 0: it ends before off. */
int64_t sock_send_file(int fd, int file, uint64_t off, size_t n);

/* Nothing more is sent. */
int sock_end(int fd);

/* Wishes, which may come to nothing: channel.h says what they are for. */
void sock_keep_alive(int fd, int idle_s, int interval_s);
void sock_limit_unsent(int fd, int bytes);
void sock_limit_unread(int fd, int bytes);

#endif
