/*
 * From engine errors to people: the exit code, the message and the advice of
 * each code, for every command that failed.  messages.c prints them.
 */
#include "cli/failure.h"

#include "cli/messages/messages_catalogue.h"
#include "engine/base/err.h"

#include <errno.h>
#include <stddef.h>

static const struct ending {
	enum exit_code exit;
	struct advice advice;
	const char *plain; /* what to do where no client folder is meant, or
			    * NULL: the same */
} endings[ERP_CODES] = {
    [ERP_OK] = {EXIT_OK, {UPD039, DO039}, NULL},
    [-ERP_IO] = {EXIT_FILE_IO, {UPD034, DO034}, DO234},
    [-ERP_NOSPACE] = {EXIT_FILE_IO, {UPD021, DO021}, DO221},
    [-ERP_NOTFOUND] = {EXIT_FILE_IO, {UPD035, DO035}, DO235},
    [-ERP_PROTO] = {EXIT_STREAM, {UPD033, DO033}, NULL},
    [-ERP_CORRUPT] = {EXIT_CONTENT, {UPD025, DO025}, DO225},
    [-ERP_MISMATCH] = {EXIT_CONTENT, {UPD025, DO025}, DO225},
    [-ERP_AUTH] = {EXIT_FILE_IO, {UPD020, DO020}, DO220},
    [-ERP_TIMEOUT] = {EXIT_TIMEOUT, {UPD032, DO029}, NULL},
    [-ERP_BUSY] = {EXIT_BUSY, {UPD022, DO022}, DO222},
    [-ERP_NOMEM] = {EXIT_MEMORY, {UPD036, DO036}, NULL},
    [-ERP_CANCELLED] = {EXIT_INTERRUPTED, {UPD037, DO037}, DO237},
    [-ERP_USAGE] = {EXIT_USAGE, {UPD038, DO038}, DO238},
    [-ERP_INTERNAL] = {EXIT_INTERNAL, {UPD039, DO039}, NULL},
    [-ERP_HEALTH] = {EXIT_HEALTH, {UPD041, DO041}, NULL},
    [-ERP_DELETES] = {EXIT_DELETES, {UPD042, DO042}, NULL},
    [-ERP_BLOCKED] = {EXIT_FILE_IO, {UPD043, DO043}, DO243},
    [-ERP_LOST] = {EXIT_SOCKET, {UPD029, DO029}, NULL},
    [-ERP_UNREACHABLE] = {EXIT_CONNECT, {UPD028, DO028}, NULL},
    [-ERP_UNANSWERED] = {EXIT_CONNECT, {UPD032, DO028}, NULL},
    [-ERP_NOVERSION] = {EXIT_PROTOCOL, {UPD033, DO033}, NULL},
    [-ERP_OVERLOAD] = {EXIT_BUSY, {UPD044, DO044}, NULL},
    [-ERP_HELD] = {EXIT_BUSY, {UPD023, DO023}, DO223},
    [-ERP_UNFINISHED] = {EXIT_BUSY, {UPD049, DO049}, NULL},
    [-ERP_NEWER] = {EXIT_FILE_IO, {UPD050, DO050}, NULL},
    [-ERP_UNTRUSTED] = {EXIT_UNTRUSTED, {UPD051, DO051}, NULL},
    [-ERP_SERVER_FULL] = {EXIT_BUSY, {UPD047, DO047}, NULL},
    [-ERP_SERVER_FAILED] = {EXIT_BUSY, {UPD045, DO056}, NULL},
    [-ERP_UNSEALED] = {EXIT_UNSEALED, {UPD060, DO060}, DO260},
    [-ERP_ROLLED_BACK] = {EXIT_ROLLED_BACK, {UPD061, DO060}, NULL},
    [-ERP_FROZEN] = {EXIT_FROZEN, {UPD062, DO062}, NULL},
    [-ERP_ENDLESS] = {EXIT_ENDLESS, {UPD063, DO060}, NULL},
    [-ERP_MIXED] = {EXIT_MIXED, {UPD064, DO060}, DO260},
    [-ERP_FORWARDED] = {EXIT_FORWARDED, {UPD065, DO065}, NULL},
    [-ERP_OTHER_SOFTWARE] = {EXIT_OTHER_SOFTWARE, {UPD066, DO060}, NULL},
};

static const struct ending *
ending_of(int code)
{
	return &endings[code < 0 && code > -ERP_CODES ? -code : -ERP_INTERNAL];
}

int
failure_exit(int code)
{
	return code >= 0 ? EXIT_OK : (int)ending_of(code)->exit;
}

struct advice
failure_advice(const struct err *e)
{
	/* What the errno tells more than the code. */
	static const struct {
		int sys;
		struct advice advice;
	} told[] = {
	    {EROFS, {UPD020, DO045}},
	    {EADDRINUSE, {UPD048, DO048}},
	    {EADDRNOTAVAIL, {UPD048, DO048}},
	    {EFBIG, {UPD034, DO046}},
	    {EMFILE, {UPD052, DO052}},
	    {ENFILE, {UPD052, DO036}},
	    {ELOOP, {UPD034, DO053}},
	    {ENAMETOOLONG, {UPD034, DO054}},
	    {ENOTDIR, {UPD035, DO055}},
	};
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (e->sys == told[i].sys)
			return told[i].advice;
	return ending_of(e->code)->advice;
}

struct advice
failure_advice_plain(const struct err *e)
{
	struct advice advice = failure_advice(e);
	const char *plain = ending_of(e->code)->plain;

	/* A folder where a file is needed; what the errno tells is more. */
	if (e->sys == EISDIR)
		advice.act = DO235;
	else if (plain != NULL && advice.act == ending_of(e->code)->advice.act)
		advice.act = plain;
	return advice;
}

/* What is in the way of this very update, rights that no call asked for, room
 * or memory that was looked for, and who has the folder: what helps differs
 * from one to the next. */
bool
failure_tells(const struct err *e)
{
	return e->sys == 0 &&
	    (e->code == ERP_BLOCKED || e->code == ERP_AUTH ||
		e->code == ERP_NOSPACE || e->code == ERP_NOMEM ||
		e->code == ERP_HELD);
}
