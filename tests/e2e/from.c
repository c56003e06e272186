/*
 * To be preloaded: connections leave from the address in FROM, one of this
 * machine's, so that stations of many addresses can be played.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	struct sockaddr_in from;
	const char *address = getenv("FROM");

	memset(&from, 0, sizeof(from));
	from.sin_family = AF_INET;
	if (address != NULL && to->sa_family == AF_INET &&
	    inet_pton(AF_INET, address, &from.sin_addr) == 1)
		(void)bind(fd, (const struct sockaddr *)&from, sizeof(from));
	return (int)syscall(SYS_connect, fd, to, len);
}
