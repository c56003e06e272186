/*
 * The doctor's round at a server: its INI file, its folders, its keys and its
 * port, by the same calls that the server makes before it serves.
 */
#include "cli/doctor/doctor.h"

#include "cli/config/config.h"
#include "cli/config/config_state.h"
#include "cli/fault.h"
#include "cli/messages/details.h"
#include "cli/messages/figures.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/path_file.h"
#include "engine/base/text.h"

#include <bsd/string.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

const struct opt_row doctor_config_rows[] = {
    {0, "config", "FILE", "the AppServer.ini of a server", opt_text,
	.offset = offsetof(struct doctor_options, config)},
    {.name = NULL},
};

struct config_round {
	struct doctor *d;
	struct server_config config;
	uint64_t bytes; /* of all update folders */
	bool is_bad[PATH_OS_N]; /* its update folder */
	bool lacks_state; /* to be looked at again: */
	bool is_nowhere; /* its address, so that nobody can be asked */
	bool is_answered; /* a server runs */
};

/* An update folder, file by file: can all of it be read? */
struct walk {
	int root;
	char path[FS_PATH_BYTES]; /* where it is */
	uint64_t files, bytes;
	struct err e; /* code 0: nothing is wrong so far */
};

static int visit(void *arg, const char *name);

static int
list(struct walk *w)
{
	const struct fs *fs = fs_real();
	bool top = w->path[0] == '\0';
	int rc,
	    dir =
		top ? w->root : fs_open(fs, w->root, w->path, FS_DIRECTORY, 0);

	if (dir < 0)
		return err_sys(&w->e, -dir, "open folder", w->path);
	rc = fs_list(fs, dir, visit, w);
	if (rc != 0 && w->e.code == 0)
		rc = err_sys(&w->e, -rc, "read folder", top ? "." : w->path);
	if (!top)
		(void)fs_close(fs, dir);
	return rc;
}

static int
visit_file(struct walk *w, const struct fs_stat *st)
{
	const struct fs *fs = fs_real();
	int fd = at_open(fs, w->root, w->path, FS_READ, &w->e);

	if (fd < 0)
		return fd;
	(void)fs_close(fs, fd);
	w->files++;
	w->bytes += st->size;
	return 0;
}

static int
visit(void *arg, const char *name)
{
	struct walk *w = arg;
	size_t was = strlen(w->path);
	struct fs_stat st;
	int rc;

	if (was > 0)
		(void)strlcat(w->path, "/", sizeof(w->path));
	if (strlcat(w->path, name, sizeof(w->path)) >= sizeof(w->path))
		rc = err_sys(&w->e, ENAMETOOLONG, "open", name);
	else
		rc = at_stat(fs_real(), w->root, w->path, &st, &w->e);
	if (rc == 0 && st.type == FS_DIR)
		rc = list(w);
	else if (rc == 0 && st.type == FS_FILE)
		rc = visit_file(w, &st);
	w->path[was] = '\0';
	return rc;
}

static void
look_at_folder(struct config_round *r, enum path_os os)
{
	struct walk w = {.path = ""};
	char size[FIGURES_MAX], text[DETAIL_MAX], shown[DETAIL_MAX / 2];
	const char *path = r->config.path[os];

	text_escape(shown, sizeof(shown), path);
	w.root = fs_open_root(fs_real(), path);
	if (w.root == -ENOENT)
		(void)err_set(&w.e, ERP_NOTFOUND,
		    "%s=%s: update folder not found; create it or correct the "
		    "path",
		    config_os_key(os), shown);
	else if (w.root < 0)
		(void)err_sys(&w.e, -w.root, config_os_key(os), path);
	else if (list(&w) != 0)
		(void)err_context(&w.e, "%s=%s", config_os_key(os), shown);
	else if (w.files == 0)
		(void)err_set(&w.e, ERP_USAGE,
		    "%s=%s: the folder is empty; put the client's files there",
		    config_os_key(os), shown);
	if (w.root >= 0)
		(void)fs_close(fs_real(), w.root);
	if (w.e.code != 0) {
		doctor_wrong_plain(r->d, DOC032, &w.e);
		r->is_bad[os] = true;
		return;
	}
	r->bytes += w.bytes;
	figures_bytes(size, r->d->lang, w.bytes);
	(void)snprintf(text, sizeof(text), messages_text(r->d->lang, DOC060),
	    config_os_key(os), shown, w.files, size);
	doctor_right(r->d, DOC032, text);
}

