/* What a shell is told of a command line that is being written. */
#include "cli/opt.h"

#include "cli/cmd.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 6 };

struct values {
	const char *dir, *file, *name;
	bool dry_run;
	int format, form;
	struct opt_speech speech;
};

#define AT(field) .offset = offsetof(struct values, field)

static const struct opt_row rows[] = {
    {'d', "dir", "DIR", "the folder", opt_text, AT(dir)},
    {'n', "dry-run", NULL, "change nothing", opt_flag, AT(dry_run)},
    {0, "file", "FILE", "a file", opt_text, AT(file)},
    {0, "format", "text|json", "how it looks", opt_choice, AT(format),
	.preset = "json"},
    {0, "form", "bar|plain", "perhaps", opt_choice, AT(form), .may_lack = true},
    {0, "name", "NAME", "a name", opt_text, AT(name)},
    {.name = NULL},
};
static const struct opt_command none = {
    "none", "", "Has no operands.", {{rows, 0}}, false, ""};
static const struct opt_command files = {
    "files", "BASIS NEW", "Has files.", {{rows, 0}}, false, ""};
static const struct opt_command words = {
    "words", "list|add FILE|remove N", "Has words.", {{rows, 0}}, false, ""};

#define ALL                                                                    \
	"--dir=\tthe folder\n--dry-run\tchange nothing\n--file=\ta file\n"     \
	"--format=\thow it looks\n--form\tperhaps\n--form=\tperhaps\n"         \
	"--name=\ta name\n--help\tprint this help\n"

Test(opt_complete, what_may_come_next, .init = cr_redirect_stdout)
{
	static const struct {
		const struct opt_command *cmd;
		const char *words[WORDS_MAX];
		const char *out;
	} cases[] = {
	    /* Options, all or those that begin so. */
	    {&none, {""}, ALL},
	    {&none, {NULL}, ALL},
	    {&none, {"--d"}, "--dir=\tthe folder\n--dry-run\tchange nothing\n"},
	    {&none, {"-n", "--h"}, "--help\tprint this help\n"},
	    {&none, {"--dry-run", "--na"}, "--name=\ta name\n"},
	    {&none, {"x"}, ""},
	    /* Their arguments: in the same word, as bash splits it, or in the
	     * next one. */
	    {&none, {"--format="}, "--format=text\t\n--format=json\t\n"},
	    {&none, {"--format=j"}, "--format=json\t\n"},
	    {&none, {"--format", "="}, "text\t\njson\t\n"},
	    {&none, {"--format", "=", "t"}, "text\t\n"},
	    {&none, {"--format", "j"}, "json\t\n"},
	    {&none, {"--format", ""}, "text\t\njson\t\n"},
	    {&none, {"--dir", ""}, "@dirs\n"},
	    {&none, {"--dir=/t"}, "@dirs\n"},
	    {&none, {"--dir", "=", "/t"}, "@dirs\n"},
	    {&none, {"-d", "/t"}, "@dirs\n"},
	    {&none, {"--file", ""}, "@files\n"},
	    {&none, {"--name", ""}, ""},
	    {&none, {"--name="}, ""},
	    {&none, {"--dry-run="}, ""},
	    {&none, {"--nothing="}, ""},
	    /* One that may be left out is never in the next word. */
	    {&none, {"--form="}, "--form=bar\t\n--form=plain\t\n"},
	    {&none, {"--form", "=", "p"}, "plain\t\n"},
	    {&none, {"--form", "--fi"}, "--file=\ta file\n"},
	    {&none, {"--dry-run", "--fi"}, "--file=\ta file\n"},
	    /* Operands. */
	    {&files, {""}, "@files\n"},
	    {&files, {"-"}, ALL},
	    {&files, {"--"}, ALL},
	    {&files, {"--", "-"}, "@files\n"},
	    {&files, {"--", "--dir", ""}, "@files\n"},
	    {&words, {""}, "list\t\nadd\t\nremove\t\n"},
	    {&words, {"a"}, "add\t\n"},
	};
	static struct values got;
	char option[] = "--" OPT_COMPLETE, name[] = "x";
	char *argv[WORDS_MAX + 3], copies[WORDS_MAX][32];
	char text[1024];
	struct opt o;
	FILE *out = cr_get_redirected_stdout();
	size_t i, used;
	int argc;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		argv[0] = name;
		argv[1] = option;
		for (argc = 2; cases[i].words[argc - 2] != NULL; argc++) {
			(void)snprintf(copies[argc - 2], sizeof(copies[0]),
			    "%s", cases[i].words[argc - 2]);
			argv[argc] = copies[argc - 2];
		}
		argv[argc] = NULL;
		memset(&got, 0, sizeof(got));
		opt_begin(&o, cases[i].cmd, argc, argv);
		cr_expect_eq(opt_parse(&o, &got), OPT_STOP);
		cr_expect_eq(o.exit_code, EXIT_OK);
		/* A mark, so that it is known when all has been read. */
		printf("=end\n");
		(void)fflush(stdout);
		for (used = 0; used + 1 < sizeof(text) &&
		     (used < 5 || memcmp(text + used - 5, "=end\n", 5) != 0);)
			used += fread(text + used, 1, 1, out);
		text[used - 5] = '\0';
		cr_expect_str_eq(text, cases[i].out, "case %zu: %s", i, text);
	}
}
