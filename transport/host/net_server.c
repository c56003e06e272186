/*
 * The server: its parts, its signals, its end.  Puts listeners, connections,
 * workers, publisher and background together and runs the loop; the top of
 * this folder.
 */
#include "transport/host/net_server.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/host/certificate.h"
#include "transport/host/listen.h"
#include "transport/host/net_server_internal.h"
#include "transport/host/precompile.h"
#include "transport/host/single_flight.h"
#include "transport/net/channel_tls.h"
#include "transport/net/thread.h"
#include "transport/net/threads.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	MAX_STATIONS = 1000,
	SETTLE_MS = 2000,
	DRAIN_MS = 30 * 1000,
	TICK_MS = 500, /* between two looks at deadlines */
	CONNS_MAX = 16000, /* whatever the limits of the system are */
	READERS = 2, /* threads that read blobs */
	WORKERS_MAX = 64,
	/* Descriptors for all else: files of workers, scans, the store. */
	RESERVED_FDS = 64,
	FDS_PER_WORKER = 8,
	FDS_PER_CONN = 2, /* at least: the socket and a blob */
	/* Of so many one is for blobs, unless stations are fewer. */
	BLOBS_ONE_OF = 4,
	LARGE_BYTES = 256 * 1024, /* given back to the system when freed */
	ARENAS = 2 /* of malloc, in each of which holes stay */
};

static void
end_now(struct net_server *s, const char *why)
{
	s->drain.cut = s->stats.connections > 0;
	net_log_line(&s->opt.log, s->drain.cut ? NET_LOG_WARN : NET_LOG_INFO,
	    "%s: %u sessions cut off", why, s->stats.connections);
	(void)event_base_loopbreak(s->base);
}

/* First time: let sessions finish.  Second time: now. */
static void
stop(struct net_server *s)
{
	if (s->drain.begun) {
		end_now(s, "stopped at once");
		return;
	}
	assert(s->listener != NULL);
	s->drain.begun = true;
	s->drain.until = clock_ms(s->opt.clock) + s->opt.drain_ms;
	listener_free(s->listener);
	s->listener = NULL;
	net_log_line(&s->opt.log, NET_LOG_INFO,
	    "stopping: no more connections, %u sessions may finish",
	    s->stats.connections);
	if (s->stats.connections == 0)
		(void)event_base_loopbreak(s->base);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct net_server *s = arg;
	struct stranger *one, *next_one;
	struct conn *c, *next;

	(void)fd;
	(void)what;
	TAILQ_FOREACH_SAFE(one, &s->strangers, list, next_one)
	conn_tick(places_conn(one));
	TAILQ_FOREACH_SAFE(c, &s->conns, list, next)
	conn_tick(c);
	host_look(s);
	peers_sweep(&s->peers, clock_ms(s->opt.clock));
	if (s->opt.alive != NULL)
		s->opt.alive(s->opt.ctx);
	rates_look(&s->rates, clock_s(s->opt.clock));
	tally_look(s->workers.tally);
	if (!s->drain.begun)
		host_notice(s);
	if (s->drain.begun)
		places_end_strangers(s);
	if (s->drain.begun && s->stats.connections > 0 &&
	    clock_ms(s->opt.clock) >= s->drain.until)
		end_now(s, "stopped after waiting");
}

