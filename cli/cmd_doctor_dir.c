/*
 * erpsync doctor in a program for stations only: the round of doctor_dir.c,
 * and no word of a server's INI.
 */
#include "cli/cmd.h"

#include "cli/doctor/doctor.h"
#include "cli/station_ini.h"

static const struct opt_command doctor_command = {"doctor", "",
    "Look at all that a station needs, say what is wrong and what to do; "
    "nothing is changed.",
    {{doctor_dir_rows, 0},
	{opt_common, offsetof(struct doctor_options, speech)}},
    false, ""};

int
cmd_doctor_dir(int argc, char **argv)
{
	struct doctor_options opt;
	struct opt o;

	if (doctor_parse(&opt, &o, &doctor_command, argc, argv) == OPT_STOP)
		return o.exit_code;
	if (opt.dir == NULL)
		return opt_usage(&o, "--dir is missing: which client folder?");
	opt.speech.lang = station_ini_lang(opt.dir, opt.speech.language);
	return doctor_dir(&opt);
}
