/*
 * erpsync seal: seal a folder, or a release by its file, away from the server.
 * By the library; here are the words.
 */
#include "cli/cmd.h"

#include "cli/config/config.h"
#include "cli/config/config_state.h"
#include "cli/messages/messages.h"
#include "cli/sealing.h"
#include "engine/base/fs_file.h"

#include <stdio.h>
#include <string.h>

struct seal_options {
	struct sealing sealing;
	int os; /* enum erpsync_os */
	const char *build, *to;
	struct names exclude;
	struct opt_speech speech;
};

static const struct opt_row seal_rows[] = {
    {0, "os", "windows|linux|macosx", "whose files they are", opt_choice,
	.offset = offsetof(struct seal_options, os), .preset = "windows"},
    {0, "build", "CODE", "their build, as [ErpSync] Build says it", opt_text,
	.offset = offsetof(struct seal_options, build), .preset = ""},
    {0, "exclude", "PATTERN", "names that [ErpSync] Exclude has (repeatable)",
	opt_pattern, .offset = offsetof(struct seal_options, exclude)},
    {0, "to", "FILE", "where to write the seal; beside it, .minisig", opt_text,
	.offset = offsetof(struct seal_options, to)},
    {.name = NULL},
};

static const struct opt_command seal_command = {"seal", "UPDATE_FOLDER",
    "Seal an update folder, or a release of a state folder, so that stations "
    "take it.",
    {{sealing_rows, offsetof(struct seal_options, sealing)}, {seal_rows, 0},
	{opt_common, offsetof(struct seal_options, speech)}},
    false, ""};

static int
seal(const struct seal_options *opt, const char *path)
{
	struct passphrase passphrase = {.lang = opt->speech.lang};
	const struct erpsync_sealing how =
	    sealing_of(&opt->sealing, &passphrase);
	const struct erpsync_source source = {
	    .os = (enum erpsync_os)opt->os,
	    .path = path,
	    .build = opt->build,
	    .exclude = (const char *const *)opt->exclude.v,
	    .exclude_n = opt->exclude.n,
	    .sealing = &how,
	};
	struct erpsync_release release;
	struct erpsync_error e;
	char hex[2 * ERPSYNC_HASH_LEN + 1];
	size_t i;

	if (erpsync_seal_folder(&source, opt->to, &release, &e) != 0)
		return sealing_failed(opt->speech.lang, &e);
	for (i = 0; i < ERPSYNC_HASH_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", release.id[i]);
	if (!opt->speech.quiet)
		messages_print(stdout, opt->speech.lang, CLI052, hex);
	return EXIT_OK;
}

int
cmd_seal(int argc, char **argv)
{
	struct seal_options opt;
	struct opt o;
	int status;

	opt_begin(&o, &seal_command, argc, argv);
	memset(&opt, 0, sizeof(opt));
	opt.speech.lang = o.lang;
	if (opt_parse(&o, &opt) == OPT_STOP || !opt_operands(&o, 1, 1))
		status = o.exit_code;
	else if (opt.sealing.key == NULL)
		status = opt_usage(&o, "--seal-key is missing");
	else if (config_is_published(opt.to, argv[o.first], &opt.exclude))
		status = opt_usage(&o,
		    "--to: '%s' is in what is sealed, which would then be "
		    "another release; name a file elsewhere",
		    opt.to);
	else
		status = seal(&opt, argv[o.first]);
	names_release(&opt.exclude);
	return status;
}
