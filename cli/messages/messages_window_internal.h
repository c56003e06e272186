#ifndef ERPSYNC_CLI_MESSAGES_MESSAGES_WINDOW_INTERNAL_H
#define ERPSYNC_CLI_MESSAGES_MESSAGES_WINDOW_INTERNAL_H

/* The catalogue's keys of the window.  In a button's text '&' stands in front
 * of the letter that works with Alt. */

#define WIN001 "WIN001: Smart Client update"
#define WIN002 "WIN002: Connecting to the server..."
#define WIN003 "WIN003: Downloading files..."
#define WIN004 "WIN004: Creating the backup..."
#define WIN005 "WIN005: Update finished."
#define WIN006 "WIN006: Cancelling..."
#define WIN007 "WIN007: %s of %s"
#define WIN008 "WIN008: Time left: %s"
#define WIN009 "WIN009: File %s of %s"
#define WIN010 "WIN010: Files looked at: %s"

/* What Cancel does. */
#define WIN020                                                                 \
	"WIN020: If you cancel, the present version stays whole; a large "     \
	"download goes on later from where it stopped."
#define WIN021                                                                 \
	"WIN021: Files are changing places; this ends by itself in a moment "  \
	"and cannot be cancelled."
#define WIN022 "WIN022: Waiting until it is safe to stop."

/* The question, and what follows. */
#define WIN030                                                                 \
	"WIN030: Yes: the server's version is installed, with a backup of "    \
	"the present one.\nNo: the session ends and nothing is changed."

/* A failure. */
#define WIN040 "WIN040: The program starts in the version that is there."
#define WIN041 "WIN041: Program: erpsync %s"
#define WIN042 "WIN042: Station: %s"
#define WIN043 "WIN043: Folder: %s"
#define WIN044 "WIN044: Server: %s"
#define WIN045 "WIN045: Exit code: %d"
#define WIN046 "WIN046: Time: %s"
#define WIN047 "WIN047: No window can be shown here; this is the place instead."

/* Buttons. */
#define WIN060 "WIN060: &Yes"
#define WIN061 "WIN061: &No"
#define WIN062 "WIN062: &Cancel"
#define WIN063 "WIN063: &Details"
#define WIN064 "WIN064: C&opy"
#define WIN065 "WIN065: &Close"

#endif
