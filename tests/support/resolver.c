/* A resolver of our own before getaddrinfo(3). */
#include "tests/support/resolver.h"

#include "engine/base/clock.h"

#include <netdb.h>
#include <string.h>

int __real_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **out);
int __wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **out);

int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **out)
{
	int rc;

	if (host == NULL || (hints->ai_flags & AI_NUMERICHOST) != 0)
		return __real_getaddrinfo(host, service, hints, out);
	if (strcmp(host, RESOLVER_SILENT) == 0) {
		clock_sleep_ms(NULL, RESOLVER_SILENT_MS);
		return EAI_NONAME;
	}
	if (strcmp(host, RESOLVER_TWO) != 0)
		return __real_getaddrinfo(host, service, hints, out);
	rc = __real_getaddrinfo("127.0.0.1", service, hints, out);
	if (rc != 0)
		return rc;
	return __real_getaddrinfo(
	    "127.0.0.2", service, hints, &(*out)->ai_next);
}
