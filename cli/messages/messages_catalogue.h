#ifndef ERPSYNC_CLI_MESSAGES_MESSAGES_CATALOGUE_H
#define ERPSYNC_CLI_MESSAGES_MESSAGES_CATALOGUE_H

/*
 * The keys of the message catalogue.  A key is the English text with its
 * stable code in front: so the compiler checks every call's arguments against
 * it, and a unit test those of the translations.  K are the ERP's own texts,
 * UPD the station's, DO what to do about it, ADM the server administrator's,
 * CLI those of the offline commands, DOC the doctor's, REP of reports, WIN of
 * the window.
 * messages_catalogue.c names arguments in order.
 */

#include "cli/messages/messages_advice_internal.h"
#include "cli/messages/messages_doctor_internal.h"
#include "cli/messages/messages_report_internal.h"
#include "cli/messages/messages_window_internal.h"

#include <inttypes.h>

/* The ERP's own words: never reworded. */
#define K1                                                                     \
	"K1: Smart Client and Application Server versions are incompatible. "  \
	"Do you want to update the Smart Client?"
#define K2 "K2: The Remote could not be updated automatically"

/* What happens. */
#define UPD001 "UPD001: Checking files..."
#define UPD002 "UPD002: Downloading %s (%s of %s, %u%%, %s left)"
#define UPD003 "UPD003: Creating backup in %s"
#define UPD004 "UPD004: Applying update. Do not turn off the computer."
#define UPD006 "UPD006: No update needed."
#define UPD007 "UPD007: Update finished: %s -> %s."

/* What the server answered. */
#define UPD010 "UPD010: Station version: %s. Server version: %s."
#define UPD011                                                                 \
	"UPD011: Update declined. The session will end; nothing was changed."
#define UPD012                                                                 \
	"UPD012: Automatic update is disabled on the server. "                 \
	"Contact the administrator."
#define UPD013 "UPD013: No package for this operating system (%s)."
#define UPD015                                                                 \
	"UPD015: The server gives no update now; the version that is there "   \
	"stays"
#define UPD016                                                                 \
	"UPD016: The server gives updates at certain hours only; they begin "  \
	"at %s (in %u h %02u min)"
#define UPD017 "UPD017: All is downloaded; the next update puts it in place."
#define UPD018 "UPD018: Waiting until %s to update."
#define UPD019 "UPD019: Nothing was downloaded that is to be put in place."
#define UPD014 "UPD014: There is no terminal to ask on; --yes agrees."

/* What went wrong; those without an argument are failures, told with a
 * detail behind them by messages_reason. */
#define UPD020 "UPD020: No permission"
#define UPD021 "UPD021: Not enough disk space or inodes"
#define UPD022 "UPD022: File in use"
#define UPD023 "UPD023: The folder is busy"
#define UPD025 "UPD025: Invalid content; nothing was applied"
#define UPD027 "UPD027: An interrupted update was recovered."
#define UPD028 "UPD028: No connection to the server"
#define UPD029 "UPD029: The connection was lost"
#define UPD032 "UPD032: No answer in time"
#define UPD033 "UPD033: The server answered something unexpected"
#define UPD034 "UPD034: A file could not be read or written"
#define UPD035 "UPD035: Not found"
#define UPD036 "UPD036: Out of memory"
#define UPD037 "UPD037: Stopped on request"
#define UPD038 "UPD038: The request cannot be met"
#define UPD039 "UPD039: Internal error"
#define UPD040                                                                 \
	"UPD040: The folder needs a recovery by hand; nothing was changed"
#define UPD041 "UPD041: The new version was rejected on this station"
#define UPD042 "UPD042: Too much would be deleted; nothing was applied"
#define UPD043 "UPD043: Something is in the way of the update"
#define UPD044 "UPD044: The server cannot serve this station now"
#define UPD045 "UPD045: The server has trouble of its own"
#define UPD047 "UPD047: The server's disk is full"
#define UPD048 "UPD048: The address cannot be used"
#define UPD049 "UPD049: An update of this folder has not ended"
#define UPD050 "UPD050: The folder was kept by a newer erpsync"
#define UPD051 "UPD051: The connection to the server is not safe"
#define UPD052 "UPD052: A limit of this system is reached"
#define UPD060 "UPD060: The release has no seal that this station trusts"
#define UPD061 "UPD061: The server offers a release older than one seen before"
#define UPD062 "UPD062: The seal of the release has expired"
#define UPD063 "UPD063: The server sends more than was sealed"
#define UPD064 "UPD064: The seal is of another release"
#define UPD065 "UPD065: The seal is too far ahead to be true"
#define UPD066 "UPD066: The seal is of other software"

