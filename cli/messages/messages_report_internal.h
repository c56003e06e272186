#ifndef ERPSYNC_CLI_MESSAGES_MESSAGES_REPORT_INTERNAL_H
#define ERPSYNC_CLI_MESSAGES_MESSAGES_REPORT_INTERNAL_H

/* The catalogue's keys (messages_catalogue.h) of reports, of the list of
 * backups, of the self-test and of progress. */

#include <inttypes.h>

/* The self-test. */
#define TST001 "TST001: What updates rely on, tried in %s:"
#define TST002 "TST002: ok"
#define TST003 "TST003: otherwise"
#define TST004 "TST004: not tried"
#define TST005 "TST005: FAILED"
#define TST006 "TST006: All is well: %u things tried."
#define TST007                                                                 \
	"TST007: Not all is well (%d); no folder on this disk should be "      \
	"updated."

/* Reports. */
#define REP001 "REP001: Update report"
#define REP002 "REP002: Update check (nothing was changed)"
#define REP003 "REP003: Server"
#define REP004 "REP004: Release"
#define REP005 "REP005: Versions"
#define REP006 "REP006: Verdict"
#define REP007 "REP007: unknown"
#define REP010 "REP010: compatible"
#define REP011 "REP011: incompatible, an update is required"
#define REP012 "REP012: automatic update disabled on the server"
#define REP013 "REP013: no package for this operating system"
#define REP020 "REP020: action"
#define REP021 "REP021: why"
#define REP022 "REP022: size"
#define REP023 "REP023: sent"
#define REP024 "REP024: received"
#define REP025 "REP025: as"
#define REP026 "REP026: file"
#define REP027 "REP027: Total of the files"
#define REP028 "REP028: Protocol and file list"
#define REP029 "REP029: In total"
#define REP030 "REP030: same"
#define REP031 "REP031: new"
#define REP032 "REP032: changed"
#define REP033 "REP033: attributes"
#define REP034 "REP034: delete"
#define REP035 "REP035: only here"
#define REP040 "REP040: size"
#define REP041 "REP041: time"
#define REP042 "REP042: content"
#define REP043 "REP043: executable"
#define REP044 "REP044: type"
#define REP045 "REP045: link target"
#define REP050                                                                 \
	"REP050: New: %zu. Changed: %zu. Attributes only: %zu. To delete: "    \
	"%zu. Same: %zu. Only on the station (left alone): %zu."
#define REP051                                                                 \
	"REP051: Content of new and changed files: %s. On the wire: %s sent, " \
	"%s received."
#define REP060 "REP060: Conclusion: nothing to update."
#define REP061 "REP061: Conclusion: entries to change: %zu; to transfer: %s."
#define REP062 "REP062: Conclusion: entries changed: %zu; transferred: %s."
#define REP063 "REP063: Conclusion: no update from this server: %s."
#define REP064 "REP064: %" PRIu64 " bytes"
#define REP065 "REP065: An update would be refused."
#define REP066 "REP066: Only the time differs: %zu more (--all lists them)."

/* The list of backups. */
#define HIS001 "HIS001: backup"
#define HIS002 "HIS002: made"
#define HIS003 "HIS003: files"
#define HIS005 "HIS005: from"
#define HIS006 "HIS006: to"
#define HIS007 "HIS007: verifies"
#define HIS008 "HIS008: yes"
#define HIS009 "HIS009: no"
#define HIS010 "HIS010: made by another program, contents not recorded"

/* Words and phrases of the progress display. */
#define PRO001 "PRO001: Checking files"
#define PRO002 "PRO002: Downloading"
#define PRO003 "PRO003: Backing up"
#define PRO004 "PRO004: Applying"
#define PRO005 "PRO005: %s left"
#define PRO006 "PRO006: Fetching again: %s"
#define PRO007 "PRO007: There is an update."

#endif
