/* Options: what is understood, what is complained about, what help says. */
#include "cli/opt.h"

#include "cli/cmd.h"
#include "cli/progress/progress.h"
#include "engine/base/fs_file.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARGS_MAX = 12 };

/* What the options of the test fill. */
struct values {
	char before; /* so that no offset is 0 by itself */
	const char *dir;
	bool dry_run;
	uint64_t limit;
	int format;
	uint32_t number, ms;
	struct names patterns;
	struct opt_speech speech;
};

#define AT(field) .offset = offsetof(struct values, field)

static const struct opt_row rows[] = {
    {'d', "dir", "DIR", "the folder", opt_text, AT(dir)},
    {'n', "dry-run", NULL, "change nothing", opt_flag, AT(dry_run)},
    {0, "bwlimit", "RATE", "bytes a second", opt_size, AT(limit)},
    {0, "a-name-that-is-too-long", "text|json", "how it looks", opt_choice,
	AT(format), .preset = "json"},
    {.name = NULL},
};
static const struct opt_row more_rows[] = {
    {0, "number", "N", "how many", opt_number, AT(number), .most = 100},
    {0, "wait", "SECONDS", "to wait", opt_seconds, AT(ms), .least = 1,
	.most = 60, .preset = "8"},
    {0, "exclude", "PATTERN", "not these", opt_pattern, AT(patterns)},
    {.name = NULL},
};
static const struct opt_command command = {"frob", "NAME", "Frob a folder.",
    {{rows, 0}, {opt_common, offsetof(struct values, speech)}}, false, ""};
static const struct opt_command counter = {
    "count", "", "Count.", {{rows, 0}, {more_rows, 0}}, false, ""};
static const struct opt_row rate_rows[] = {
    {0, "rate", "RATE", "how fast", opt_rate, AT(limit)},
    {.name = NULL},
};
static const struct opt_command rated = {
    "rate", "", "Rate.", {{rate_rows, 0}}, false, ""};
static const struct opt_command runner = {
    "run", "PROGRAM", "Run.", {{rows, 0}}, true, ""};

static struct values got;

#define COMPLAINT(name, what)                                                  \
	"UPD038: The request cannot be met: " what                             \
	"\nWhat to do: 'erpsync " name " --help' tells what can be asked.\n"

static void
in_english(void)
{
	cr_assert_eq(setenv("LC_ALL", "en", 1), 0);
	cr_redirect_stderr();
}

/* Split line at blanks and parse it all into got; what came is written down
 * as "dir=x ..." and then the operands. */
static int
parse(const struct opt_command *cmd, const char *line, char *seen, size_t cap)
{
	static char copy[256];
	static char *argv[ARGS_MAX + 1];
	struct opt o;
	char *word;
	size_t used;
	int argc = 0, i;

	(void)snprintf(copy, sizeof(copy), "frob %s", line);
	for (word = strtok(copy, " "); word != NULL && argc < ARGS_MAX;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	memset(&got, 0, sizeof(got));
	seen[0] = '\0';
	opt_begin(&o, cmd, argc, argv);
	if (opt_parse(&o, &got) == OPT_STOP)
		return o.exit_code;
	used = (size_t)snprintf(seen, cap, "%s%s%s%s%s%s",
	    got.dir != NULL ? "dir=" : "", got.dir != NULL ? got.dir : "",
	    got.dir != NULL ? " " : "", got.dry_run ? "dry-run " : "",
	    got.limit == 12 ? "bwlimit=12 " : "",
	    got.speech.quiet ? "quiet " : "");
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
	    {&command, "-d here -d there", "dir=there "},
	    {&command, "-ndhere", "dir=here dry-run "},
	    {&command, "--bw 12", "bwlimit=12 "},
	    {&command, "a -n b", "dry-run a b "},
	    {&command, "-q --lang es", "quiet "},
	    {&command, "-n -- -d", "dry-run -d "},
	    {&command, "-d -- x", "dir=-- x "},
	    {&runner, "-n prog -d x", "dry-run prog -d x "},
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

Test(opt, complains, .init = in_english)
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
		    COMPLAINT("frob", "%s"), cases[i].complaint);
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
	    "      --a-name-that-is-too-long=text|json\n"
	    "                              how it looks (default json)\n"
	    "      --lang=pt|es|en         language of the messages\n"
	    "  -q, --quiet                 say only what went wrong\n"
	    "  -h, --help                  print this help\n");
}

