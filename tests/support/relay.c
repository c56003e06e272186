/* A bad link. */
#include "tests/support/relay.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in
loopback_address(uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return in;
}

/* One direction of a connection. */
struct way {
	int64_t room; /* bytes until it is cut; < 0: it is not */
	int64_t harm; /* the byte that is damaged; <= 0: none any more */
};

/* Pass some bytes on; false at the end. */
static bool
pass(int from, int to, struct way *w)
{
	char bytes[4096];
	size_t most = sizeof(bytes), done = 0;
	ssize_t n, m;

	if (w->room >= 0 && (int64_t)most > w->room)
		most = (size_t)w->room;
	n = recv(from, bytes, most, 0);
	if (n <= 0)
		return false;
	if (w->harm > 0 && w->harm <= n)
		bytes[w->harm - 1] ^= 4;
	w->harm -= n;
	while (done < (size_t)n) {
		m = send(to, bytes + done, (size_t)n - done, MSG_NOSIGNAL);
		if (m <= 0)
			return false;
		done += (size_t)m;
	}
	if (w->room >= 0)
		w->room -= n;
	return w->room != 0;
}

/* Take what the caller says and do nothing with it. */
static bool
swallow(int caller)
{
	char bytes[4096];

	return recv(caller, bytes, sizeof(bytes), 0) > 0;
}

/* One connection, to its end. */
static void
serve(struct relay *r, int caller, unsigned n)
{
	struct sockaddr_in in = loopback_address(r->to);
	struct pollfd p[3] = {{.fd = caller, .events = POLLIN},
	    {.fd = -1, .events = POLLIN}, {.fd = r->stop[0], .events = POLLIN}};
	struct way up = {-1, n == 0 ? r->harm_up : 0};
	struct way down = {
	    n < RELAY_CUTS ? r->cut[n] : -1, n == 0 ? r->harm_down : 0};
	bool on = down.room != 0;

	if (r->to != 0 && on) {
		p[1].fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(p[1].fd, (struct sockaddr *)&in, sizeof(in)) != 0)
			on = false;
	}
	if (r->to == 0 && r->says != NULL)
		(void)send(caller, r->says, strlen(r->says), MSG_NOSIGNAL);
	while (on && poll(p, 3, -1) > 0 && p[2].revents == 0) {
		if (p[0].revents != 0)
			on = p[1].fd >= 0 ? pass(caller, p[1].fd, &up)
					  : swallow(caller);
		if (on && p[1].revents != 0)
			on = pass(p[1].fd, caller, &down);
	}
	if (p[1].fd >= 0)
		(void)close(p[1].fd);
	(void)close(caller);
}

static void *
run(void *arg)
{
	struct relay *r = arg;
	struct pollfd p[2] = {{.fd = r->fd, .events = POLLIN},
	    {.fd = r->stop[0], .events = POLLIN}};
	int fd;

	while (poll(p, 2, -1) > 0 && p[1].revents == 0) {
		if ((fd = accept(r->fd, NULL, NULL)) < 0)
			continue;
		serve(r, fd, atomic_fetch_add(&r->conns, 1));
	}
	return NULL;
}

void
relay_start(struct relay *r)
{
	struct sockaddr_in in = loopback_address(0);
	socklen_t len = sizeof(in);

	atomic_init(&r->conns, 0);
	r->fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_geq(r->fd, 0);
	cr_assert_eq(bind(r->fd, (struct sockaddr *)&in, len), 0);
	cr_assert_eq(listen(r->fd, 8), 0);
	cr_assert_eq(getsockname(r->fd, (struct sockaddr *)&in, &len), 0);
	r->port = ntohs(in.sin_port);
	cr_assert_eq(pipe(r->stop), 0);
	cr_assert_eq(pthread_create(&r->thread, NULL, run, r), 0);
}

void
relay_stop(struct relay *r)
{
	cr_assert_eq(write(r->stop[1], "x", 1), 1);
	(void)pthread_join(r->thread, NULL);
	(void)close(r->fd);
	(void)close(r->stop[0]);
	(void)close(r->stop[1]);
}
