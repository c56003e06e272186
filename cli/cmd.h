#ifndef ERPSYNC_CLI_CMD_H
#define ERPSYNC_CLI_CMD_H

/*
 * The commands of the program: each has a function in cmd_*.c and a row in a
 * table of cli/role, from which the help is printed.  Commands print and
 * return an exit code; only main exits.
 */

#include "cli/failure.h"

/* argv[0] is the command's own name. */
int cmd_serve(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_releases(int argc, char **argv);
int cmd_hold(int argc, char **argv);
int cmd_release(int argc, char **argv);
int cmd_seal(int argc, char **argv);
int cmd_keygen(int argc, char **argv);
int cmd_update(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_rollback(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_self_test(int argc, char **argv);
/* In a program that is both ends, and in those for one. */
int cmd_doctor(int argc, char **argv);
int cmd_doctor_dir(int argc, char **argv);
int cmd_doctor_config(int argc, char **argv);
int cmd_signature(int argc, char **argv);
int cmd_delta(int argc, char **argv);
int cmd_patch(int argc, char **argv);
int cmd_rdiff(int argc, char **argv); /* its exit codes are rdiff's */

#endif
