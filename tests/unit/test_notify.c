/* What a service manager hears, on sockets of our own. */
#include "cli/notify.h"

#include "engine/base/clock.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static uint64_t now_ms;

static uint64_t
monotonic(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock clock_set = {.monotonic_ms = monotonic};

/* A manager's socket of this name; the environment names it. */
static int
manager(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	socklen_t len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	cr_assert_geq(fd, 0);
	memcpy(at.sun_path, path, strlen(path));
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	cr_assert_eq(bind(fd, (const struct sockaddr *)&at, len), 0);
	(void)setenv("NOTIFY_SOCKET", path, 1);
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	now_ms = 1000;
	return fd;
}

/* Is this the next that it heard?  "": nothing more. */
static void
heard(int fd, const char *text)
{
	char got[64] = "";
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);

	cr_expect_eq(n, text[0] != '\0' ? (ssize_t)strlen(text) : -1, "%s: %zd",
	    text, n);
	cr_expect_str_eq(got, text);
}

static void
abstract(char out[64])
{
	(void)snprintf(out, 64, "@erpsync-test-notify-%ld", (long)getpid());
}

Test(notify, an_abstract_socket_hears_all)
{
	struct notify n;
	char path[64];
	int fd;

	abstract(path);
	fd = manager(path);
	notify_open(&n, &clock_set);
	notify_ready(&n);
	heard(fd, "READY=1");
	notify_stopping(&n);
	heard(fd, "STOPPING=1");
	/* No watchdog asked for anything. */
	now_ms += 1000000;
	notify_alive(&n);
	heard(fd, "");
	(void)close(fd);
}

Test(notify, a_file_hears_all)
{
	char dir[] = "/tmp/erpsync-notify.XXXXXX", path[64];
	struct notify n;
	int fd;

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/notify", dir);
	fd = manager(path);
	notify_open(&n, &clock_set);
	notify_ready(&n);
	heard(fd, "READY=1");
	heard(fd, "");
	/* It went away: that harms nobody. */
	(void)close(fd);
	(void)unlink(path);
	notify_ready(&n);
	cr_expect_eq(rmdir(dir), 0);
}

Test(notify, the_watchdog_hears_twice_in_its_time)
{
	struct notify n;
	char path[64], pid[24];
	int fd;

	abstract(path);
	fd = manager(path);
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("WATCHDOG_USEC", "3000000", 1);
	(void)setenv("WATCHDOG_PID", pid, 1);
	notify_open(&n, &clock_set);
	cr_expect_eq(n.every_ms, 1500);
	notify_alive(&n);
	now_ms += 1499;
	notify_alive(&n);
	heard(fd, "");
	now_ms += 1;
	notify_alive(&n);
	heard(fd, "WATCHDOG=1");
	now_ms += 1499;
	notify_alive(&n);
	heard(fd, "");
	now_ms += 1;
	notify_alive(&n);
	heard(fd, "WATCHDOG=1");
	(void)close(fd);
}

Test(notify, what_is_not_for_this_process_does_not_count)
{
	static const char *const wrong[] = {
	    "", "-5", "5s", "0x10", " 7", "99999999999999999999999", NULL};
	struct notify n;
	char path[64];
	size_t i;
	int fd;

	abstract(path);
	fd = manager(path);
	(void)setenv("WATCHDOG_USEC", "3000000", 1);
	(void)setenv("WATCHDOG_PID", "1", 1);
	notify_open(&n, &clock_set);
	cr_expect_eq(n.every_ms, 0);
	(void)unsetenv("WATCHDOG_PID");
	notify_open(&n, &clock_set);
	cr_expect_eq(n.every_ms, 1500);
	for (i = 0; wrong[i] != NULL; i++) {
		(void)setenv("WATCHDOG_USEC", wrong[i], 1);
		notify_open(&n, &clock_set);
		cr_expect_eq(n.every_ms, 0, "%s", wrong[i]);
	}
	(void)close(fd);
}

Test(notify, no_place_is_nobody)
{
	static char longest[NOTIFY_PATH_MAX + 1];
	struct notify n;

	(void)setenv("WATCHDOG_USEC", "3000000", 1);
	(void)unsetenv("NOTIFY_SOCKET");
	notify_open(&n, &clock_set);
	cr_expect_str_eq(n.path, "");
	cr_expect_eq(n.every_ms, 0);
	notify_ready(&n);
	(void)setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	notify_open(&n, &clock_set);
	cr_expect_str_eq(n.path, "");
	memset(longest, 'x', NOTIFY_PATH_MAX);
	longest[0] = '/';
	(void)setenv("NOTIFY_SOCKET", longest, 1);
	notify_open(&n, &clock_set);
	cr_expect_str_eq(n.path, "");
	cr_expect_eq(n.every_ms, 0);
	longest[NOTIFY_PATH_MAX - 1] = '\0';
	(void)setenv("NOTIFY_SOCKET", longest, 1);
	notify_open(&n, &clock_set);
	cr_expect_str_eq(n.path, longest);
}
