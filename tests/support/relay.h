#ifndef ERPSYNC_TESTS_SUPPORT_RELAY_H
#define ERPSYNC_TESTS_SUPPORT_RELAY_H

/*
 * A bad link: a port of 127.0.0.1 whose connections are passed on to another
 * port and cut after so many bytes towards the caller.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { RELAY_CUTS = 8 };

struct relay {
	uint16_t to; /* 0: nobody behind it, callers hear nothing, or: */
	const char *says; /* what callers hear then, or NULL */
	/* Bytes after which connection number i is cut; 0: at once; < 0 or
	 * beyond the list: never. */
	int64_t cut[RELAY_CUTS];
	/* In the first one so-manieth bytes arrive with another bit, of what
	 * the caller says and of what it is told; 0: none. */
	int64_t harm_up, harm_down;
	uint16_t port; /* where it listens */
	atomic_uint conns; /* so far */
	int fd;
	int stop[2]; /* pipe */
	pthread_t thread;
};

/* to and cut are set. */
void relay_start(struct relay *r);
void relay_stop(struct relay *r);

#endif
