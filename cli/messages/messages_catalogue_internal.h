#ifndef ERPSYNC_CLI_MESSAGES_MESSAGES_CATALOGUE_INTERNAL_H
#define ERPSYNC_CLI_MESSAGES_MESSAGES_CATALOGUE_INTERNAL_H

/* The parts of the catalogue; a row without a key ends each. */

#include "cli/messages/messages.h"

extern const struct message messages_of_advice[];
extern const struct message messages_of_reports[];
extern const struct message messages_of_doctor[];

#endif