static void
on_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	stop(arg);
}

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count = 0;

	(void)what;
	if (read(fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return;
	while (count-- > 0)
		stop(arg);
}

/* From now on; sessions that go on keep what they began with. */
static int
secure(struct net_server *s, const struct net_security *how, struct err *e)
{
	struct tls *tls;
	int rc = certificate_load(s->opt.store, how, s->shows_own, &tls, e);

	if (rc < 0)
		return rc;
	if (rc == 1)
		net_log_line(&s->opt.log, NET_LOG_WARN,
		    "the state folder had no key: this one is new, and "
		    "stations that remember another refuse it (code 72)");
	tls_free(s->host.tls);
	s->host.tls = tls;
	s->shows_own = how->certificate == NULL;
	host_tell_dates(s);
	s->asks_who = how->client_ca != NULL;
	/* Who has to show a certificate cannot do without. */
	s->insecure = how->insecure && !s->asks_who;
	net_log_line(&s->opt.log, NET_LOG_INFO, "TLS with the key %s%s",
	    tls_pin(tls), how->certificate == NULL ? ", its own" : "");
	if (s->insecure)
		net_log_line(&s->opt.log, NET_LOG_WARN,
		    "Insecure=1: stations of other machines, too, are served "
		    "without TLS, and whoever is on the way can read and "
		    "change what they get");
	return 0;
}

static void
on_hangup(evutil_socket_t fd, short what, void *arg)
{
	struct net_server *s = arg;
	struct net_config config;
	struct err e;
	int rc;

	(void)fd;
	(void)what;
	if (s->drain.begun)
		return;
	if (s->opt.reload == NULL) {
		publisher_again(s->publisher);
		return;
	}
	memset(&config, 0, sizeof(config));
	if ((rc = s->opt.reload(s->opt.ctx, &config, &e)) == 0 &&
	    (rc = secure(s, &config.security, &e)) == 0)
		rc = publisher_configure(
		    s->publisher, config.sources, config.sources_n, &e);
	if (rc != 0) {
		net_log_line(&s->opt.log, NET_LOG_ERROR,
		    "configuration not reloaded: %s", e.msg);
		return;
	}
	host_obey(s, &config);
	precompile_set(s->workers.precompile, !config.no_compile_ahead);
	host_tell_window(s);
	net_log_line(&s->opt.log, NET_LOG_INFO, "configuration reloaded");
}

/*
 * What workers compute with is large and soon freed.  By itself malloc learns
 * to keep such pieces, for each thread apart: some 200 MB for nothing.
 */
static void
give_memory_back(const struct net_server *s)
{
	if (!s->opt.guest && mallopt(M_MMAP_THRESHOLD, LARGE_BYTES) != 0)
		(void)mallopt(M_ARENA_MAX, ARENAS);
}

/* A server needs a descriptor for each station, and more. */
static int
raise_limits(struct net_server *s, struct err *e)
{
	rlim_t used = RESERVED_FDS + (rlim_t)s->opt.workers * FDS_PER_WORKER;
	struct rlimit lim;
	rlim_t room, blobs;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0)
		return err_sys(e, errno, "read", "limit of open files");
	if (lim.rlim_cur < lim.rlim_max && !s->opt.guest) {
		lim.rlim_cur = lim.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim) != 0)
			return err_sys(
			    e, errno, "raise", "limit of open files");
	}
	if (lim.rlim_cur < used + FDS_PER_CONN)
		return err_set(e, ERP_USAGE,
		    "the limit of open files is too low for a server: %llu; "
		    "make it %llu or more (ulimit -n, LimitNOFILE)",
		    (unsigned long long)lim.rlim_cur,
		    (unsigned long long)used + FDS_PER_CONN);
	room = lim.rlim_cur - used;
	blobs = (room + BLOBS_ONE_OF - 1) / BLOBS_ONE_OF;
	s->blobs.most =
	    blobs < s->opt.max_stations ? (unsigned)blobs : s->opt.max_stations;
	room -= s->blobs.most;
	s->conns_max = room < CONNS_MAX ? (unsigned)room : CONNS_MAX;
	return 0;
}

static int
add_event(struct net_server *s, struct event **out, int fd, short what,
    event_callback_fn fn)
{
	static const struct timeval period = {.tv_usec = TICK_MS * 1000};

	*out = event_new(s->base, fd, (short)(what | EV_PERSIST), fn, s);
	if (*out == NULL)
		return ERP_NOMEM;
	return event_add(*out, what == 0 ? &period : NULL) == 0 ? 0 : ERP_NOMEM;
}

