/* Commands beside a running server: which state folder, which system. */
#include "cli/beside.h"

#include "cli/failure.h"
#include "engine/base/who.h"
#include "tests/support/tempdir.h"
#include "transport/api/erpsync_server.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct values {
	struct beside_options kept;
};
static const struct opt_command command = {
    "look", "", "Look.", {{beside_rows, 0}}, false, ""};

/* The words behind the command, parsed. */
static int
parse(char **words, int n, struct values *v, struct opt *o)
{
	memset(v, 0, sizeof(*v));
	opt_begin(o, &command, n, words);
	return beside_parse(&v->kept, v, o, 1);
}

Test(beside, options_are_taken_or_refused, .init = cr_redirect_stderr)
{
	char look[] = "look", config[] = "--config=c.ini", os[] = "--os=linux";
	char state[] = "--state=st", one[] = "one", two[] = "two";
	char *all[] = {look, config, os, state, one};
	char *none[] = {look, os};
	char *more[] = {look, config, one, two};
	struct values v;
	struct opt o;

	cr_assert_eq(parse(all, 5, &v, &o), OPT_END);
	cr_expect_str_eq(v.kept.config, "c.ini");
	cr_expect_str_eq(v.kept.state, "st");
	cr_expect_eq(v.kept.os, PATH_OS_LINUX);
	cr_assert_eq(parse(all, 2, &v, &o), OPT_END);
	cr_expect_eq(v.kept.os, -1);
	cr_expect_null(v.kept.state);
	cr_expect_eq(parse(none, 2, &v, &o), OPT_STOP);
	cr_expect_eq(o.exit_code, EXIT_USAGE);
	cr_expect_eq(parse(more, 4, &v, &o), OPT_STOP);
	cr_expect_eq(o.exit_code, EXIT_USAGE);
}

Test(beside, the_system_is_said_or_the_only_one, .init = cr_redirect_stderr)
{
	char look[] = "look", config[] = "--config=c", folder[] = "up";
	char *words[] = {look, config};
	struct server_config c;
	struct values v;
	struct opt o;
	int os;

	cr_assert_eq(parse(words, 2, &v, &o), OPT_END);
	memset(&c, 0, sizeof(c));
	cr_expect_eq(beside_system(&c, -1, &o), -1);
	cr_expect_eq(o.exit_code, EXIT_USAGE);
	for (os = 0; os < PATH_OS_N; os++) {
		memset(&c, 0, sizeof(c));
		c.path[os] = folder;
		cr_expect_eq(beside_system(&c, -1, &o), os);
		cr_expect_eq(beside_system(&c, (os + 1) % PATH_OS_N, &o),
		    (os + 1) % PATH_OS_N);
		c.path[(os + 1) % PATH_OS_N] = folder;
		o.exit_code = EXIT_OK;
		cr_expect_eq(beside_system(&c, -1, &o), -1);
		cr_expect_eq(o.exit_code, EXIT_USAGE);
		cr_expect_eq(beside_system(&c, os, &o), os);
	}
}

Test(beside, the_state_folder_is_the_configuration_s_or_another,
    .init = cr_redirect_stderr)
{
	struct beside_options kept = {.config = "c.ini"};
	struct server_config c;
	struct tempdir t;

	tempdir_open(&t);
	cr_assert_eq(fchdir(t.fd), 0);
	cr_expect_eq(beside_load(&kept, true, &c), EXIT_FILE_IO);
	tempdir_text(&t, "c.ini",
	    "[Update]\nEnable=1\nPathLinux=up\n[ErpSync]\nState=st\n", -1);
	tempdir_mkdir(&t, "other");
	cr_assert_eq(beside_load(&kept, true, &c), EXIT_OK);
	cr_expect_str_eq(kept.state, c.state);
	cr_expect_not_null(strstr(kept.state, "st"));
	server_config_release(&c);
	kept.state = "other";
	cr_assert_eq(beside_load(&kept, true, &c), EXIT_OK);
	cr_expect_str_eq(kept.state, "other");
	server_config_release(&c);
	/* Another's is looked at, and not written to as root. */
	if (who_is_root()) {
		cr_assert_eq(chown("other", 4242, 4242), 0);
		cr_expect_eq(beside_load(&kept, true, &c), EXIT_FILE_IO);
		cr_assert_eq(beside_load(&kept, false, &c), EXIT_OK);
		server_config_release(&c);
	}
	cr_assert_eq(chdir("/"), 0);
	tempdir_close(&t);
}

Test(beside, a_release_is_named_by_its_first_digits, .init = cr_redirect_stderr)
{
	char out[BESIDE_ID_SHOWN + 1];
	struct erpsync_error error;
	struct erpsync_kept kept;
	size_t i;

	memset(&kept, 0, sizeof(kept));
	for (i = 0; i < ERPSYNC_HASH_LEN; i++)
		kept.release.id[i] = (uint8_t)(0x10 + i);
	beside_id(out, &kept);
	cr_expect_str_eq(out, "1011121314151617");
	memset(&error, 0, sizeof(error));
	error.code = ERPSYNC_NOMEM;
	cr_expect_eq(beside_failed(LANG_EN, &error), EXIT_MEMORY);
}
