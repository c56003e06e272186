/*
 * "HOST:PORT" as people write it, apart: for options and settings alike.
 * Names are not looked up here.
 */
#include "cli/config/config.h"

#include "engine/base/err.h"
#include "engine/base/text.h"

#include <bsd/stdlib.h>
#include <string.h>

/* Copy a host's name or number without brackets. */
static int
take_host(const char *from, size_t len, char host[CONFIG_MAX_HOST + 1])
{
	size_t i;

	if (len > CONFIG_MAX_HOST)
		return ERP_USAGE;
	for (i = 0; i < len; i++)
		if (from[i] <= ' ' || from[i] >= 0x7f ||
		    strchr("[]/,;\"'", from[i]) != NULL)
			return ERP_USAGE;
	memcpy(host, from, len);
	host[len] = '\0';
	return 0;
}

/* Where the parts of an address are. */
struct parts {
	const char *host;
	size_t host_len;
	const char *port; /* or NULL */
};

static int
find_parts(const char *text, struct parts *out)
{
	const char *colon = strchr(text, ':'), *close;

	out->host = text;
	out->host_len = strlen(text);
	out->port = NULL;
	if (text[0] == '[') {
		if ((close = strchr(text, ']')) == NULL ||
		    (close[1] != '\0' && close[1] != ':'))
			return ERP_USAGE;
		out->host++;
		out->host_len = (size_t)(close - out->host);
		out->port = close[1] == ':' ? close + 2 : NULL;
	} else if (text[0] != '\0' &&
	    strspn(text, "0123456789") == out->host_len) {
		out->host_len = 0;
		out->port = text;
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		/* With several colons it is an IPv6 address alone. */
		out->host_len = (size_t)(colon - text);
		out->port = colon + 1;
	}
	return 0;
}

int
config_lacks_port(const char *host, struct err *e)
{
	/* What was meant for a port may be the end of an IPv6 address. */
	if (strchr(host, ':') != NULL)
		return err_set(e, ERP_USAGE,
		    "%s is an IPv6 address without a port; with one it stands "
		    "in brackets, as [::1]:1234",
		    host);
	return err_set(e, ERP_USAGE, "give both host and port, as HOST:PORT");
}

int
config_parse_address(const char *text, uint16_t least,
    char host[CONFIG_MAX_HOST + 1], uint16_t *port, struct err *e)
{
	char shown[CONFIG_MAX_HOST];
	const char *why = NULL;
	struct parts at;
	long long n = *port;
	int rc = find_parts(text, &at);

	if (rc == 0)
		rc = take_host(at.host, at.host_len, host);
	if (rc == 0 && at.port != NULL)
		n = strtonum(at.port, least, UINT16_MAX, &why);
	text_escape(shown, sizeof(shown), text);
	if ((rc != 0 || why != NULL) && text[0] == '[')
		return err_set(e, ERP_USAGE,
		    "%s is no IPv6 address in brackets with a port from %u to "
		    "65535 behind them, as [::1]:1234",
		    shown, (unsigned)least);
	if (rc != 0 || why != NULL)
		return err_set(e, ERP_USAGE,
		    "%s is not HOST:PORT with a port from %u to 65535", shown,
		    (unsigned)least);
	*port = (uint16_t)n;
	return 0;
}
