/*
 * The commands on single files, which every program has: they need the delta
 * engine, and neither a folder nor a peer.
 */
#include "cli/cmd.h"
#include "cli/role/role.h"

#include <stddef.h>

const struct command commands_file[] = {
    {"signature", cmd_signature, "write the signature of a file"},
    {"delta", cmd_delta, "write the delta from a signature to a file"},
    {"patch", cmd_patch, "rebuild a file from its basis and a delta"},
    {"rdiff", cmd_rdiff, "these three with rdiff's command line"},
    {NULL, NULL, NULL},
};
