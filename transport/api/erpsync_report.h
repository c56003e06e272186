#ifndef ERPSYNC_TRANSPORT_API_ERPSYNC_REPORT_H
#define ERPSYNC_TRANSPORT_API_ERPSYNC_REPORT_H

/*
 * What an update or a check tells of itself, and the comparison of two local
 * folders, beside erpsync.h, which it includes: what that says of all functions
 * holds here.
 */

#include "erpsync.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

enum erpsync_verdict {
	ERPSYNC_COMPATIBLE = 1,
	ERPSYNC_INCOMPATIBLE = 2, /* somebody has to agree */
	ERPSYNC_DISABLED = 3, /* the server offers no updates */
	ERPSYNC_NO_PACKAGE = 4, /* it has none for this system */
	ERPSYNC_SERVER_BUSY = 5,
	ERPSYNC_NOT_NOW = 6 /* it gives none now, see opens_in_s */
};

enum erpsync_outcome {
	ERPSYNC_CURRENT = 1, /* there was nothing to do */
	ERPSYNC_UPDATED = 2, /* the release is installed and durable */
	ERPSYNC_DRY_RUN = 3,
	ERPSYNC_DECLINED = 4, /* the answer to ask was no */
	ERPSYNC_FAILED = 5, /* the folder is as it was */
	ERPSYNC_OUTDATED = 6, /* it should be updated, but is only looked at */
	ERPSYNC_DOWNLOADED = 7, /* all is there for the next update */
	ERPSYNC_NONE_DOWNLOADED = 8 /* nothing is there to be put in place */
};

enum erpsync_action {
	ERPSYNC_ACTION_SAME, /* nothing to do */
	ERPSYNC_ACTION_NEW, /* missing on the station */
	ERPSYNC_ACTION_CHANGED, /* other content */
	ERPSYNC_ACTION_META, /* same content; time or exec bit differ */
	ERPSYNC_ACTION_DELETE, /* of the release before, gone from this one */
	ERPSYNC_ACTION_EXTRA /* on the station only; left alone */
};

enum erpsync_reason { /* bits */
	ERPSYNC_REASON_SIZE = 1,
	ERPSYNC_REASON_TIME = 2,
	ERPSYNC_REASON_CONTENT = 4,
	ERPSYNC_REASON_EXEC = 8,
	ERPSYNC_REASON_TYPE = 16,
	ERPSYNC_REASON_TARGET = 32, /* of a symbolic link */
	ERPSYNC_REASON_MERGE = 64 /* an INI file that gets changes only */
};

enum erpsync_type { ERPSYNC_FILE = 1, ERPSYNC_DIR = 2, ERPSYNC_SYMLINK = 3 };

enum erpsync_codec {
	ERPSYNC_NO_TRANSFER = 0, /* no content travels */
	ERPSYNC_CODEC_FULL = 1, /* the compressed file */
	ERPSYNC_CODEC_RSYNC = 2, /* a rolling-checksum delta */
	ERPSYNC_CODEC_PATCH = 3 /* a patch between known contents */
};

/* By the name of a file, or the right to execute it. */
enum erpsync_kind {
	ERPSYNC_KIND_OTHER,
	ERPSYNC_KIND_PROGRAM, /* what runs: programs and libraries */
	ERPSYNC_KIND_INI
};

/* A key of an INI file that was changed here and in the release, or that this
 * file's encoding cannot hold as the release has it. */
struct erpsync_conflict {
	const char *section; /* "": before the first one */
	const char *key;
	bool release_wins; /* else the value here stays */
	/* As the release's file has it; NULL: it has the key no more. */
	const char *release_value;
};

struct erpsync_change {
	const char *path;
	const char *target; /* of a symbolic link, else NULL */
	enum erpsync_action action;
	unsigned reasons; /* bits of enum erpsync_reason */
	enum erpsync_type type;
	uint64_t size; /* of the file wanted, or to be deleted */
	enum erpsync_codec codec;
	uint64_t sent; /* wire bytes for this file alone */
	uint64_t received;
	enum erpsync_kind kind;
	uint64_t old_size; /* of the file that is there; 0: none is */
	/* New: the file of the folder that has its content, and goes or is on
	 * the station only; or NULL. */
	const char *from;
	/* What goes is not what the installed release has: an update loses what
	 * somebody changed here.  False where no release is installed. */
	bool edited;
	/* Of a check: all that this INI file is to have, which of a merged one
	 * is not what the release has; becomes_len bytes, or NULL: not known.
	 */
	const void *becomes;
	size_t becomes_len;
	/* Of a merged INI file; also of one that is left as it is for that,
	 * which is then an extra. */
	const struct erpsync_conflict *conflicts;
	size_t conflicts_n;
};

/* What an update now would do besides, as far as it is known: of a check. */
struct erpsync_outlook {
	uint64_t disk_needed, disk_free; /* bytes; 0: not known */
	/* The number of the backup that is made: 1..3, and whether the oldest
	 * goes for it; 0: there is none, or it takes nothing's place. */
	int backup;
	bool backup_pushes;
	uint64_t backup_files, backup_bytes; /* shared with the folder or not */
	/* Bytes a second at which the list of files came; 0: it was too short
	 * to tell. */
	uint64_t rate;
};

struct erpsync_report {
	enum erpsync_verdict verdict; /* 0: the server did not say */
	enum erpsync_outcome outcome; /* 0: it did not come so far */
	char from_build[ERPSYNC_LABEL_MAX + 1]; /* the client's, or "" */
	char to_build[ERPSYNC_LABEL_MAX + 1]; /* the server's, or "" */
	/* Not now: in how many seconds; 0: nobody knows. */
	uint32_t opens_in_s;
	uint8_t release[ERPSYNC_HASH_LEN]; /* wanted; zero: not known */
	bool compared; /* the folder was compared with the release */
	const struct erpsync_change *changes; /* then: in path order */
	size_t changes_n;
	/* Of a check: why an update now would be refused; code 0: not. */
	struct erpsync_error refusal;
	/* All bytes of the conversation, and of those that broke before it.
	 * Of a check: what an update now would cost. */
	uint64_t sent;
	uint64_t received;
	uint64_t literal; /* content that travels as such, compressed */
	uint64_t matched; /* content that the old files had */
	uint64_t elapsed_ms;
	/* Of an update only the backup: which one has the folder as it was, of
	 * how many files and bytes. */
	struct erpsync_outlook outlook;
	/* Whose seal the release has (erpsync_seal.h); NULL: no seals are asked
	 * for. */
	const struct erpsync_seal *seal;
};

void erpsync_report_free(struct erpsync_report *r); /* or NULL */

/*
 * What would make the folder from equal to the folder to?  Nothing is changed,
 * there is no server: all contents are read and compared.  Of rules only
 * modify_window and exclude count; NULL: none.  What only from has is
 * deleted; names that no release may have are left alone there, and refused in
 * to.  The report has changes, and no bytes of a conversation.
 */
int erpsync_compare(const char *from, const char *to,
    const struct erpsync_rules *rules, struct erpsync_report **report,
    struct erpsync_error *e);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
