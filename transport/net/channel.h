#ifndef ERPSYNC_TRANSPORT_NET_CHANNEL_H
#define ERPSYNC_TRANSPORT_NET_CHANNEL_H

/*
 * A connection's bytes, whatever carries them: a connected socket
 * (channel_socket.c) or a stream of the caller's (channel_stream.c), either
 * with TLS over it (channel_tls.h).  link.c at a station and conn.c at the
 * server move their sessions' bytes through one, and make no calls of sockets
 * themselves.  Used by one thread at a time.
 *
 * recv, send and send_file answer how many bytes were moved; 0 when none can
 * be now; CHANNEL_END when the peer has closed in order; ERP_IO when it
 * failed, with the reason in sys.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel_tls;
struct err;

enum { CHANNEL_END = -100 };

/* What to wait for, or'ed. */
enum { CHANNEL_RECV = 1, CHANNEL_SEND = 2 };

/*
 * A stream of the caller's.  The functions answer as those of a channel, and
 * wait at most wait_ms for the first byte.  Neither may wait longer, for what
 * the peer does next may depend on the other direction: a send that waits
 * until all has left meets a peer that does the same.
 */
struct channel_stream {
	int64_t (*recv)(void *ctx, void *p, size_t n, uint32_t wait_ms);
	int64_t (*send)(void *ctx, const void *p, size_t n, uint32_t wait_ms);
	void *ctx;
};

struct channel {
	const struct channel_ops *ops;
	int fd; /* of a socket; -1: there is nothing to poll */
	int sys; /* errno of the last call that failed */
	struct channel_tls *tls; /* over what carries it; NULL: plain */
	uint64_t heard; /* bytes that came out of its socket */
	struct channel_stream stream;
	uint32_t recv_ms, send_ms; /* how long the stream's next calls wait */
};

/* What carries the bytes; the functions below say what is expected. */
struct channel_ops {
	int (*wait)(struct channel *ch, unsigned wants, uint32_t wait_ms);
	int64_t (*recv)(struct channel *ch, void *p, size_t n);
	int64_t (*send)(struct channel *ch, const void *p, size_t n, bool more);
	int64_t (*send_file)(
	    struct channel *ch, int file, uint64_t off, size_t n);
	int (*flush)(struct channel *ch);
	int (*end)(struct channel *ch);
	void (*close)(struct channel *ch);
};

/* A channel of a connected socket, which it takes in any case and which
 * becomes non-blocking. */
int channel_of_socket(struct channel *ch, int fd, struct err *e);

/* A channel of a stream, which stays the caller's: closing leaves it open. */
void channel_of_stream(struct channel *ch, const struct channel_stream *s);

/*
 * Wait at most wait_ms until something of wants (CHANNEL_RECV, CHANNEL_SEND)
 * may move: 1 to try all of it, 0 after that time or at a signal, or ERP_IO.
 * Without wants it only sleeps.  A stream has nothing to wait with: its next
 * calls do.
 */
int channel_wait(struct channel *ch, unsigned wants, uint32_t wait_ms);

/* n > 0.  more: other bytes follow at once. */
int64_t channel_recv(struct channel *ch, void *p, size_t n);
int64_t channel_send(struct channel *ch, const void *p, size_t n, bool more);

/* Send n > 0 bytes of a file from off on; ERP_IO when it ends before. */
int64_t channel_send_file(struct channel *ch, int file, uint64_t off, size_t n);

/*
 * With TLS, some bytes that count as sent may still be here, two records' at
 * most.  Each call takes the chance to send them; whoever makes none, but
 * polls for writing by himself, calls this: 1 as long as some are left, 0, or
 * ERP_IO.
 */
int channel_flush(struct channel *ch);

/* We have nothing more to send; the other direction stays.  0 or ERP_IO.  A
 * stream is not told: its peer knows by the last message. */
int channel_end(struct channel *ch);

void channel_close(struct channel *ch);

/* The first byte to come, of a plain socket, which stays there: 1 and the
 * byte, 0 not yet, CHANNEL_END or ERP_IO. */
int channel_peek(struct channel *ch, uint8_t *first);

/* Is its peer this machine itself?  Of a stream nobody knows: no. */
bool channel_is_local(const struct channel *ch);

/*
 * Wishes to a socket's kernel; failing costs speed or patience, not
 * correctness, and a stream has none.
 */

/* Send at once what is small, and notice a link that dies in silence: probe
 * it after idle_s seconds, every interval_s. */
void channel_keep_alive(struct channel *ch, int idle_s, int interval_s);

/* Bytes that may wait in the kernel: to be sent; to be received. */
void channel_limit_unsent(struct channel *ch, int bytes);
void channel_limit_unread(struct channel *ch, int bytes);

#endif
