/*
 * trips pass PORT FILE: a long line to a server of this machine, for one caller
 * after the other.  It says its own port; then, of each connection that has
 * ended, how often an answer came back while the station was there, and the
 * bytes each way.  What is said within DELAY_MS arrives together; the first of
 * it is left in FILE.
 * trips replay PORT FILE: calls the server and says what is in FILE; what it
 * answers, until it hangs up, is left in FILE.answer.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UP, DOWN, BURST = 1024 * 1024, DELAY_MS = 50, PATIENCE_S = 20 };

static struct sockaddr_in
at_port(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int
listen_somewhere(void)
{
	struct sockaddr_in at = at_port(0);
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) != 0 ||
	    listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) != 0) {
		perror("trips");
		exit(1);
	}
	printf("%d\n", ntohs(at.sin_port));
	(void)fflush(stdout);
	return fd;
}

static int
call(int port)
{
	struct sockaddr_in to = at_port(port);
	struct timeval wait = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0) {
		perror("trips");
		exit(1);
	}
	return fd;
}

static void
leave(const char *file, const char *p, size_t n)
{
	FILE *f = fopen(file, "w");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
		perror(file);
		exit(1);
	}
}

static char burst[BURST];

/* All that comes within the delay, passed on; 0 at its end. */
static size_t
pass(int from, int to)
{
	ssize_t n;

	(void)poll(NULL, 0, DELAY_MS);
	n = recv(from, burst, sizeof(burst), 0);
	if (n > 0 && send(to, burst, (size_t)n, MSG_NOSIGNAL) == n)
		return (size_t)n;
	(void)shutdown(to, SHUT_WR);
	return 0;
}

static void
serve(int station, int server, const char *file)
{
	struct pollfd p[2] = {{.fd = station, .events = POLLIN},
	    {.fd = server, .events = POLLIN}};
	size_t bytes[2] = {0, 0}, n;
	unsigned trips = 0;
	int last = DOWN, i;

	while ((p[UP].fd >= 0 || p[DOWN].fd >= 0) && poll(p, 2, -1) > 0)
		for (i = UP; i <= DOWN; i++) {
			if (p[i].fd < 0 || p[i].revents == 0)
				continue;
			n = pass(p[i].fd, i == UP ? server : station);
			if (n == 0) {
				p[i].fd = -1;
				continue;
			}
			if (i == UP && bytes[UP] == 0)
				leave(file, burst, n);
			trips += i == DOWN && last == UP && p[UP].fd >= 0;
			last = i;
			bytes[i] += n;
		}
	printf("%u %zu %zu\n", trips, bytes[UP], bytes[DOWN]);
	(void)fflush(stdout);
}

static void
replay(int server, const char *file)
{
	char answer[300];
	size_t n = 0;
	ssize_t got;
	FILE *f = fopen(file, "r");

	if (f != NULL)
		n = fread(burst, 1, sizeof(burst), f);
	if (n == 0 || fclose(f) != 0 ||
	    send(server, burst, n, MSG_NOSIGNAL) != (ssize_t)n) {
		perror(file);
		exit(1);
	}
	for (n = 0; n < sizeof(burst); n += (size_t)got)
		if ((got = recv(server, burst + n, sizeof(burst) - n, 0)) <= 0)
			break;
	(void)snprintf(answer, sizeof(answer), "%s.answer", file);
	leave(answer, burst, n);
}

int
main(int argc, char **argv)
{
	int port = argc == 4 ? atoi(argv[2]) : 0, here, station, server;

	if (port == 0)
		return 2;
	if (strcmp(argv[1], "replay") == 0) {
		server = call(port);
		replay(server, argv[3]);
		(void)close(server);
		return 0;
	}
	here = listen_somewhere();
	while ((station = accept(here, NULL, NULL)) >= 0) {
		server = call(port);
		serve(station, server, argv[3]);
		(void)close(server);
		(void)close(station);
	}
	return 1;
}