Test(opt, help_tells_what_is_not_given, .init = cr_redirect_stdout)
{
	opt_help(&counter);
	(void)fflush(stdout);
	cr_assert_stdout_eq_str(
	    "Usage: erpsync count [OPTION]...\n"
	    "Count.\n"
	    "\n"
	    "  -d, --dir=DIR               the folder\n"
	    "  -n, --dry-run               change nothing\n"
	    "      --bwlimit=RATE          bytes a second\n"
	    "      --a-name-that-is-too-long=text|json\n"
	    "                              how it looks (default json)\n"
	    "      --number=N              how many; 0..100\n"
	    "      --wait=SECONDS          to wait; 1..60 (8)\n"
	    "      --exclude=PATTERN       not these\n"
	    "  -h, --help                  print this help\n");
}

/* Two blanks at least lie between an option and its help. */
Test(opt, help_leaves_room_where_it_can, .init = cr_redirect_stdout)
{
	static const struct opt_row wide[] = {
	    {0, "twenty-characters-it", NULL, "fits", opt_flag, AT(dry_run)},
	    {0, "a-character-more-here", NULL, "below", opt_flag, AT(dry_run)},
	    {.name = NULL},
	};
	static const struct opt_command wider = {
	    "wide", "", "Wide.", {{wide, 0}}, false, ""};

	opt_help(&wider);
	(void)fflush(stdout);
	cr_assert_stdout_eq_str(
	    "Usage: erpsync wide [OPTION]...\n"
	    "Wide.\n"
	    "\n"
	    "      --twenty-characters-it  fits\n"
	    "      --a-character-more-here\n"
	    "                              below\n"
	    "  -h, --help                  print this help\n");
}

/* Lines end before column 80, between two words. */
Test(opt, help_fits_a_terminal, .init = cr_redirect_stdout)
{
	static const struct opt_row wide[] = {
	    {0, "exactly", NULL,
		"these words end in column seventy-nine, the final ones.",
		opt_flag, AT(dry_run)},
	    {0, "more", NULL,
		"these words end in column seventy-nine, the finals only "
		"would not, and so there has to be another line of them.",
		opt_flag, AT(dry_run)},
	    {0, "number", "N", "a number whose preset stands in a second line",
		opt_number, AT(number), .most = 1000, .preset = "100"},
	    {.name = NULL},
	};
	static const struct opt_command wider = {"wide", "",
	    "A sentence on what the command does that is so long that it "
	    "does not fit a terminal.\nAnd one of its own.",
	    {{wide, 0}}, false, ""};

	opt_help(&wider);
	(void)fflush(stdout);
	cr_assert_stdout_eq_str(
	    "Usage: erpsync wide [OPTION]...\n"
	    "A sentence on what the command does that is so long that it does "
	    "not fit a\nterminal.\nAnd one of its own.\n"
	    "\n"
	    "      --exactly               "
	    "these words end in column seventy-nine, the final\n"
	    "                              ones.\n"
	    "      --more                  "
	    "these words end in column seventy-nine, the\n"
	    "                              "
	    "finals only would not, and so there has to be\n"
	    "                              another line of them.\n"
	    "      --number=N              "
	    "a number whose preset stands in a second line;\n"
	    "                              0..1000 (100)\n"
	    "  -h, --help                  print this help\n");
}

static bool
take_form(struct opt *o, void *out)
{
	int *form = out;

	*form = 7;
	return o->arg == NULL || opt_choice(o, out);
}

