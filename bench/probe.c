/*
 * probe: does a line have the rate and the round trip it should have?
 *   probe free            print a port that is free now
 *   probe serve           answer probes; prints its port
 *   probe PORT BYTES      print round trip in ms, bits a second down and up
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char block[65536];

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
open_socket(uint16_t port, int server)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), rc;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	rc = server ? bind(fd, (struct sockaddr *)&a, sizeof(a))
		    : connect(fd, (struct sockaddr *)&a, sizeof(a));
	if (fd == -1 || rc == -1 || (server && listen(fd, 8) == -1)) {
		perror("probe");
		exit(1);
	}
	return fd;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		exit(1);
	return ntohs(a.sin_port);
}

static void
send_all(int fd, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, block,
		    n < sizeof(block) ? n : sizeof(block), MSG_NOSIGNAL);

		if (k <= 0)
			exit(1);
		n -= (size_t)k;
	}
}

static void
receive_all(int fd, size_t n)
{
	static char in[sizeof(block)];

	while (n > 0) {
		ssize_t k = recv(fd, in, n < sizeof(in) ? n : sizeof(in), 0);

		if (k <= 0)
			exit(1);
		n -= (size_t)k;
	}
}

/* A byte for a byte; then as many bytes as the client asks for go down, and
 * as many come up before one more byte says that all were there. */
static void
answer(int fd)
{
	uint32_t n;
	size_t got;

	receive_all(fd, 1);
	send_all(fd, 1);
	for (got = 0; got < sizeof(n);) {
		ssize_t k = recv(fd, (char *)&n + got, sizeof(n) - got, 0);

		if (k <= 0)
			exit(1);
		got += (size_t)k;
	}
	send_all(fd, n);
	receive_all(fd, n);
	send_all(fd, 1);
	close(fd);
}

static int
measure(uint16_t port, uint32_t n)
{
	int fd = open_socket(port, 0);
	double t0, rtt, down, up;

	/* The connection's own round trip is over after the first answer. */
	t0 = seconds();
	send_all(fd, 1);
	receive_all(fd, 1);
	rtt = (seconds() - t0) / 2;
	t0 = seconds();
	if (send(fd, &n, sizeof(n), MSG_NOSIGNAL) != sizeof(n))
		return 1;
	receive_all(fd, n);
	down = seconds() - t0 - rtt;
	t0 = seconds();
	send_all(fd, n);
	receive_all(fd, 1);
	up = seconds() - t0 - rtt;
	printf("%.1f %.0f %.0f\n", rtt * 1e3, n * 8.0 / down, n * 8.0 / up);
	return 0;
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc == 3)
		return measure(
		    (uint16_t)atoi(argv[1]), (uint32_t)atol(argv[2]));
	if (argc != 2)
		return 1;
	fd = open_socket(0, 1);
	printf("%d\n", port_of(fd));
	fflush(stdout);
	while (strcmp(argv[1], "serve") == 0) {
		int client = accept(fd, NULL, NULL);

		if (client == -1)
			return 1;
		answer(client);
	}
	return 0;
}
