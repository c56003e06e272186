#ifndef ERPSYNC_CLI_MESSAGES_MESSAGES_DOCTOR_INTERNAL_H
#define ERPSYNC_CLI_MESSAGES_MESSAGES_DOCTOR_INTERNAL_H

/* The catalogue's keys (messages_catalogue.h) of the doctor's findings; how a
 * thing is, where it is not in doubt, are those of the self-test. */

#include <inttypes.h>

/* folder or file, version, user, machine, time */
#define DOC001 "DOC001: What was found in %s (erpsync %s, user %s on %s, %s):"
#define DOC002 "DOC002: warning"
#define DOC003                                                                 \
	"DOC003: Nothing is wrong. Things that are right: %u; warnings: %u."
#define DOC004                                                                 \
	"DOC004: Things that are wrong: %u; what to do stands below each. "    \
	"Right: %u; warnings: %u."

/* What was looked at. */
#define DOC010 "DOC010: client folder"
#define DOC011 "DOC011: right to write"
#define DOC012 "DOC012: settings"
#define DOC014 "DOC014: server's address"
#define DOC015 "DOC015: clock"
#define DOC016 "DOC016: seals"
#define DOC017 "DOC017: space on the disk"
#define DOC018 "DOC018: backups"
#define DOC019 "DOC019: server's answer"
#define DOC020 "DOC020: an update now"
#define DOC031 "DOC031: state folder"
#define DOC032 "DOC032: update folder"
#define DOC033 "DOC033: address and port"
#define DOC034 "DOC034: TLS key"

/* What was found. */
#define DOC050 "DOC050: no release was installed by erpsync yet"
#define DOC051 "DOC051: build %s, installed %s"
#define DOC052 "DOC052: this disk does not tell it"
#define DOC053 "DOC053: %s free"
#define DOC054 "DOC054: This machine's clock is wrong"
#define DOC055 "DOC055: files and folders to change: %zu"
#define DOC056 "DOC056: build %s, %s"
#define DOC057 "DOC057: not before what is said above is settled"
#define DOC058 "DOC058: what it serves is what %s has"
#define DOC059 "DOC059: stations have to show a certificate (ClientCA)"
#define DOC060 "DOC060: %s=%s, files: %" PRIu64 ", %s"
#define DOC061 "DOC061: %s"
#define DOC062 "DOC062: %s; it is made at the first start"
#define DOC063 "DOC063: its own, in the state folder"
#define DOC064 "DOC064: this program cannot ask; ask from a station"

/* What to do. */
#define DO070 "DO070: Set the clock of this machine, and have it set by itself."
#define DO071                                                                  \
	"DO071: A backup that is not as it was made cannot be brought back: "  \
	"'erpsync history' tells which; the next updates replace it."
#define DO072                                                                  \
	"DO072: Look into the server's log; after a change of the INI, have "  \
	"the server read it (SIGHUP, or systemctl reload erpsync-server)."
#define DO073 "DO073: Seal the folder (erpsync seal) and lay the seal there."
#define DO074                                                                  \
	"DO074: Start the server: erpsync serve, or systemctl start "          \
	"erpsync-server."
#define DO075                                                                  \
	"DO075: If another program has this port, as the ERP's own server, "   \
	"give erpsync one of its own: Port= in [ErpSync]; else look into the " \
	"server's log."

#endif