Test(opt, an_argument_may_lack, .init = in_english)
{
	static const struct opt_row form_rows[] = {
	    {0, "form", "text|json", "perhaps", take_form, AT(format),
		.may_lack = true},
	    {.name = NULL},
	};
	static const struct opt_command former = {
	    "form", "", "Form.", {{form_rows, 0}}, false, ""};
	char seen[256];

	cr_expect_eq(parse(&former, "", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, 0);
	cr_expect_eq(parse(&former, "--form", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, 7);
	cr_expect_eq(parse(&former, "--form=json", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, 1);
	/* The next word is not its. */
	cr_expect_eq(parse(&former, "--form text", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, 7);
	cr_expect_str_eq(seen, "text ");
	cr_expect_eq(
	    parse(&former, "--form=x", seen, sizeof(seen)), EXIT_USAGE);
	(void)fflush(stderr);
	cr_expect_stderr_eq_str(
	    COMPLAINT("form", "--form: 'x' is none of text, json"));
}

Test(opt, forms_of_progress_are_those_of_progress, .init = in_english)
{
	static const struct opt_row forms[] = {
	    {0, "progress", "bar|plain|json", "how", opt_progress, AT(format),
		.may_lack = true},
	    {.name = NULL},
	};
	static const struct opt_command former = {
	    "form", "", "Form.", {{forms, 0}}, false, ""};
	char seen[256];

	cr_expect_eq(parse(&former, "--progress=bar", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, PROGRESS_BAR);
	cr_expect_eq(
	    parse(&former, "--progress=plain", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, PROGRESS_LINES);
	cr_expect_eq(parse(&former, "--progress=json", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, PROGRESS_JSON);
	cr_expect_eq(parse(&former, "--progress", seen, sizeof(seen)), -1);
	cr_expect_eq(got.format, PROGRESS_AUTO);
	cr_expect_eq(parse(&former, "--progress=zenity", seen, sizeof(seen)),
	    EXIT_USAGE);
	(void)fflush(stderr);
}

Test(opt, help_shows_what_may_lack, .init = cr_redirect_stdout)
{
	static const struct opt_row form_rows[] = {
	    {0, "form", "text|json", "perhaps", take_form, AT(format),
		.may_lack = true},
	    {.name = NULL},
	};
	static const struct opt_command former = {
	    "form", "", "Form.", {{form_rows, 0}}, false, ""};

	opt_help(&former);
	(void)fflush(stdout);
	cr_assert_stdout_eq_str(
	    "Usage: erpsync form [OPTION]...\n"
	    "Form.\n"
	    "\n"
	    "      --form[=text|json]      perhaps\n"
	    "  -h, --help                  print this help\n");
}

Test(opt, checks_values, .init = in_english)
{
	static const struct {
		const char *arg;
		bool number, size;
		uint32_t as_number;
		uint64_t as_size;
	} cases[] = {
	    {"0", true, true, 0, 0},
	    {"007", true, true, 7, 7},
	    {"100", true, true, 100, 100},
	    {"101", false, true, 0, 101},
	    {"-1", false, false, 0, 0},
	    {"64k", false, true, 0, 65536},
	    {"2M", false, true, 0, 2 << 20},
	    {"x", false, false, 0, 0},
	    {"9z", false, false, 0, 0},
	    {"1e9", false, false, 0, 0},
	    {"64kbit", false, false, 0, 0},
	    {"99999999999999999999999", false, false, 0, 0},
	};
	char line[64], seen[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(line, sizeof(line), "--number=%s", cases[i].arg);
		cr_expect_eq(parse(&counter, line, seen, sizeof(seen)),
		    cases[i].number ? -1 : EXIT_USAGE, "%s", line);
		cr_expect_eq(got.number, cases[i].as_number, "%s", line);
		(void)snprintf(
		    line, sizeof(line), "--bwlimit=%s", cases[i].arg);
		cr_expect_eq(parse(&counter, line, seen, sizeof(seen)),
		    cases[i].size ? -1 : EXIT_USAGE, "%s", line);
		cr_expect(!cases[i].size || got.limit == cases[i].as_size);
	}
	cr_expect_eq(
	    parse(&counter, "--number=", seen, sizeof(seen)), EXIT_USAGE);
	cr_expect_eq(
	    parse(&counter, "--bwlimit=", seen, sizeof(seen)), EXIT_USAGE);
}

Test(opt, takes_by_type, .init = in_english)
{
	char seen[256];

	cr_assert_eq(parse(&counter, "", seen, sizeof(seen)), -1);
	cr_assert_eq(got.format, 1);
	cr_assert_eq(got.ms, 8000);
	cr_assert_eq(
	    parse(&counter, "--wait 2 --a-n text", seen, sizeof(seen)), -1);
	cr_assert_eq(got.format, 0);
	cr_assert_eq(got.ms, 2000);
	cr_assert_eq(
	    parse(&counter, "--exclude a --exclude b/c", seen, sizeof(seen)),
	    -1);
	cr_assert_eq(got.patterns.n, 2);
	cr_assert_str_eq(got.patterns.v[1], "b/c");
	names_release(&got.patterns);
	cr_assert_eq(parse(&command, "--lang es_PE", seen, sizeof(seen)), -1);
	cr_assert_eq(got.speech.lang, LANG_ES);
	cr_assert_str_eq(got.speech.language, "es_PE");
	cr_assert_eq(
	    parse(&counter, "--wait 0", seen, sizeof(seen)), EXIT_USAGE);
	cr_assert_eq(
	    parse(&counter, "--a-n jso", seen, sizeof(seen)), EXIT_USAGE);
	cr_assert_eq(
	    parse(&counter, "--exclude=", seen, sizeof(seen)), EXIT_USAGE);
	cr_assert_eq(
	    parse(&command, "--lang de", seen, sizeof(seen)), EXIT_USAGE);
	(void)fflush(stderr);
	cr_assert_stderr_eq_str(COMPLAINT("count",
	    "--wait: '0' is not a whole number from 1 to 60") COMPLAINT("count",
	    "--a-name-that-is-too-long: 'jso' is none of text, json")
		COMPLAINT("count", "--exclude: the pattern is empty")
		    COMPLAINT("frob", "--lang: 'de' is none of pt, es, en"));
}

static const struct opt_row signed_rows[] = {
    {0, "sum", "N", "how much; -1: no matter", opt_integer, AT(format),
	.least = -1, .most = 32},
    {.name = NULL},
};
static const struct opt_command summer = {
    "sum", "", "Sum.", {{signed_rows, 0}}, false, ""};

/* What is refused is told with the least and the most. */
Test(opt, numbers_have_bounds, .init = in_english)
{
	char seen[256];

	cr_assert_eq(parse(&summer, "--sum -1", seen, sizeof(seen)), -1);
	cr_assert_eq(got.format, -1);
	cr_assert_eq(parse(&summer, "--sum 32", seen, sizeof(seen)), -1);
	cr_assert_eq(got.format, 32);
	cr_assert_eq(parse(&counter, "--number 100", seen, sizeof(seen)), -1);
	cr_assert_eq(got.number, 100);
	cr_assert_eq(parse(&counter, "--number 0", seen, sizeof(seen)), -1);
	cr_assert_eq(got.number, 0);
	cr_assert_eq(
	    parse(&summer, "--sum -2", seen, sizeof(seen)), EXIT_USAGE);
	cr_assert_eq(
	    parse(&summer, "--sum 33", seen, sizeof(seen)), EXIT_USAGE);
	cr_assert_eq(
	    parse(&counter, "--number 101", seen, sizeof(seen)), EXIT_USAGE);
	cr_assert_eq(
	    parse(&counter, "--wait 1x", seen, sizeof(seen)), EXIT_USAGE);
	(void)fflush(stderr);
	cr_assert_stderr_eq_str(COMPLAINT("sum",
	    "--sum: '-2' is not a whole number from -1 to 32") COMPLAINT("sum",
	    "--sum: '33' is not a whole number from -1 to 32")
		COMPLAINT("count",
		    "--number: '101' is not a whole number from 0 to 100")
		    COMPLAINT("count",
			"--wait: '1x' is not a whole number from 1 to 60"));
}

Test(opt, a_rate_without_a_letter_is_in_kib)
{
	char seen[256];

	cr_assert_eq(parse(&rated, "--rate 100", seen, sizeof(seen)), -1);
	cr_expect_eq(got.limit, 102400);
	cr_assert_eq(parse(&rated, "--rate 100k", seen, sizeof(seen)), -1);
	cr_expect_eq(got.limit, 102400);
	cr_assert_eq(parse(&rated, "--rate 2M", seen, sizeof(seen)), -1);
	cr_expect_eq(got.limit, 2 << 20);
	cr_expect_eq(
	    parse(&rated, "--rate fast", seen, sizeof(seen)), EXIT_USAGE);
	cr_expect_eq(parse(&rated, "--rate=", seen, sizeof(seen)), EXIT_USAGE);
}

Test(opt, counts_operands, .init = in_english)
{
	char frob[] = "frob", a[] = "a", b[] = "b";
	char *argv[] = {frob, a, b, NULL};
	struct opt o;

	opt_begin(&o, &command, 3, argv);
	cr_assert_eq(opt_parse(&o, &got), OPT_END);
	cr_assert(opt_operands(&o, 1, 2));
	cr_assert(opt_operands(&o, 2, 2));
	cr_assert_not(opt_operands(&o, 0, 1));
	cr_assert_eq(o.exit_code, EXIT_USAGE);
	cr_assert_not(opt_operands(&o, 3, 3));
	(void)fflush(stderr);
	cr_assert_stderr_eq_str(COMPLAINT("frob", "'b' is one word too many")
		COMPLAINT("frob", "needs NAME"));
}