/* Why the program of `run` was not started. */
#define RUN101 "RUN101: The program is not there"
#define RUN102 "RUN102: The program's file may not be executed"
#define RUN103                                                                 \
	"RUN103: No program may be started from this file system (noexec)"
#define RUN104 "RUN104: The program is not for this machine or system"
#define RUN105 "RUN105: The interpreter that the program names does not start"
#define RUN106 "RUN106: This is no program"

/* For the server's administrator. */
#define ADM010 "ADM010: No release was published yet."
#define ADM011                                                                 \
	"ADM011: %s: release %" PRIu64                                         \
	" (%s) is held: stations keep what they have until it is released or " \
	"another one is published."
#define ADM012                                                                 \
	"ADM012: %s: release %" PRIu64                                         \
	" (%s) is held; it is not the current one, and will not be published " \
	"again."
#define ADM013                                                                 \
	"ADM013: %s: release %" PRIu64 " (%s) is held no more: stations get "  \
	"it."
#define ADM014                                                                 \
	"ADM014: %s: release %" PRIu64                                         \
	" (%s) is held no more; it is not the current one."
#define ADM015                                                                 \
	"ADM015: %s: release %" PRIu64                                         \
	" (%s) is the current one now; stations get it."

/* Offline commands. */
#define CLI001 "CLI001: Nothing to recover."
#define CLI002 "CLI002: The previous version is in place."
#define CLI003 "CLI003: The new version is in place."
#define CLI004 "CLI004: The newest backup was brought back."
#define CLI005 "CLI005: The backup bkp_remote.%03d was brought back."
#define CLI006 "CLI006: The folder has all contents of its release."
#define CLI007 "CLI007: Differences from the release: %d."
#define CLI009 "CLI009: What to do: %s"
#define CLI010 "CLI010: Warning: %s"
#define CLI011 "CLI011: There is no backup in this folder."
#define CLI012 "CLI012: Backups that do not verify: %d."
#define CLI013 "CLI013: All backups are as they were made."
#define CLI040 "CLI040: 'erpsync %s --help' tells what can be asked."
#define CLI015 "CLI015: The Remote could not be checked"
#define CLI016                                                                 \
	"CLI016: The folder has the files of %s, not of %s: give --os %s, or " \
	"mend Os= in its INI file, or --force to make it another system's"
#define CLI017 "CLI017: Warning: %s is not read, since %s is there too"
#define CLI030 "CLI030: This user does not keep this folder up to date: %s"
#define CLI031 "CLI031: The program starts as it is, the update goes on: %s"
#define CLI032 "CLI032: There is no room to update this folder: %s"
#define CLI033 "CLI033: The version left is installed again only with --force."
#define CLI050 "CLI050: Passphrase of %s: "
#define CLI051 "CLI051: Once more, the passphrase of %s: "
#define CLI052 "CLI052: Sealed: release %s."
#define CLI053                                                                 \
	"CLI053: The key %s was made. Keep the .key secret and a copy of it "  \
	"safe; stations get the .pub."
#define CLI054 "CLI054: No seals are asked for: the folder has no keys."
#define CLI055                                                                 \
	"CLI055: Its release is sealed with the key %s (serial number "        \
	"%" PRIu64 ", product %s)."
#define CLI056                                                                 \
	"CLI056: The backup of the last update still waits for its number, "   \
	"and no rollback goes on before it has it; each start tries again "    \
	"and says what keeps it."
#define CLI057                                                                 \
	"CLI057: The backups with a record are as they were made; of those "   \
	"that another program made nothing can be told."
#define CLI058                                                                 \
	"CLI058: %s: the folder is looked at twice, with so many seconds in "  \
	"between (Settle): %u"
#define CLI059                                                                 \
	"CLI059: The folder has all contents of its release but for what "     \
	"Exclude leaves alone."
#define CLI014                                                                 \
	"CLI014: Warning: HealthCheck of %s is ignored, since a release may "  \
	"have brought that file; put it into .erpsync/station.ini"

#endif
