/* From engine errors to exit codes. */
#include "cli/cmd.h"

#include "engine/base/err.h"

#include <errno.h>

int
exit_of_error(int code)
{
	static const unsigned char codes[] = {
	    [ERP_OK] = EXIT_OK,
	    [-ERP_IO] = EXIT_FILE_IO,
	    [-ERP_NOSPACE] = EXIT_FILE_IO,
	    [-ERP_NOTFOUND] = EXIT_FILE_IO,
	    [-ERP_PROTO] = EXIT_STREAM,
	    [-ERP_CORRUPT] = EXIT_CONTENT,
	    [-ERP_MISMATCH] = EXIT_CONTENT,
	    [-ERP_AUTH] = EXIT_FILE_IO,
	    [-ERP_TIMEOUT] = EXIT_TIMEOUT,
	    [-ERP_BUSY] = EXIT_BUSY,
	    [-ERP_NOMEM] = EXIT_MEMORY,
	    [-ERP_CANCELLED] = EXIT_INTERRUPTED,
	    [-ERP_USAGE] = EXIT_USAGE,
	    [-ERP_INTERNAL] = EXIT_INTERNAL,
	    [-ERP_HEALTH] = EXIT_HEALTH,
	    [-ERP_DELETES] = EXIT_DELETES,
	    [-ERP_BLOCKED] = EXIT_FILE_IO,
	};

	if (code >= 0)
		return EXIT_OK;
	if (-code >= (int)sizeof(codes))
		return EXIT_INTERNAL;
	return codes[-code];
}

enum error_origin
error_origin(const struct err *e)
{
	switch (e->sys) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
		return ORIGIN_CONNECT;
	case ECONNRESET:
	case ECONNABORTED:
	case ENOTCONN:
	case EPIPE:
	case EADDRINUSE:
	case EADDRNOTAVAIL:
		return ORIGIN_SOCKET;
	case ETIMEDOUT:
		return ORIGIN_TIMEOUT;
	default:
		return ORIGIN_OTHER;
	}
}

int
exit_of_failure(const struct err *e)
{
	/* No common protocol version (transport/wire/frame.h). */
	if (e->code == ERP_PROTO && e->sys == EPROTONOSUPPORT)
		return EXIT_PROTOCOL;
	switch (error_origin(e)) {
	case ORIGIN_CONNECT:
		return EXIT_CONNECT;
	case ORIGIN_SOCKET:
		return EXIT_SOCKET;
	case ORIGIN_TIMEOUT:
		return EXIT_TIMEOUT;
	case ORIGIN_OTHER:
		break;
	}
	return exit_of_error(e->code);
}
