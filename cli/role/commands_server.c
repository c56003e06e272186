/*
 * The commands of a server.  What they call is all that keeps the server's
 * rooms of engine and transport in a program.
 */
#include "cli/cmd.h"
#include "cli/role/role.h"

#include <stddef.h>

const struct command commands_server[] = {
    {"serve", cmd_serve, "serve the update folders of AppServer.ini"},
    {"publish", cmd_publish, "check and publish the update folders once"},
    {"releases", cmd_releases, "list the releases that are kept"},
    {"hold", cmd_hold, "hold a release back from stations"},
    {"release", cmd_release, "let a release go that was held"},
    {"seal", cmd_seal, "seal an update folder, on any machine"},
    {"keygen", cmd_keygen, "make a key: for TLS, or to seal with"},
    {NULL, NULL, NULL},
};
