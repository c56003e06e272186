/*
 * From a name to a connection, by the calls of Windows.  Below lookup.c and
 * dial.c; part of sock_win32.c.
 */
#include "transport/net/sock.h"

#include "engine/base/wide_win32.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As often as it is asked for: the system counts. */
static int
begin(void)
{
	WSADATA data;

	return WSAStartup(MAKEWORD(2, 2), &data);
}

int
sock_lookup(
    const char *host, uint16_t port, bool numeric, struct sock_addresses *out)
{
	ADDRINFOW hints, *list = NULL, *a;
	wchar_t name[NI_MAXHOST], number[8];
	int rc = begin();

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = numeric ? AI_NUMERICHOST : 0;
	(void)_snwprintf(number, 8, L"%u", (unsigned)port);
	out->n = 0;
	if (rc != 0)
		return rc;
	if (host[0] == '\0' || wide_of(host, name, NI_MAXHOST) < 0)
		return EAI_NONAME;
	if ((rc = GetAddrInfoW(name, number, &hints, &list)) != 0)
		return rc;
	for (a = list; a != NULL && out->n < SOCK_ADDRESSES_MAX;
	     a = a->ai_next) {
		if (a->ai_addrlen > SOCK_ADDRESS_BYTES)
			continue;
		out->v[out->n].family = a->ai_family;
		out->v[out->n].len = (uint32_t)a->ai_addrlen;
		memcpy(out->v[out->n].bytes, a->ai_addr, a->ai_addrlen);
		out->n++;
	}
	FreeAddrInfoW(list);
	return out->n == 0 ? EAI_NONAME : 0;
}

/* In Linux's words, which messages are translated from. */
const char *
sock_lookup_text(int rc)
{
	switch (rc) {
	case EAI_NONAME:
	case WSANO_DATA:
		return "Name or service not known";
	case EAI_AGAIN:
		return "Temporary failure in name resolution";
	case EAI_MEMORY:
		return "Memory allocation failure";
	default:
		return "Non-recoverable failure in name resolution";
	}
}

int
sock_no_such_name(void)
{
	return EAI_NONAME;
}

int
sock_connect(const struct sock_address *to, bool *pending)
{
	SOCKET s = WSASocketW(to->family, SOCK_STREAM, 0, NULL, 0,
	    WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
	int rc;

	*pending = false;
	if (s == INVALID_SOCKET)
		return -wide_errno((DWORD)WSAGetLastError());
	if ((rc = sock_take((int)s)) == 0) {
		if (connect(s, (const void *)to->bytes, (int)to->len) == 0)
			return (int)s;
		rc = -wide_errno((DWORD)WSAGetLastError());
		*pending = rc == -EAGAIN || rc == -EINPROGRESS;
		if (*pending)
			return (int)s;
	}
	sock_close((int)s);
	return rc;
}

int
sock_outcome(int fd)
{
	int sys = 0, len = sizeof(sys);

	if (getsockopt((SOCKET)fd, SOL_SOCKET, SO_ERROR, (char *)&sys, &len) !=
	    0)
		sys = WSAGetLastError();
	return sys == 0 ? 0 : -wide_errno((DWORD)sys);
}
