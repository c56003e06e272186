/*
 * Who is told that a client folder needs a person: under the commands that
 * open one, above the messages.
 */
#include "cli/stuck.h"

#include "cli/failure.h"
#include "cli/messages/messages_catalogue.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <assert.h>
#include <stdio.h>

bool
stuck_is(const struct erpsync_folder *f, int code)
{
	struct erpsync_folder_info info = {.size = sizeof(info)};

	/* Everything else that keeps one closed left the old version whole. */
	if (f == NULL)
		return code == ERPSYNC_CORRUPT;
	erpsync_folder_info(f, &info);
	return info.stuck;
}

int
stuck_say(enum lang lang, const struct err *e)
{
	messages_advice(stderr, lang, (struct advice){UPD040, DO040}, e->msg);
	return EXIT_RECOVERY;
}
