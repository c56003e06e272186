#ifndef ERPSYNC_CLI_ROLE_ROLE_H
#define ERPSYNC_CLI_ROLE_ROLE_H

/*
 * Which commands a program has.  There are three tables of them, and three
 * programs: erpsync with all, erpsync-station and erpsync-server, each with
 * its own and those on single files.  A program is main.c linked with one of
 * role_*.c and whatever the commands named there need; nothing of the other
 * end is in it (tests/check/roles).
 */

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* cmd.h */
	const char *summary; /* its line of the help */
};

/* Each ends with a row without a name. */
extern const struct command commands_server[];
extern const struct command commands_station[];
extern const struct command commands_file[];

/* A table with what stands above it in the help. */
struct command_table {
	const char *head;
	const struct command *rows; /* NULL ends the tables */
};
#define COMMANDS_SERVER                                                        \
	{                                                                      \
		"On a server", commands_server                                 \
	}
#define COMMANDS_STATION                                                       \
	{                                                                      \
		"On a station", commands_station                               \
	}
/* Each program has a doctor of its own in a table of its own. */
#define COMMANDS_DOCTOR                                                        \
	{                                                                      \
		"When something is wrong", commands_doctor                     \
	}
#define COMMANDS_FILE                                                          \
	{                                                                      \
		"On single files", commands_file                               \
	}

/* The tables of this program in the order of its help. */
extern const struct command_table role_commands[];

#endif
