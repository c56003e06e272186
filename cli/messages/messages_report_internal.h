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
#define TST006 "TST006: All is well; things tried: %u."
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
#define REP014 "REP014: it gives no update now"
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
#define REP046 "REP046: merged"
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
#define REP064 "REP064: %s bytes"
#define REP065 "REP065: An update would be refused."
#define REP066 "REP066: Only the time differs: %zu more (--all lists them)."
#define REP008 "REP008: Comparison of two folders (nothing was changed)"
#define REP067 "REP067: Conclusion: the update failed; nothing was changed."
#define REP068 "REP068: Conclusion: entries that differ: %zu."
#define REP069 "REP069: Conclusion: the folders are equal."
#define REP070 "REP070: Conclusion: the check failed; nothing is known."
#define REP072 "REP072: Seal"
#define REP073 "REP073: Time"
#define REP074 "REP074: Disk"
#define REP075 "REP075: Backup"
#define REP076 "REP076: In use"
#define REP077 "REP077: Station"
#define REP078 "REP078: Date"
#define REP079 "REP079: Compared with"
#define REP080 "REP080: about %s at %s a second (of --rate)"
#define REP081 "REP081: about %s at %s a second (as the list of files came)"
#define REP082                                                                 \
	"REP082: about %s at 1 Mbit/s, %s at 10 Mbit/s (--rate tells "         \
	"the link's)"
#define REP083 "REP083: %s needed, %s free"
#define REP084 "REP084: files: %s, %s"
#define REP085 "REP085: the oldest one goes for it"
#define REP086 "REP086: none"
#define REP087 "REP087: key %s, serial number %" PRIu64 ", product %s, until %s"
#define REP088 "REP088: none is asked for"
#define REP089 "REP089: Next hours"
#define REP100 "REP100: Programs"
#define REP101 "REP101: INI files"
#define REP102 "REP102: Other files"
#define REP103 "REP103: New"
#define REP104 "REP104: Removed"
#define REP105 "REP105: Changed on this station, which is lost"
#define REP106 "REP106: Moved: new names of what is here"
#define REP107 "REP107: Attributes"
#define REP108 "REP108: Only the time"
#define REP109 "REP109: Left as they are here, against the release"
#define REP110                                                                 \
	"REP110: Attention: changes made on this station would be "            \
	"lost: %zu."
#define REP111                                                                 \
	"REP111: Attention: changes made on this station were "                \
	"replaced; the backup has them: %zu."
#define REP120                                                                 \
	"REP120: what changes inside is known after the update, once "         \
	"the new file is here"
#define REP121 "REP121: the old or the new file cannot be read here"
#define REP122 "REP122: too long: not all is shown"
#define REP123 "REP123: only comments, order, line ends or the encoding differ"
#define REP124 "REP124: no INI file that can be read"
#define REP125 "REP125: not there"
#define REP126 "REP126: not as in the release; this station's value stays"
#define REP127                                                                 \
	"REP127: changed here and in the release; the release's value counts"
#define REP128 "REP128: the release's is"
#define REP130                                                                 \
	"REP130: to change: %zu (programs %zu, INI %zu, other %zu, new "       \
	"%zu, removed %zu, changed here %zu)"
#define REP131                                                                 \
	"REP131: changed: %zu (programs %zu, INI %zu, other %zu, new "         \
	"%zu, removed %zu, changed here %zu)"
#define REP140 "REP140: What travels, by kind"
#define REP141 "REP141: What travels, by file"
#define REP142 "REP142: others: %zu"
#define REP143 "REP143: whole files"
#define REP144 "REP144: differences"
#define REP145 "REP145: patches"
#define REP146 "REP146: transfer"
#define REP147 "REP147: 1 byte"

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

/* The list of releases. */
#define RLS001 "RLS001: number"
#define RLS002 "RLS002: system"
#define RLS003 "RLS003: build"
#define RLS004 "RLS004: release"
#define RLS005 "RLS005: published"
#define RLS006 "RLS006: current"
#define RLS007 "RLS007: held"
#define RLS008 "RLS008: sealed"
#define RLS009 "RLS009: damaged"
#define RLS010 "RLS010: state"
#define RLS011 "RLS011: stations"

/* Words and phrases of the progress display. */
#define PRO001 "PRO001: Checking files"
#define PRO002 "PRO002: Downloading"
#define PRO003 "PRO003: Backing up"
#define PRO004 "PRO004: Applying"
#define PRO005 "PRO005: %s left"
#define PRO006 "PRO006: Fetching again: %s"
#define PRO007 "PRO007: There is an update."

#endif
