#ifndef ERPSYNC_CLI_CONFIG_SETTINGS_INTERNAL_H
#define ERPSYNC_CLI_CONFIG_SETTINGS_INTERNAL_H

/* The ways to take a value, by the type of the field. */

#include "cli/config/settings.h"

/* bool */
int take_flag(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* int */
int take_int(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* uint32_t, milliseconds */
int take_seconds(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* int, one more than what is written; 0 is for what is not there */
int take_count(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* uint64_t, bytes */
int take_mebibytes(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* int, 1 + enum path_os */
int take_os(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* int, 1 + enum window_wish */
int take_window(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* uint64_t, bytes a second */
int take_rate(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* char [CONFIG_MAX_LABEL + 1] */
int take_pin(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
int take_station_id(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
int take_label(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* char *; a relative one starts at the INI's folder */
int take_path(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* char * */
int take_text(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* char *; a list of rules for INI files */
int take_ini_policy(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* int, enum erpsync_ini_conflict */
int take_ini_conflict(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);
/* struct names */
int take_patterns(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out);

#endif