/* What is sealed has its seal beside it; without a key that is free. */
static void
look_at_seal(struct config_round *r, enum path_os os)
{
	struct doctor_fault f = {{UPD060, DO073}, NULL, EXIT_UNSEALED};
	char path[PATH_MAX], shown[DETAIL_MAX];
	struct err e;
	int rc;

	(void)snprintf(path, sizeof(path), "%s.minisig", r->config.path[os]);
	text_escape(shown, sizeof(shown), path);
	rc = path_file_exists(fs_real(), path, &e);
	f.detail = shown;
	if (rc < 0)
		doctor_wrong_plain(r->d, DOC016, &e);
	else if (rc == 1)
		doctor_right(r->d, DOC016, shown);
	else if (r->config.seal_key != NULL)
		doctor_fault(r->d, DOC016, &f);
}

static void
look_at_folders(struct config_round *r)
{
	const char *key = r->config.seal_key;
	struct err e;
	int os, rc = key == NULL ? 1 : path_file_exists(fs_real(), key, &e);
	bool is_any = false;

	if (rc == 0)
		(void)err_sys(&e, ENOENT, "open", key);
	if (rc <= 0) {
		(void)err_context(&e, "SealKey");
		doctor_wrong_plain(r->d, DOC016, &e);
	}
	for (os = 0; os < PATH_OS_N; os++) {
		if (r->config.path[os] == NULL)
			continue;
		is_any = true;
		look_at_folder(r, (enum path_os)os);
		look_at_seal(r, (enum path_os)os);
	}
	if (is_any || !r->config.enable)
		return;
	(void)err_set(&e, ERP_USAGE,
	    "nothing to publish: set PathWindows, PathLinux or PathMacOSX in "
	    "[Update]");
	doctor_wrong_plain(r->d, DOC032, &e);
}

/* The state folder, open, or the one that it would be made in: its number, or
 * a code. */
static int
open_state(const char *state, bool *is_there, struct err *e)
{
	struct fs_stat st;
	struct at in;
	int rc, dir = fs_open_root(fs_real(), state);

	*is_there = dir >= 0;
	if (dir >= 0)
		return dir;
	if (dir != -ENOENT)
		return err_sys(e, -dir, "open folder", state);
	rc = path_file_open_folder(fs_real(), state, &in, e);
	if (rc != 0 || fs_stat(fs_real(), in.dir, in.path, &st) != 0 ||
	    st.type != FS_SYMLINK)
		return rc != 0 ? rc : in.dir;
	(void)fs_close(fs_real(), in.dir);
	return at_leads_nowhere(state, e);
}

/* Are the settings of it right, and may this user write there? */
static int
check_state(struct config_round *r, int dir, struct err *e)
{
	const char *state = r->config.state;
	size_t before = r->config.warnings.n;
	int may, rc = server_config_check_folders(&r->config, state, e);

	if (rc == 0)
		rc = server_config_check_owner(state, e);
	if (rc == 0 && (may = fs_may_change(fs_real(), dir)) != 0)
		rc = at_not_writable(-may, state, e);
	for (; before < r->config.warnings.n; before++)
		doctor_warn(r->d, DOC031, r->config.warnings.v[before]);
	return rc;
}

static void
tell_state(struct config_round *r, bool is_there)
{
	char shown[DETAIL_MAX / 2], text[DETAIL_MAX];

	text_escape(shown, sizeof(shown), r->config.state);
	(void)snprintf(text, sizeof(text),
	    messages_text(r->d->lang, is_there ? DOC061 : DOC062), shown);
	doctor_right(r->d, DOC031, text);
}

static void
look_at_state(struct config_round *r)
{
	char size[FIGURES_MAX];
	bool is_there;
	uint64_t free_bytes;
	struct err e;
	int dir = open_state(r->config.state, &is_there, &e);

	if (dir < 0 || check_state(r, dir, &e) != 0) {
		doctor_wrong_plain(r->d, DOC031, &e);
	} else if (is_there) {
		tell_state(r, true);
	} else {
		r->lacks_state = true;
	}
	if (dir < 0)
		return;
	free_bytes = doctor_space(r->d, dir);
	(void)fs_close(fs_real(), dir);
	if (free_bytes >= r->bytes)
		return;
	figures_bytes(size, r->d->lang, r->bytes);
	(void)err_set(&e, ERP_NOSPACE,
	    "the update folders have %s, and a release of them needs up to as "
	    "much here",
	    size);
	doctor_warn(r->d, DOC017, e.msg);
}

