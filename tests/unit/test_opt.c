/* Options: what is understood, what is complained about, what help says. */
#include "cli/opt.h"

#include "cli/cmd.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

enum { ARGS_MAX = 12, LIMIT = OPT_OWN, FORMAT };

static const struct opt_row rows[] = {
    {'d', "dir", "DIR", "the folder"},
    {'n', "dry-run", NULL, "change nothing"},
    {LIMIT, "bwlimit", "RATE", "bytes a second"},
    {FORMAT, "a-name-that-is-too-long", "FORMAT", "how it looks"},
    {0, NULL, NULL, NULL},
};
static const struct opt_command command = {
    "frob", "NAME", "Frob a folder.", {rows, opt_common}, false};
static const struct opt_command runner = {
    "run", "PROGRAM", "Run.", {rows}, true};

/* Split line at blanks and parse it all; what came back is written down as
 * "id=arg ..." and then the operands. */
static int
parse(const struct opt_command *cmd, const char *line, char *seen, size_t cap)
{
	static char copy[256];
	static char *argv[ARGS_MAX + 1];
	struct opt o;
	char *word;
	size_t used = 0;
	int argc = 0, id, i;

	(void)snprintf(copy, sizeof(copy), "frob %s", line);
	for (word = strtok(copy, " "); word != NULL && argc < ARGS_MAX;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	seen[0] = '\0';
	opt_begin(&o, cmd, argc, argv);
	while ((id = opt_next(&o)) > 0)
		used += (size_t)snprintf(seen + used, cap - used, "%s=%s ",
		    o.given, o.arg != NULL ? o.arg : "");
	if (id == OPT_STOP)
		return o.exit_code;
	for (i = o.first; i < argc; i++)
		used +=
		    (size_t)snprintf(seen + used, cap - used, "%s ", argv[i]);
	return -1;
}

Test(opt, understands)
{
	static const struct {
		const struct opt_command *cmd;
		const char *line;
		const char *seen;
	} cases[] = {
	    {&command, "", ""},
	    {&command, "-d here", "dir=here "},
	    {&command, "--dir=here", "dir=here "},
	    {&command, "--dir here", "dir=here "},
	    {&command, "-ndhere", "dry-run= dir=here "},
	    {&command, "--bw 12", "bwlimit=12 "},
	    {&command, "a -n b", "dry-run= a b "},
	    {&command, "-q --lang es -v", "quiet= lang=es verbose= "},
	    {&command, "-n -- -d", "dry-run= -d "},
	    {&command, "-d -- x", "dir=-- x "},
	    {&runner, "-n prog -d x", "dry-run= prog -d x "},
	};
	char seen[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(
		    parse(cases[i].cmd, cases[i].line, seen, sizeof(seen)), -1,
		    "%s", cases[i].line);
		cr_assert_str_eq(seen, cases[i].seen, "%s", cases[i].line);
	}
}

Test(opt, complains, .init = cr_redirect_stderr)
{
	static const struct {
		const char *line;
		const char *complaint;
	} cases[] = {
	    {"-x", "there is no option -x"},
	    {"a -nx", "there is no option -x"},
	    {"--nothing", "there is no option --nothing, or it is ambiguous"},
	    {"--d", "there is no option --d, or it is ambiguous"},
	    {"-d", "option -d needs an argument"},
	    {"a --dir", "option --dir needs an argument"},
	    {"--dry-run=1", "option --dry-run takes no argument"},
	    {"--bad\033[2J",
		"there is no option --bad\\033[2J, or it is "
		"ambiguous"},
	};
	char seen[256], want[2048] = "";
	size_t i, used = 0;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(parse(&command, cases[i].line, seen, sizeof(seen)),
		    EXIT_USAGE);
		used += (size_t)snprintf(want + used, sizeof(want) - used,
		    "erpsync frob: %s\nTry 'erpsync frob --help'.\n",
		    cases[i].complaint);
	}
	(void)fflush(stderr);
	cr_assert_stderr_eq_str(want);
}

