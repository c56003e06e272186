/*
 * Beside opt.c: what may stand next on a command line, from the same tables as
 * the help.  Scripts of bash and zsh ask for it (cli/completion.*).
 */
#include "cli/opt.h"

#include "cli/cmd.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The row of an option, the first len bytes of word, or NULL. */
static const struct opt_row *
row_of_word(const struct opt *o, const char *word, size_t len)
{
	const struct opt_row *row;
	size_t i;

	for (i = 0; (row = o->rows[i]) != NULL; i++) {
		if (len > 2 && begins(word, "--") &&
		    strlen(row->name) == len - 2 &&
		    memcmp(row->name, word + 2, len - 2) == 0)
			return row;
		if (len == 2 && word[0] == '-' && row->letter == word[1])
			return row;
	}
	return NULL;
}

/* What an argument that is called arg, and begun so, may be; with front before
 * it. */
static void
values_print(
    const char *arg, const char *front, int front_len, const char *begun)
{
	size_t len;

	if (strcmp(arg, "DIR") == 0)
		printf("@dirs\n");
	else if (strcmp(arg, "FILE") == 0)
		printf("@files\n");
	if (strchr(arg, '|') == NULL)
		return;
	for (; *arg != '\0'; arg += len + (arg[len] == '|')) {
		len = strcspn(arg, "|");
		if (strncmp(arg, begun, strlen(begun)) == 0)
			printf("%.*s%.*s\t\n", front_len, front, (int)len, arg);
	}
}

static void
options_print(const struct opt *o, const char *begun)
{
	char name[64];
	const struct opt_row *row;
	size_t i;

	for (i = 0; (row = o->rows[i]) != NULL; i++) {
		(void)snprintf(name, sizeof(name), "--%s", row->name);
		if (row->help == NULL || !begins(name, begun))
			continue;
		if (row->arg == NULL || row->may_lack)
			printf("%s\t%s\n", name, row->help);
		if (row->arg != NULL)
			printf("%s=\t%s\n", name, row->help);
	}
}

/* Operands are names of files, but for those that are words: of "list|add
 * FILE", list and add. */
static void
operands_print(const struct opt *o, const char *begun)
{
	const char *at = o->cmd->operands;
	size_t len;

	for (; *at != '\0'; at += len + (at[len] == '|')) {
		len = strcspn(at, "|");
		if (!islower((unsigned char)*at))
			printf("@files\n");
		else if (begins(at, begun))
			printf("%.*s\t\n", (int)strcspn(at, " |"), at);
	}
}

/* Is word the argument of the option before it? */
static const struct opt_row *
row_before(const struct opt *o, const char *word)
{
	const struct opt_row *row = row_of_word(o, word, strlen(word));

	return row != NULL && row->arg != NULL && !row->may_lack ? row : NULL;
}

/* Is there "--", behind which are no options? */
static bool
has_end(char **word, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(word[i], "--") == 0)
			return true;
	return false;
}

static void
complete(const struct opt *o, char **word, int n)
{
	const char *last = n > 0 ? word[n - 1] : "";
	size_t len = strcspn(last, "=");
	const struct opt_row *row = NULL;

	if (has_end(word, n - 1)) {
		operands_print(o, last);
		return;
	}
	/* "--format" "=", and perhaps a word behind it. */
	if (n >= 2 && strcmp(last, "=") == 0 &&
	    (row = row_of_word(o, word[n - 2], strlen(word[n - 2]))) != NULL)
		last = "";
	else if (n >= 3 && strcmp(word[n - 2], "=") == 0)
		row = row_of_word(o, word[n - 3], strlen(word[n - 3]));
	else if (n >= 2)
		row = row_before(o, word[n - 2]);
	if (row != NULL && row->arg != NULL)
		values_print(row->arg, "", 0, last);
	else if (last[len] == '=' && begins(last, "--") &&
	    (row = row_of_word(o, last, len)) != NULL && row->arg != NULL)
		values_print(row->arg, last, (int)len + 1, last + len + 1);
	else if (last[0] == '-' || o->cmd->operands[0] == '\0')
		options_print(o, last);
	else
		operands_print(o, last);
}

bool
opt_complete(struct opt *o, void *out)
{
	(void)out;
	/* It is the first one, behind the command's name. */
	if (o->argc >= 2)
		complete(o, o->argv + 2, o->argc - 2);
	o->exit_code = EXIT_OK;
	return false;
}
