/*
 * erpsync keygen: a key and a certificate for a server, by the library; here
 * are the options, and the pin that stations are to have.  Or a key to seal
 * releases with.
 */
#include "cli/cmd.h"

#include "cli/messages/messages.h"
#include "cli/opt.h"
#include "cli/sealing.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/path.h"
#include "transport/api/erpsync.h"

#include <stdio.h>
#include <string.h>

enum { DAYS_MAX = 36500 };

struct keygen {
	struct erpsync_key_options key;
	struct names names;
	const char *seal; /* a name: another kind of key */
	bool no_passphrase;
	struct opt_speech speech;
};

static bool take_name(struct opt *o, void *out);

static const struct opt_row keygen_rows[] = {
    {0, "certificate", "FILE", "where to write the certificate", opt_text,
	.offset = offsetof(struct keygen, key.certificate)},
    {0, "key", "FILE", "where to write the key, for this user alone", opt_text,
	.offset = offsetof(struct keygen, key.key)},
    {0, "name", "NAME",
	"a name or an address that stations reach it by (repeatable)",
	take_name, .offset = offsetof(struct keygen, names)},
    {0, "days", "DAYS", "how long the certificate is valid", opt_number,
	.offset = offsetof(struct keygen, key.days), .least = 1,
	.most = DAYS_MAX, .preset = "3650"},
    {0, "seal", "NAME", "instead: NAME.key and NAME.pub, to seal with",
	opt_text, .offset = offsetof(struct keygen, seal)},
    {0, "no-passphrase", NULL, "who reads NAME.key can seal", opt_flag,
	.offset = offsetof(struct keygen, no_passphrase)},
    {.name = NULL},
};

static const struct opt_command keygen_command = {"keygen", "",
    "Make a key and a certificate for a server, and print the pin of the key.",
    {{keygen_rows, 0}, {opt_common, offsetof(struct keygen, speech)}}, false,
    ""};

static bool
take_name(struct opt *o, void *out)
{
	const char *p;

	for (p = o->arg; *p > ' ' && *p < 0x7f; p++)
		continue;
	if (*p == '\0' && p != o->arg && names_add(out, o->arg, NULL) == 0)
		return true;
	(void)opt_usage(o, "--name: use ASCII characters without blanks");
	return false;
}

static int
parse_options(struct keygen *k, struct opt *o)
{
	memset(k, 0, sizeof(*k));
	erpsync_options_init(&k->key, sizeof(k->key));
	k->speech.lang = o->lang;
	if (opt_parse(o, k) == OPT_STOP || !opt_operands(o, 0, 0))
		return OPT_STOP;
	if (k->seal != NULL && path_base(k->seal)[0] == '\0') {
		(void)opt_usage(o, "--seal: give the key a name");
		return OPT_STOP;
	}
	if (k->seal != NULL)
		return OPT_END;
	if (k->key.certificate == NULL || k->key.key == NULL ||
	    k->names.n == 0) {
		(void)opt_usage(
		    o, "--certificate, --key and --name are needed, or --seal");
		return OPT_STOP;
	}
	k->key.names = (const char *const *)k->names.v;
	k->key.names_n = k->names.n;
	return OPT_END;
}

int
cmd_keygen(int argc, char **argv)
{
	char pin[ERPSYNC_PIN_MAX + 1];
	struct erpsync_error error;
	struct keygen k;
	struct opt o;
	int code = EXIT_OK;

	opt_begin(&o, &keygen_command, argc, argv);
	if (parse_options(&k, &o) == OPT_STOP) {
		code = o.exit_code;
	} else if (k.seal != NULL) {
		code = sealing_make_key(k.seal, k.no_passphrase, &k.speech);
	} else if (erpsync_make_key(&k.key, pin, &error) != 0) {
		code = sealing_failed(k.speech.lang, &error);
	} else if (!k.speech.quiet) {
		/* As smartclient.ini has it. */
		(void)printf("Pin=%s\n", pin);
	}
	names_release(&k.names);
	return code;
}
