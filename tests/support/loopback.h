#ifndef ERPSYNC_TESTS_SUPPORT_LOOPBACK_H
#define ERPSYNC_TESTS_SUPPORT_LOOPBACK_H

/*
 * A real server on a port of 127.0.0.1: its loop runs on a thread of its own,
 * its store and update folder are in a temporary folder, its clock can be
 * put forward, and its log can be searched.
 */

#include "tests/support/tempdir.h"
#include "transport/host/net_server.h"

#include "engine/base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { LOOPBACK_LOG = 256 * 1024 };

struct loopback {
	struct tempdir dir; /* update/ and state/ */
	char update[300];
	struct store *store;
	struct clock clock;
	atomic_ullong skew_ms; /* the clock is so much ahead */
	atomic_ullong stands_ms; /* the clock stands there; 0: it goes */
	struct server_options opt; /* may be changed before start */
	bool no_wait; /* start does not wait for the first release */
	struct net_server *server;
	uint16_t port;
	pthread_t thread;
	int rc; /* of net_server_run, after stop */
	struct net_server_stats stats; /* likewise */
	pthread_mutex_t lock; /* of log */
	char log[LOOPBACK_LOG];
	size_t log_n;
};

/* Folders, store, options: one worker, linux, short waits. */
void loopback_open(struct loopback *l);

/* Run the server.  With a folder to publish, returns when it has. */
void loopback_start(struct loopback *l);

/* Wait for the end that a signal or net_server_stop has asked for. */
void loopback_join(struct loopback *l);

/* Stop and wait; the result of net_server_run. */
int loopback_stop(struct loopback *l);

void loopback_close(struct loopback *l);

/* Is this in the log, or will it be within some seconds? */
bool loopback_logs(struct loopback *l, const char *text);
/* Is it there now? */
bool loopback_has_logged(struct loopback *l, const char *text);

/* A blocking socket to the server, whose reads end after some seconds. */
int loopback_connect(struct loopback *l);

/* From this address of loopback's. */
int loopback_connect_from(struct loopback *l, const char *address);

/* Read until the server closes or resets; the number of bytes. */
int64_t loopback_drain(int fd);

/* Open descriptors of this process. */
int count_fds(void);

#endif