/* Who runs without it made it, and somebody took it, or has another one. */
static void
look_at_state_again(struct config_round *r)
{
	char shown[DETAIL_MAX / 2];
	bool is_there;
	struct err e;
	int dir = open_state(r->config.state, &is_there, &e);

	if (dir >= 0)
		(void)fs_close(fs_real(), dir);
	if (dir < 0) {
		doctor_wrong_plain(r->d, DOC031, &e);
	} else if (is_there || !r->is_answered) {
		tell_state(r, is_there);
	} else {
		text_escape(shown, sizeof(shown), r->config.state);
		(void)err_set(&e, ERP_NOTFOUND,
		    "a server runs, and the state folder %s is not there: it "
		    "was removed, or the server was started with another one; "
		    "its log says which",
		    shown);
		doctor_warn(r->d, DOC031, e.msg);
	}
}

static void
look_at_keys(struct config_round *r)
{
	const struct server_config *c = &r->config;
	const struct erpsync_server_security security = {
	    c->tls.certificate, c->tls.key, c->tls.client_ca, c->tls.insecure};
	char pin[ERPSYNC_PIN_MAX + 1];
	struct erpsync_error error;
	struct err e;

	if (erpsync_security_check(&security, pin, &error) != 0) {
		(void)fault_take(&e, &error);
		doctor_wrong_plain(r->d, DOC034, &e);
	} else if (error.message[0] != '\0') {
		doctor_warn(r->d, DOC034, error.message);
	} else {
		doctor_right(r->d, DOC034,
		    pin[0] != '\0' ? pin : messages_text(r->d->lang, DOC063));
	}
}

static void
look_at_port(struct config_round *r)
{
	char text[CONFIG_MAX_HOST + 16];
	const struct server_config *c = &r->config;
	struct erpsync_error error;
	struct err e;
	int rc = server_config_need_port(c, &e);

	if (rc == 0 && erpsync_listen_check(c->listen, c->port, &error) != 0)
		rc = fault_take(&e, &error);
	if (rc != 0) {
		r->is_nowhere = true;
		doctor_wrong_plain(r->d, DOC033, &e);
		return;
	}
	(void)snprintf(text, sizeof(text),
	    strchr(c->listen, ':') != NULL ? "[%s]:%u" : "%s:%u",
	    c->listen[0] != '\0' ? c->listen : "*", c->port);
	doctor_right(r->d, DOC033, text);
}

static void
ask_all(struct config_round *r, doctor_ask_fn *ask)
{
	int os, rc;

	if (ask == NULL || r->is_nowhere || !r->config.enable) {
		doctor_untried(r->d, DOC019, ask == NULL ? DOC064 : DOC057);
		return;
	}
	for (os = 0; os < PATH_OS_N; os++) {
		if (r->config.path[os] == NULL)
			continue;
		if (r->is_bad[os])
			doctor_untried(r->d, DOC019, DOC057);
		else if ((rc = ask(r->d, &r->config, (enum path_os)os)) < 0)
			return;
		else
			r->is_answered = r->is_answered || rc == 1;
	}
}

int
doctor_config(const struct doctor_options *opt, doctor_ask_fn *ask)
{
	struct doctor d;
	struct config_round r = {.d = &d};
	char shown[DETAIL_MAX];
	struct err e;
	size_t i;

	doctor_begin(&d, stdout, &opt->speech, opt->config);
	if (server_config_load(opt->config, &r.config, &e) != 0) {
		doctor_wrong_plain(&d, DOC012, &e);
		return doctor_end(&d);
	}
	text_escape(shown, sizeof(shown), opt->config);
	doctor_right(&d, DOC012, shown);
	for (i = 0; i < r.config.warnings.n; i++)
		doctor_warn(&d, DOC012, r.config.warnings.v[i]);
	if (!r.config.enable)
		doctor_warn(&d, DOC012,
		    "stations are told that automatic update is disabled; "
		    "write Enable=1 into [Update] to switch it on");
	look_at_folders(&r);
	look_at_state(&r);
	look_at_keys(&r);
	look_at_port(&r);
	ask_all(&r, ask);
	if (r.lacks_state)
		look_at_state_again(&r);
	server_config_release(&r.config);
	return doctor_end(&d);
}
