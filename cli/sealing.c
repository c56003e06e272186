/*
 * The options of who seals, and the way from them to the library.  Below the
 * commands seal and publish.
 */
#include "cli/sealing.h"

#include "cli/config/config.h"
#include "cli/failure.h"
#include "cli/fault.h"
#include "engine/base/err.h"

#include <stdio.h>

/* A station that has seen no seal takes none above. */
enum { SERIAL_MOST = 1 << 20 };
enum { LINE_BYTES = 1024 }; /* of a warning */

const struct opt_row sealing_rows[] = {
    {0, "seal-key", "FILE", "seal with this secret key", opt_text,
	.offset = offsetof(struct sealing, key)},
    {0, "replaces", "FILE", "say that it takes the place of this secret key",
	opt_text, .offset = offsetof(struct sealing, older)},
    {0, "product", "NAME", "what the files are of; smartclient", opt_text,
	.offset = offsetof(struct sealing, product)},
    {0, "serial", "N", "serial number, instead of the next one", opt_number,
	.offset = offsetof(struct sealing, serial), .least = 1,
	.most = SERIAL_MOST},
    {0, "days", "N", "how long the seal is valid", opt_number,
	.offset = offsetof(struct sealing, days), .least = 1, .most = 400,
	.preset = "90"},
    {0, "downgrade", NULL, "an older build than before is meant", opt_flag,
	.offset = offsetof(struct sealing, downgrade)},
    {.name = NULL},
};

static void
warn_of(const char *file, enum lang lang)
{
	char line[LINE_BYTES];

	if (config_warn_key(file, line, sizeof(line)))
		messages_warn(stderr, lang, line);
}

struct erpsync_sealing
sealing_of(const struct sealing *s, struct passphrase *passphrase)
{
	warn_of(s->key, passphrase->lang);
	warn_of(s->older, passphrase->lang);
	return (struct erpsync_sealing){
	    .key = s->key,
	    .older = s->older,
	    .product = s->product,
	    .serial = s->serial,
	    .days = s->days,
	    .downgrade = s->downgrade,
	    .passphrase = passphrase_ask,
	    .ctx = passphrase,
	};
}

int
sealing_failed(enum lang lang, const struct erpsync_error *error)
{
	struct err e;

	(void)fault_take(&e, error);
	messages_plain(stderr, lang, &e);
	return failure_exit(e.code);
}

int
sealing_make_key(
    const char *name, bool no_passphrase, const struct opt_speech *speech)
{
	struct passphrase passphrase = {speech->lang, no_passphrase};
	char id[ERPSYNC_KEY_ID + 1];
	struct erpsync_error e;

	if (erpsync_seal_key_make(name, passphrase_ask, &passphrase, id, &e) !=
	    0)
		return sealing_failed(speech->lang, &e);
	if (!speech->quiet)
		messages_print(stdout, speech->lang, CLI053, id);
	return EXIT_OK;
}
