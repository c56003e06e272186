/*
 * erpsync doctor in a program that is both ends: a station's round or a
 * server's, which is asked as well.
 */
#include "cli/cmd.h"

#include "cli/doctor/doctor.h"
#include "cli/station_ini.h"

static const struct opt_command doctor_command = {"doctor", "",
    "Look at all that a station or a server needs, say what is wrong and what "
    "to do; nothing is changed.",
    {{doctor_dir_rows, 0}, {doctor_config_rows, 0},
	{opt_common, offsetof(struct doctor_options, speech)}},
    false, ""};

int
cmd_doctor(int argc, char **argv)
{
	struct doctor_options opt;
	struct opt o;

	if (doctor_parse(&opt, &o, &doctor_command, argc, argv) == OPT_STOP)
		return o.exit_code;
	if ((opt.dir != NULL) == (opt.config != NULL) ||
	    (opt.server != NULL && opt.dir == NULL))
		return opt_usage(&o,
		    "say --dir DIR for a station, or --config FILE for a "
		    "server");
	if (opt.config != NULL)
		return doctor_config(&opt, doctor_answer);
	opt.speech.lang = station_ini_lang(opt.dir, opt.speech.language);
	return doctor_dir(&opt);
}
