#ifndef ERPSYNC_CLI_DOCTOR_DOCTOR_H
#define ERPSYNC_CLI_DOCTOR_DOCTOR_H

/*
 * What a support person asks first, looked at one by one: a line for each
 * thing, what to do below one that is wrong, and how many there were.  Nothing
 * on the disk is changed.  This is how findings are told; the things are in
 * doctor_dir.c, doctor_config.c and doctor_answer.c.
 */

#include "cli/opt.h"
#include "engine/base/path.h"

#include <stdint.h>
#include <stdio.h>

struct err;
struct server_config;

/* A server that does not greet within this is none. */
enum { DOCTOR_ANSWER_MS = 10000 };

struct doctor {
	FILE *out;
	enum lang lang;
	bool quiet; /* only what is wrong is told */
	unsigned right, warned, wrong; /* things */
	int exit_code; /* of the first that is wrong, as an update ends there */
	bool is_asking; /* the server, now */
};

/* Begin with what it is about, a folder or a file. */
void doctor_begin(struct doctor *d, FILE *out, const struct opt_speech *speech,
    const char *of);
/* The sum; returns the exit code. */
int doctor_end(struct doctor *d);

/*
 * What is the key of a thing.  It is as it should be, and this is what it is:
 * a text in the person's language, or "".
 */
void doctor_right(struct doctor *d, const char *what, const char *detail);
/* It works, but; the detail is in English, as in err.h. */
void doctor_warn(struct doctor *d, const char *what, const char *detail);
/* An observer's: what is told about the connection while the server is asked;
 * ctx is the struct doctor. */
struct erpsync_event;
void doctor_note(void *ctx, const struct erpsync_event *ev);
/* It could not be looked at; why is a key. */
void doctor_untried(struct doctor *d, const char *what, const char *why);
/* It is wrong: of a client folder, and where none is meant. */
void doctor_wrong(struct doctor *d, const char *what, const struct err *e);
void doctor_wrong_plain(
    struct doctor *d, const char *what, const struct err *e);
/* The same in other words, with a detail in English. */
struct doctor_fault {
	struct advice advice;
	const char *detail;
	int exit_code;
};
void doctor_fault(
    struct doctor *d, const char *what, const struct doctor_fault *f);

/* What is free on the disk of an open folder; the bytes, too. */
uint64_t doctor_space(struct doctor *d, int dir);

struct doctor_options {
	const char *dir, *server; /* of --dir and --server */
	const char *config; /* of --config */
	struct opt_speech speech;
};
extern const struct opt_row doctor_dir_rows[], doctor_config_rows[];
/* What the command line says: OPT_END, or OPT_STOP; no operands. */
int doctor_parse(struct doctor_options *opt, struct opt *o,
    const struct opt_command *command, int argc, char **argv);

/* A station; the exit code. */
int doctor_dir(const struct doctor_options *opt);

/* A server.  ask: about what it serves of one system: 1 if it answered, 0 if
 * it was not asked, or a code if nothing of it can be; NULL: nobody asks. */
typedef int doctor_ask_fn(
    struct doctor *d, const struct server_config *c, enum path_os os);
int doctor_config(const struct doctor_options *opt, doctor_ask_fn *ask);

/* As a station of its own would: is what it serves what lies in the folder? */
int doctor_answer(
    struct doctor *d, const struct server_config *c, enum path_os os);

#endif