static int
add_events(struct net_server *s, struct err *e)
{
	struct net_events *v = &s->events;

	v->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (v->stop_fd < 0)
		return err_sys(e, errno, "open", "eventfd");
	if (add_event(s, &v->tick, -1, 0, on_tick) != 0 ||
	    add_event(s, &v->stop, v->stop_fd, EV_READ, on_stop) != 0)
		return err_nomem(e);
	if (s->opt.guest)
		return 0;
	if (add_event(s, &v->term, SIGTERM, EV_SIGNAL, on_signal) != 0 ||
	    add_event(s, &v->interrupt, SIGINT, EV_SIGNAL, on_signal) != 0 ||
	    add_event(s, &v->hangup, SIGHUP, EV_SIGNAL, on_hangup) != 0)
		return err_nomem(e);
	return 0;
}

static int
compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	struct net_server *s = ctx;
	int rc;

	(void)atomic_fetch_add(&s->workers.compiled, 1);
	precompile_make_way(s->workers.precompile, true);
	(void)atomic_fetch_add(&s->workers.compiling, 1);
	rc = compile_blob(s->opt.store, req, out, e);
	(void)atomic_fetch_sub(&s->workers.compiling, 1);
	precompile_make_way(s->workers.precompile, false);
	if (rc == 0 && out->provisional)
		precompile_want(s->workers.precompile, req);
	return rc;
}

static void
released(void *ctx, struct live_release *served)
{
	struct net_server *s = ctx;

	precompile_release(s->workers.precompile, served);
}

static int
start_workers(struct net_server *s, struct err *e)
{
	const unsigned threads[DESK_KINDS] = {
	    [DESK_COMPILE] = s->opt.workers, [DESK_READ] = READERS};
	const struct tally_options tally = {
	    s->base, s->opt.store, s->opt.clock, &s->opt.log};
	struct desk *desk = &s->workers.desk;
	int rc;

	if ((rc = precompile_new(s->opt.store, &s->workers.precompile, e)) !=
		0 ||
	    (rc = tally_new(&tally, &s->workers.tally, e)) != 0 ||
	    (rc = single_flight_new(compile, s, &s->workers.flight, e)) != 0)
		return rc;
	precompile_set(s->workers.precompile, !s->opt.config.no_compile_ahead);
	desk->flight = s->workers.flight;
	desk->clock = s->opt.clock;
	desk->crew = threads_real();
	return desk_open(desk, s->base, threads, e);
}

static int
start_publisher(struct net_server *s, struct err *e)
{
	const struct publisher_options opt = {
	    .base = s->base,
	    .store = s->opt.store,
	    .clock = s->opt.clock,
	    .settle_ms = s->opt.settle_ms,
	    .log = &s->opt.log,
	    .gives_back = !s->opt.guest,
	    .released = released,
	    .ctx = s,
	};
	int rc;

	if ((rc = publisher_new(&opt, &s->publisher, e)) != 0)
		return rc;
	s->releases = publisher_releases(s->publisher);
	return publisher_configure(
	    s->publisher, s->opt.config.sources, s->opt.config.sources_n, e);
}

static int
start_listening(struct net_server *s, struct err *e)
{
	const struct listen_options opt = {
	    .base = s->base,
	    .address = s->opt.address,
	    .port = s->opt.port,
	    .accepted = host_accepted,
	    .failed = host_accept_failed,
	    .ctx = s,
	};
	const char *address = s->opt.address;
	bool all = address == NULL || address[0] == '\0';
	int rc;

	if ((rc = listener_new(&opt, &s->listener, e)) != 0)
		return rc;
	s->port = listener_port(s->listener);
	net_log_line(&s->opt.log, NET_LOG_INFO,
	    !all && strchr(address, ':') != NULL
		? "listening on [%s]:%u, %u stations at once, %u workers"
		: "listening on %s:%u, %u stations at once, %u workers",
	    all ? "*" : address, (unsigned)s->port, s->opt.max_stations,
	    s->opt.workers);
	host_tell_window(s);
	return 0;
}