Test(opt, prints_help_from_the_table, .init = cr_redirect_stdout)
{
	char seen[256];

	cr_assert_eq(
	    parse(&command, "-n --help -x", seen, sizeof(seen)), EXIT_OK);
	(void)fflush(stdout);
	cr_assert_stdout_eq_str(
	    "Usage: erpsync frob [OPTION]... NAME\n"
	    "Frob a folder.\n"
	    "\n"
	    "  -d, --dir=DIR               the folder\n"
	    "  -n, --dry-run               change nothing\n"
	    "      --bwlimit=RATE          bytes a second\n"
	    "      --a-name-that-is-too-long=FORMAT\n"
	    "                              how it looks\n"
	    "      --lang=pt|es|en         language of the messages\n"
	    "  -v, --verbose               say more\n"
	    "  -q, --quiet                 say only what went wrong\n"
	    "      --help                  print this help\n");
}

/* An option that was just returned with this argument. */
static struct opt
returned(const char *arg)
{
	struct opt o;

	memset(&o, 0, sizeof(o));
	o.cmd = &command;
	o.given = "bwlimit";
	o.arg = arg;
	return o;
}

Test(opt, checks_values, .init = cr_redirect_stderr)
{
	static const char *const names[] = {"text", "json", NULL};
	static const struct {
		const char *arg;
		bool number, size;
		int64_t as_number;
		uint64_t as_size;
	} cases[] = {
	    {"0", true, true, 0, 0},
	    {"007", true, true, 7, 7},
	    {"100", true, true, 100, 100},
	    {"101", false, true, 0, 101},
	    {"-1", false, false, 0, 0},
	    {"64k", false, true, 0, 65536},
	    {"2M", false, true, 0, 2 << 20},
	    {"", false, false, 0, 0},
	    {"x", false, false, 0, 0},
	    {"9z", false, false, 0, 0},
	    {"99999999999999999999999", false, false, 0, 0},
	};
	struct opt o;
	int64_t number;
	uint64_t size;
	size_t i;
	int which = -1;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		number = 0;
		size = 0;
		o = returned(cases[i].arg);
		cr_expect_eq(opt_number(&o, 0, 100, &number), cases[i].number,
		    "%s", cases[i].arg);
		cr_expect_eq(number, cases[i].as_number);
		cr_expect_eq(o.exit_code, cases[i].number ? 0 : EXIT_USAGE);
		cr_expect_eq(
		    opt_size(&o, &size), cases[i].size, "%s", cases[i].arg);
		cr_expect(!cases[i].size || size == cases[i].as_size);
	}
	o = returned("json");
	cr_assert(opt_choice(&o, names, &which));
	cr_assert_eq(which, 1);
	o = returned("jso");
	cr_assert_not(opt_choice(&o, names, &which));
	cr_assert_eq(o.exit_code, EXIT_USAGE);
}

Test(opt, counts_operands, .init = cr_redirect_stderr)
{
	char frob[] = "frob", a[] = "a", b[] = "b";
	char *argv[] = {frob, a, b, NULL};
	struct opt o;

	opt_begin(&o, &command, 3, argv);
	cr_assert_eq(opt_next(&o), OPT_END);
	cr_assert(opt_operands(&o, 1, 2));
	cr_assert(opt_operands(&o, 2, 2));
	cr_assert_not(opt_operands(&o, 0, 1));
	cr_assert_eq(o.exit_code, EXIT_USAGE);
	cr_assert_not(opt_operands(&o, 3, 3));
	(void)fflush(stderr);
	cr_assert_stderr_eq_str("erpsync frob: 'b' is one word too many\n"
				"Try 'erpsync frob --help'.\n"
				"erpsync frob: needs NAME\n"
				"Try 'erpsync frob --help'.\n");
}
