/*
 * erpsync keys: the keys whose seals a client folder asks for.  The library
 * keeps them, here they are read from files and shown.
 */
#include "cli/cmd.h"

#include "cli/fault.h"
#include "cli/local.h"
#include "cli/messages/messages.h"
#include "engine/base/err.h"
#include "engine/base/path_file.h"
#include "transport/api/erpsync_seal.h"

#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 4096 };

struct keys_options {
	struct local local;
	const char *product;
};

static const struct opt_row keys_rows[] = {
    {0, "product", "NAME", "add: take only its releases; else what comes first",
	opt_text, .offset = offsetof(struct keys_options, product),
	.preset = ""},
    {.name = NULL},
};

static const struct opt_command keys_command = {"keys",
    "list|add FILE|remove NUMBER",
    "List, add or remove the keys whose seals a client folder asks for. NUMBER "
    "is what list shows before a key, 16 digits.",
    {{local_rows, offsetof(struct keys_options, local)}, {keys_rows, 0},
	{opt_common,
	    offsetof(struct keys_options, local) +
		offsetof(struct local, speech)}},
    false, ""};

static void
print_key(void *ctx, const char *id, const char *line)
{
	(void)ctx;
	printf("%s %s\n", id, line);
}

static int
list(const struct local *c, struct erpsync_folder *f)
{
	struct erpsync_error e;
	int n = erpsync_keys(f, print_key, NULL, &e);

	if (n < 0)
		return local_failed(c, &e);
	if (n == 0 && !c->speech.quiet)
		messages_print(stdout, c->speech.lang, CLI054);
	return EXIT_OK;
}

static int
add(const struct keys_options *opt, struct erpsync_folder *f, const char *file)
{
	char text[KEY_BYTES];
	struct erpsync_error error;
	struct err e;
	size_t n;
	FILE *in;

	if (path_file_open(file, &in, &e) != 0) {
		messages_reason(stderr, opt->local.speech.lang, &e);
		return failure_exit(e.code);
	}
	n = fread(text, 1, sizeof(text), in);
	(void)fclose(in);
	if (erpsync_key_add(f, text, n, opt->product, &error) == 0)
		return EXIT_OK;
	(void)fault_take(&e, &error);
	(void)err_context(&e, "%s", file);
	/* It is about the file, not about the folder. */
	if (e.code == ERP_CORRUPT)
		messages_plain(stderr, opt->local.speech.lang, &e);
	else
		messages_reason(stderr, opt->local.speech.lang, &e);
	return failure_exit(e.code);
}

static int
run(const struct keys_options *opt, char **operand, int n)
{
	bool lists = n == 1;
	struct erpsync_folder *f;
	struct erpsync_error e;
	int status;

	if (local_open(&opt->local, NULL, lists, &f, &e) < 0)
		return local_open_failed(&opt->local, &e);
	if (lists)
		status = list(&opt->local, f);
	else if (strcmp(operand[0], "add") == 0)
		status = add(opt, f, operand[1]);
	else if (erpsync_key_remove(f, operand[1], &e) != 0)
		status = local_failed(&opt->local, &e);
	else
		status = EXIT_OK;
	erpsync_folder_close(f);
	return status;
}

static bool
is_request(char **operand, int n)
{
	if (n == 1)
		return strcmp(operand[0], "list") == 0;
	return n == 2 &&
	    (strcmp(operand[0], "add") == 0 ||
		strcmp(operand[0], "remove") == 0);
}

int
cmd_keys(int argc, char **argv)
{
	struct keys_options opt;
	struct opt o;

	opt_begin(&o, &keys_command, argc, argv);
	memset(&opt, 0, sizeof(opt));
	if (opt_parse(&o, &opt) == OPT_STOP)
		return o.exit_code;
	if (!is_request(argv + o.first, argc - o.first))
		return opt_usage(&o, "say list, add FILE or remove NUMBER");
	if (local_settle(&opt.local, &o) != OPT_END)
		return o.exit_code;
	return run(&opt, argv + o.first, argc - o.first);
}
