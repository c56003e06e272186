/*
 * From engine errors to people: the exit code, the message and the advice of
 * each code, for every command that failed.  messages.c prints them.
 */
#include "cli/exit.h"

#include "cli/messages/messages_catalogue.h"
#include "engine/base/err.h"

#include <errno.h>

static const struct ending {
	enum exit_code exit;
	struct advice advice;
} endings[ERP_CODES] = {
    [ERP_OK] = {EXIT_OK, {UPD039, DO039}},
    [-ERP_IO] = {EXIT_FILE_IO, {UPD034, DO034}},
    [-ERP_NOSPACE] = {EXIT_FILE_IO, {UPD021, DO021}},
    [-ERP_NOTFOUND] = {EXIT_FILE_IO, {UPD035, DO035}},
    [-ERP_PROTO] = {EXIT_STREAM, {UPD033, DO033}},
    [-ERP_CORRUPT] = {EXIT_CONTENT, {UPD025, DO025}},
    [-ERP_MISMATCH] = {EXIT_CONTENT, {UPD025, DO025}},
    [-ERP_AUTH] = {EXIT_FILE_IO, {UPD020, DO020}},
    [-ERP_TIMEOUT] = {EXIT_TIMEOUT, {UPD032, DO029}},
    [-ERP_BUSY] = {EXIT_BUSY, {UPD022, DO022}},
    [-ERP_NOMEM] = {EXIT_MEMORY, {UPD036, DO036}},
    [-ERP_CANCELLED] = {EXIT_INTERRUPTED, {UPD037, DO037}},
    [-ERP_USAGE] = {EXIT_USAGE, {UPD038, DO038}},
    [-ERP_INTERNAL] = {EXIT_INTERNAL, {UPD039, DO039}},
    [-ERP_HEALTH] = {EXIT_HEALTH, {UPD041, DO041}},
    [-ERP_DELETES] = {EXIT_DELETES, {UPD042, DO042}},
    [-ERP_BLOCKED] = {EXIT_FILE_IO, {UPD043, DO043}},
    [-ERP_LOST] = {EXIT_SOCKET, {UPD029, DO029}},
    [-ERP_UNREACHABLE] = {EXIT_CONNECT, {UPD028, DO028}},
    [-ERP_UNANSWERED] = {EXIT_CONNECT, {UPD032, DO029}},
    [-ERP_NOVERSION] = {EXIT_PROTOCOL, {UPD033, DO033}},
    [-ERP_OVERLOAD] = {EXIT_BUSY, {UPD044, DO044}},
    [-ERP_HELD] = {EXIT_BUSY, {UPD023, DO023}},
    [-ERP_SERVER_FULL] = {EXIT_BUSY, {UPD047, DO047}},
};

static const struct ending *
ending_of(int code)
{
	return &endings[code <= 0 && code > -ERP_CODES ? -code : -ERP_INTERNAL];
}

int
exit_of_error(int code)
{
	return code >= 0 ? EXIT_OK : (int)ending_of(code)->exit;
}

struct advice
exit_advice(const struct err *e)
{
	if (e->sys == EROFS)
		return (struct advice){UPD020, DO045};
	if (e->sys == EFBIG)
		return (struct advice){UPD034, DO046};
	return ending_of(e->code)->advice;
}
