/*
 * erpsync doctor in a program for servers only, which cannot ask one: the
 * round of doctor_config.c without the last thing.
 */
#include "cli/cmd.h"

#include "cli/doctor/doctor.h"

static const struct opt_command doctor_command = {"doctor", "",
    "Look at all that a server needs, say what is wrong and what to do; "
    "nothing is changed.",
    {{doctor_config_rows, 0},
	{opt_common, offsetof(struct doctor_options, speech)}},
    false, ""};

int
cmd_doctor_config(int argc, char **argv)
{
	struct doctor_options opt;
	struct opt o;

	if (doctor_parse(&opt, &o, &doctor_command, argc, argv) == OPT_STOP)
		return o.exit_code;
	if (opt.config == NULL)
		return opt_usage(&o, "--config is missing");
	return doctor_config(&opt, NULL);
}