static void
set_defaults(struct server_options *opt)
{
	if (opt->max_stations == 0)
		opt->max_stations = MAX_STATIONS;
	if (opt->settle_ms == 0)
		opt->settle_ms = SETTLE_MS;
	if (opt->drain_ms == 0)
		opt->drain_ms = DRAIN_MS;
	/* More than processors: some wait for what another computes. */
	if (opt->workers == 0)
		opt->workers = thread_processors() * 2;
	if (opt->workers > WORKERS_MAX)
		opt->workers = WORKERS_MAX;
}

/* libevent would print to standard error; what matters of it is checked by
 * results. */
static void
be_quiet(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

int
net_server_new(
    const struct server_options *opt, struct net_server **out, struct err *e)
{
	struct net_server *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_nomem(e);
	s->opt = *opt;
	host_obey(s, &opt->config);
	s->events.stop_fd = -1;
	TAILQ_INIT(&s->strangers);
	TAILQ_INIT(&s->conns);
	peers_init(&s->peers);
	set_defaults(&s->opt);
	if (!s->opt.guest)
		event_set_log_callback(be_quiet);
	give_memory_back(s);
	s->base = event_base_new();
	if (s->base == NULL)
		rc = err_set(e, ERP_NOMEM, "cannot make an event loop");
	else if ((rc = raise_limits(s, e)) == 0 &&
	    (rc = add_events(s, e)) == 0 && (rc = start_workers(s, e)) == 0) {
		host_fill(s);
		/* The port first: when it is taken, nothing was begun. */
		if ((rc = secure(s, &s->opt.config.security, e)) == 0 &&
		    (rc = start_listening(s, e)) == 0)
			rc = start_publisher(s, e);
	}
	if (rc != 0)
		net_server_free(s);
	else
		*out = s;
	return rc;
}

uint16_t
net_server_port(const struct net_server *s)
{
	return s->port;
}

int
net_server_run(struct net_server *s, struct err *e)
{
	/* A station that is gone is an error of its write. */
	if (!s->opt.guest)
		(void)signal(SIGPIPE, SIG_IGN);
	if (event_base_dispatch(s->base) < 0)
		return err_set(e, ERP_INTERNAL, "the event loop failed");
	if (s->drain.cut)
		return err_set(e, ERP_CANCELLED, "sessions were cut off");
	net_log_line(&s->opt.log, NET_LOG_INFO, "stopped");
	return 0;
}

void
net_server_stats(const struct net_server *s, struct net_server_stats *out)
{
	*out = s->stats;
	out->compiling = atomic_load(&s->workers.compiling);
	out->compiled = atomic_load(&s->workers.compiled);
}

void
net_server_stop(struct net_server *s)
{
	uint64_t one = 1;

	while (
	    write(s->events.stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void
net_server_free(struct net_server *s)
{
	struct stranger *one;
	struct conn *c;

	if (s == NULL)
		return;
	listener_free(s->listener);
	s->listener = NULL;
	/* Sessions before workers: jobs then know that nobody waits. */
	while ((one = TAILQ_FIRST(&s->strangers)) != NULL)
		conn_free(places_conn(one));
	while ((c = TAILQ_FIRST(&s->conns)) != NULL)
		conn_free(c);
	desk_close(&s->workers.desk);
	assert(s->stats.connections == 0 && s->stats.strangers == 0);
	publisher_free(s->publisher);
	tally_free(s->workers.tally);
	single_flight_free(s->workers.flight);
	precompile_free(s->workers.precompile);
	peers_release(&s->peers);
	free_event(s->events.tick);
	free_event(s->events.stop);
	free_event(s->events.term);
	free_event(s->events.interrupt);
	free_event(s->events.hangup);
	if (s->events.stop_fd >= 0)
		(void)close(s->events.stop_fd);
	if (s->base != NULL)
		event_base_free(s->base);
	tls_free(s->host.tls);
	free(s);
}
