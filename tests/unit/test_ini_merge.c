/*
 * The merge of INI files: a table of cases, and what holds for any three
 * files.
 */
#include "engine/ini/ini_merge.h"

#include "engine/base/err.h"
#include "tests/support/starve.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct merge_case {
	const char *what, *base, *station, *release;
	const char *want; /* when the station wins */
	const char *taken; /* when the release wins; NULL: the same */
	size_t conflicts;
};

static const struct merge_case cases[] = {
    {"nothing anywhere", "", "", "", "", NULL, 0},
    {"all the same", "[a]\nk=1\n", "[a]\nk=1\n", "[a]\nk=1\n", "[a]\nk=1\n",
	NULL, 0},
    {"only the release changed", "[a]\nk=1\n", "[a]\nk=1\n", ";new\n[a]\nk=2\n",
	";new\n[a]\nk=2\n", NULL, 0},
    {"only the station changed", "[a]\nk=1\n", ";mine\n[a]\nk=2\n",
	"[a]\nk=1\n", ";mine\n[a]\nk=2\n", NULL, 0},
    {"each changed another key", "[a]\nx=1\ny=1\n", "[a]\nx=2\ny=1\n",
	"[a]\nx=1\ny=3\n", "[a]\nx=2\ny=3\n", NULL, 0},
    {"both changed a key alike", "[a]\nk=1\nz=1\n", "[a]\nk=2\nz=1\n",
	"[a]\nk=2\nz=2\n", "[a]\nk=2\nz=2\n", NULL, 0},
    {"both changed a key", "[a]\nk=1\n", "[a]\nk=2\n", "[a]\nk=3\n",
	"[a]\nk=2\n", "[a]\nk=3\n", 1},
    {"a new key goes behind the one before it", "[a]\nx=1\nz=1\n",
	"[a]\nx=2\nz=1\n", "[a]\nx=1\ny=1\nz=1\n", "[a]\nx=2\ny=1\nz=1\n", NULL,
	0},
    {"a new first key goes behind its section", "[a]\nz=1\n", "[a]\nz=2\n",
	"[a]\ny=1\nz=1\n", "[a]\ny=1\nz=2\n", NULL, 0},
    {"new keys keep their order", "[a]\nz=1\n", "[a]\nz=2\n",
	"[a]\nc=1\nb=1\nz=1\ne=1\nd=1\n", "[a]\nc=1\nb=1\nz=2\ne=1\nd=1\n",
	NULL, 0},
    {"a key of the station stays", "[a]\nx=1\n", "[a]\nx=1\nmine=1\n",
	"[a]\nx=2\n", "[a]\nx=2\nmine=1\n", NULL, 0},
    {"both added a key alike", "[a]\nx=1\n", "[a]\nx=1\nk=1\n",
	"[a]\nk=1\nx=2\n", "[a]\nx=2\nk=1\n", NULL, 0},
    {"both added a key", "[a]\nx=1\n", "[a]\nx=1\nk=1\n", "[a]\nk=2\nx=1\n",
	"[a]\nx=1\nk=1\n", "[a]\nx=1\nk=2\n", 1},
    {"a key that left the release goes", "[a]\nx=1\ny=1\n", "[a]\nx=2\ny=1\n",
	"[a]\nx=1\n", "[a]\nx=2\n", NULL, 0},
    {"a key that left the release and was edited", "[a]\nx=1\ny=1\n",
	"[a]\nx=1\ny=2\n", "[a]\nx=1\n", "[a]\nx=1\ny=2\n", "[a]\nx=1\n", 1},
    {"a key that the station removed stays away", "[a]\nx=1\ny=1\n",
	"[a]\nx=1\n", "[a]\nx=2\ny=1\n", "[a]\nx=2\n", NULL, 0},
    {"a key that the station removed and the release changed",
	"[a]\nx=1\ny=1\n", "[a]\nx=1\n", "[a]\nx=1\ny=2\n", "[a]\nx=1\n",
	"[a]\nx=1\ny=2\n", 1},
    {"a key that both removed", "[a]\nx=1\ny=1\n", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=2\n", NULL, 0},
    {"a new section goes to the end", "[a]\nx=1\n", "[a]\nx=2\n[m]\nmine=1\n",
	"[b]\ny=1\nz=1\n[a]\nx=1\n", "[a]\nx=2\n[m]\nmine=1\n\n[b]\ny=1\nz=1\n",
	NULL, 0},
    {"two new sections", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=1\n[b]\ny=1\n[c]\nz=1\n", "[a]\nx=2\n\n[b]\ny=1\n\n[c]\nz=1\n",
	NULL, 0},
    {"a new section behind a blank row", "[a]\nx=1\n", "[a]\nx=2\n\n",
	"[a]\nx=1\n[b]\ny=1\n", "[a]\nx=2\n\n[b]\ny=1\n", NULL, 0},
    {"a new section in front of a new key of the last one", "", "[a]\n",
	"[b]\ny=1\n[a]\nx=1\n", "[a]\nx=1\n\n[b]\ny=1\n", NULL, 0},
    {"a new section where there is nothing but a new key", "z=1\n", "",
	"z=1\nx=1\n[b]\ny=1\n", "x=1\n\n[b]\ny=1\n", NULL, 0},
    {"a new section behind a new key", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=1\ny=1\n[b]\nz=1\n", "[a]\nx=2\ny=1\n\n[b]\nz=1\n", NULL, 0},
    {"a new section without keys does not come", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=1\n[b]\n", "[a]\nx=2\n", NULL, 0},
    {"a section of the station stays", "[a]\nx=1\n", "[m]\ny=1\n[a]\nx=1\n",
	"[a]\nx=2\n", "[m]\ny=1\n[a]\nx=2\n", NULL, 0},
    {"a section that left the release keeps its name", "[a]\nx=1\n[b]\ny=1\n",
	"[a]\nx=2\n[b]\ny=1\n", "[a]\nx=1\n", "[a]\nx=2\n[b]\n", NULL, 0},
    {"the same key in two sections", "[a]\nk=1\n[b]\nk=1\n",
	"[a]\nk=2\n[b]\nk=1\n", "[a]\nk=1\n[b]\nk=3\n", "[a]\nk=2\n[b]\nk=3\n",
	NULL, 0},
    {"case of sections does not count", "[a]\nx=1\n", "[A]\nx=1\nm=1\n",
	"[a]\nx=2\ny=1\n", "[A]\nx=2\ny=1\nm=1\n", NULL, 0},
    {"case of keys does not count", "[a]\nKey=1\n", "[a]\nkey=1\nm=1\n",
	"[a]\nKEY=2\n", "[a]\nkey=2\nm=1\n", NULL, 0},
    {"case of values does", "[a]\nk=x\n", "[a]\nk=X\n", "[a]\nk=y\n",
	"[a]\nk=X\n", "[a]\nk=y\n", 1},
    {"blanks do not count, and stay", "[a]\nk=1\nx=1\n",
	"[ a ]\n\tk = 1 \nx=1\nm=1\n", "[a]\nk=2\nx=1\n",
	"[ a ]\n\tk = 2 \nx=1\nm=1\n", NULL, 0},
    {"quotes do not count", "[a]\nk=\"1\"\n", "[a]\nk=1\nm=1\n", "[a]\nk='1'\n",
	"[a]\nk=1\nm=1\n", NULL, 0},
    {"quotes come with a value", "[a]\nk=1\n", "[a]\nk=1\nm=1\n",
	"[a]\nk=\"2 \"\n", "[a]\nk=\"2 \"\nm=1\n", NULL, 0},
    {"a value becomes none", "[a]\nk=1\n", "[a]\nk= 1\nm=1\n", "[a]\nk=\n",
	"[a]\nk= \nm=1\n", NULL, 0},
    {"none becomes a value", "[a]\nk=\n", "[a]\nk=\nm=1\n", "[a]\nk=1\n",
	"[a]\nk=1\nm=1\n", NULL, 0},
    {"an empty value is not a missing key", "[a]\nk=1\n", "[a]\nk=\n",
	"[a]\nx=1\n", "[a]\nx=1\nk=\n", "[a]\nx=1\n", 1},
    {"equals signs in values", "[a]\nk=a=b\nx=1\n", "[a]\nk=a=b\nx=2\n",
	"[a]\nk=a=c\nx=1\n", "[a]\nk=a=c\nx=2\n", NULL, 0},
    {"the station's comments stay", ";r\n[a]\n;r\nx=1\n",
	";m\n[a]\n// m\nx=1 ;m\n", "[a]\n;r2\nx=1\ny=1\n",
	";m\n[a]\n// m\nx=1 ;m\ny=1\n", NULL, 0},
    {"comments come with a new key", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=1\n; what\n// it is\ny=1\n",
	"[a]\nx=2\n; what\n// it is\ny=1\n", NULL, 0},
    {"comments further up do not", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=1\n; far\n\n; near\ny=1\n", "[a]\nx=2\n; near\ny=1\n", NULL, 0},
    {"comments come with a new section", "[a]\nx=1\n", "[a]\nx=2\n",
	"; head\n[b]\n; y\ny=1\n[a]\nx=1\n",
	"[a]\nx=2\n\n; head\n[b]\n; y\ny=1\n", NULL, 0},
    {"a key in a comment is none", "[a]\nx=1\n", "[a]\nx=2\n;y=1\n",
	"[a]\nx=1\ny=2\n", "[a]\nx=2\ny=2\n;y=1\n", NULL, 0},
    {"CRLF stays, also behind what is new", "[a]\nx=1\nz=1\n",
	"[a]\r\nx=2\r\nz=1\r\n", "[a]\nx=1\ny=1\nz=2\n",
	"[a]\r\nx=2\r\ny=1\r\nz=2\r\n", NULL, 0},
    {"LF stays", "[a]\r\nx=1\r\n", "[a]\nx=2\n", "[a]\r\nx=1\r\ny=1\r\n",
	"[a]\nx=2\ny=1\n", NULL, 0},
    {"mixed line ends stay", "[a]\nx=1\ny=1\nz=1\n", "[a]\nx=1\r\ny=1\nz=2\r\n",
	"[a]\nx=3\ny=3\nz=1\n", "[a]\nx=3\r\ny=3\nz=2\r\n", NULL, 0},
    {"no line end at the end", "[a]\nx=1\ny=1\n", "[a]\nx=2\ny=1",
	"[a]\nx=1\ny=3\n", "[a]\nx=2\ny=3", NULL, 0},
    {"none behind what is new there either", "[a]\nx=1\n", "[a]\nx=2",
	"[a]\nx=1\ny=1\n", "[a]\nx=2\ny=1", NULL, 0},
    {"none when the last row goes", "[a]\nx=1\ny=1\n", "[a]\nx=2\ny=1",
	"[a]\nx=1\n", "[a]\nx=2", NULL, 0},
    {"one row without an end takes the release's", "x=1\r\n", "x=2",
	"x=1\r\ny=1\r\n", "x=2\r\ny=1", NULL, 0},
    {"a release without an end at the end", "[a]\nx=1", "[a]\nx=2\n",
	"[a]\nx=1\ny=1", "[a]\nx=2\ny=1\n", NULL, 0},
    {"a byte order mark stays", "[a]\nx=1\n", "\xef\xbb\xbf[a]\nx=2\n",
	"[a]\nx=1\ny=1\n", "\xef\xbb\xbf[a]\nx=2\ny=1\n", NULL, 0},
    {"a byte order mark is not taken", "[a]\nx=1\n", "[a]\nx=2\n",
	"\xef\xbb\xbf[a]\nx=1\ny=1\n", "[a]\nx=2\ny=1\n", NULL, 0},
    {"but with the first character that needs UTF-8", "[a]\nx=1\n",
	"[a]\nx=2\n", "\xef\xbb\xbf[a]\nx=1\ny=\xc3\xa7\n",
	"\xef\xbb\xbf[a]\nx=2\ny=\xc3\xa7\n", NULL, 0},
    {"Windows-1252 stays", "[a]\nx=\xe7\ny=1\n", "[a]\nx=\xe3\ny=1\n",
	"[a]\nx=\xe7\ny=\xe9\n", "[a]\nx=\xe3\ny=\xe9\n", NULL, 0},
    {"Windows-1252 takes UTF-8", "[a]\nx=\xc3\xa7\ny=1\n", "[a]\nx=\xe3\ny=1\n",
	"[a]\nx=\xc3\xa7\ny=\xc3\xa9\n", "[a]\nx=\xe3\ny=\xe9\n", NULL, 0},
    {"UTF-8 takes Windows-1252", "[a]\nx=\xe7\ny=1\n", "[a]\nx=\xc3\xa3\ny=1\n",
	"[a]\nx=\xe7\ny=\xe9\n", "[a]\nx=\xc3\xa3\ny=\xc3\xa9\n", NULL, 0},
    {"a value that Windows-1252 lacks does not come", "[a]\nx=1\ny=1\nz=1\n",
	"[a]\nx=\xe3\ny=1\nz=1\n", "[a]\nx=1\ny=\xc4\x80\nz=2\n",
	"[a]\nx=\xe3\ny=1\nz=2\n", NULL, 0},
    {"not where the release wins either", "[a]\nx=1\ny=1\n",
	"[a]\nx=\xe3\ny=2\n", "[a]\nx=1\ny=\xc4\x80\n", "[a]\nx=\xe3\ny=2\n",
	NULL, 1},
    {"nor a new key, by its value, name or remark", "[a]\nx=1\n",
	"[a]\nx=\xe3\n",
	"[a]\nx=1\nu=\xc4\x80\n\xc4\x80=1\nv=1 ;\xc4\x80\nw=1\n",
	"[a]\nx=\xe3\nw=1\n", NULL, 0},
    {"nor what is in a section of such a name", "[a]\nx=1\n", "[a]\nx=\xe3\n",
	"[a]\nx=1\n[\xc4\x80]\nu=1\nv=1\n[b]\nw=1\n",
	"[a]\nx=\xe3\n\n[b]\nw=1\n", NULL, 0},
    {"nor a comment, but its key", "[a]\nx=1\n", "[a]\nx=\xe3\n",
	"[a]\nx=1\n;1\n;\xc4\x80\n;2\nw=1\n", "[a]\nx=\xe3\n;1\n;2\nw=1\n",
	NULL, 0},
    {"what did not come was not removed here", "[a]\nx=1\nw=\xc4\x80\n",
	"[a]\nx=\xe3\n", "[a]\nx=1\nw=1\n", "[a]\nx=\xe3\nw=1\n", NULL, 0},
    {"nor in a file that takes Windows-1252 only now", "[a]\nx=1\nw=\xc4\x80\n",
	"[a]\nx=1\nm=1\n", "[a]\nx=\xe7\nw=1\n", "[a]\nx=\xe7\nw=1\nm=1\n",
	NULL, 0},
    {"nothing comes where all would be read as UTF-8",
	"[a]\nx=1\ny=\xe7\nz=1\n", "[a]\nx=2\ny=\xe7\nz=1\n",
	"[a]\nx=1\nz=\xc3\x83\xc2\xa7\n", "[a]\nx=2\ny=\xe7\nz=1\n", NULL, 0},
    {"and so where the release is no UTF-8 either", "[a]\nx=1\ny=\xe7\nz=1\n",
	"[a]\nx=2\ny=\xe7\nz=1\n", ";\xe7\n[a]\nx=1\nz=\xc3\xa7\n",
	"[a]\nx=2\ny=\xe7\nz=1\n", NULL, 0},
    {"nor plain text what it would have to be UTF-8 for", "[a]\nx=1\nz=1\n",
	"[a]\nx=2\nz=1\n", ";\xe7\n[a]\nx=1\nz=\xc3\xa7\n", "[a]\nx=2\nz=1\n",
	NULL, 0},
    {"encodings do not count", "[a]\nx=\xe7\ny=1\n", "[a]\nx=\xc3\xa7\ny=2\n",
	"[a]\nx=\xe3\ny=1\n", "[a]\nx=\xc3\xa3\ny=2\n", NULL, 0},
    {"plain text takes UTF-8", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=1\ny=\xc4\x80\n", "[a]\nx=2\ny=\xc4\x80\n", NULL, 0},
    {"plain text takes Windows-1252", "[a]\nx=1\n", "[a]\nx=2\n",
	"[a]\nx=1\ny=\xe7\n", "[a]\nx=2\ny=\xe7\n", NULL, 0},
    {"a section that is there twice", "[a]\nx=1\n[b]\nz=1\n[a]\ny=1\n",
	"[a]\nx=2\n[b]\nz=1\n[a]\ny=1\n", "[a]\nx=1\ny=2\nv=1\n[b]\nz=1\n",
	"[a]\nx=2\n[b]\nz=1\n[a]\ny=2\nv=1\n", NULL, 0},
    {"a new section that is there twice", "[a]\nx=1\n", "[a]\nx=2\n",
	"[b]\ny=1\n[a]\nx=1\n[b]\nz=1\n", "[a]\nx=2\n\n[b]\ny=1\n\n[b]\nz=1\n",
	NULL, 0},
    {"of a key that is there twice the first one counts",
	"[a]\nk=1\nk=9\nx=1\n", "[a]\nk=1\nk=8\nx=2\n", "[a]\nk=2\nk=7\nx=1\n",
	"[a]\nk=2\nk=8\nx=2\n", NULL, 0},
    {"all of them go with a key that goes", "[a]\nk=1\nx=1\n",
	"[a]\nk=1\nx=2\nk=8\n", "[a]\nx=1\n", "[a]\nx=2\n", NULL, 0},
    {"keys before the first section", "x=1\n[a]\nx=1\n", "x=2\n[a]\nx=1\n",
	"w=1\nx=1\n[a]\nx=3\n", "w=1\nx=2\n[a]\nx=3\n", NULL, 0},
    {"a section without a name is one", "[]\nx=1\n", "[]\nx=2\n",
	"x=3\n[]\nx=1\n", "x=3\n[]\nx=2\n", NULL, 0},
    {"what is no INI stays where it is", "[a]\nx=1\n",
	"junk\n[a]\n=1\n[open\nx=2\nmore junk\n", "rubbish\n[a]\nx=1\ny=1\n",
	"junk\n[a]\n=1\n[open\nx=2\ny=1\nmore junk\n", NULL, 0},
    {"the station's order stays", "[a]\nx=1\ny=1\n[b]\nz=1\n",
	"[b]\nz=1\n[a]\ny=1\nx=1\n", "[a]\nx=2\ny=2\n[b]\nz=2\n",
	"[b]\nz=2\n[a]\ny=2\nx=2\n", NULL, 0},
    {"without a base only what both have is in doubt", "",
	"[a]\nx=1\nm=1\ns=1\n", "[a]\nx=2\nn=1\ns=1\n",
	"[a]\nx=1\nn=1\nm=1\ns=1\n", "[a]\nx=2\nn=1\nm=1\ns=1\n", 1},
    {"a station's file that was emptied", "[a]\nx=1\n", "", "[a]\nx=1\ny=1\n",
	"[a]\ny=1\n", NULL, 0},
    {"a release's file that was emptied", "[a]\nx=1\n", "[a]\nx=1\nm=1\n", "",
	"[a]\nm=1\n", NULL, 0},
    {"several conflicts", "[a]\nx=1\ny=1\nz=1\n", "[a]\nx=2\ny=2\nz=1\n",
	"[a]\nx=3\ny=3\nz=3\n", "[a]\nx=2\ny=2\nz=3\n", "[a]\nx=3\ny=3\nz=3\n",
	2},
    {"the ERP's own file",
	"[config]\r\nlastmainprog=SIGAMDI\r\nlanguage=1\r\n\r\n"
	"[drivers]\r\nactive=TCP\r\n\r\n[TCP]\r\nserver=localhost\r\nport="
	"1234\r\n",
	"[config]\r\nlastmainprog=SIGAFAT\r\nlanguage=1\r\nenvserver="
	"prod\r\n\r\n"
	"[drivers]\r\nactive=TCP\r\n\r\n[TCP]\r\nserver=10.0.0.7\r\nport="
	"2345\r\n",
	"[config]\r\nlastmainprog=SIGAMDI\r\nlanguage=3\r\n\r\n"
	"[drivers]\r\nactive=TCP\r\n\r\n[TCP]\r\nserver=localhost\r\nport="
	"1234\r\n",
	"[config]\r\nlastmainprog=SIGAFAT\r\nlanguage=3\r\nenvserver="
	"prod\r\n\r\n"
	"[drivers]\r\nactive=TCP\r\n\r\n[TCP]\r\nserver=10.0.0.7\r\nport="
	"2345\r\n",
	NULL, 0},
};

static struct ini_merged merged;
static struct err e;

static struct ini_bytes
bytes(const char *text)
{
	return (struct ini_bytes){text, strlen(text)};
}

static int
merge_texts(const char *base, const char *station, const char *release,
    enum ini_conflict conflict)
{
	struct ini_merge in = {
	    bytes(base), bytes(station), bytes(release), conflict};

	return ini_merge(&in, &merged, &e);
}

/* The result as a text of the caller's; the merge is released. */
static char *
take_result(void)
{
	char *text = calloc(1, merged.bytes.len + 1);

	cr_assert_not_null(text);
	if (merged.bytes.len > 0)
		memcpy(text, buf_data(&merged.bytes), merged.bytes.len);
	ini_merged_release(&merged);
	return text;
}

/* A second merge of the result changes nothing. */
static void
expect_settled(
    const struct merge_case *c, const char *result, enum ini_conflict conflict)
{
	char *again;

	cr_assert_eq(merge_texts(c->base, result, c->release, conflict), 0);
	again = take_result();
	cr_expect_str_eq(again, result, "%s: again", c->what);
	free(again);
	cr_assert_eq(merge_texts(c->release, result, c->release, conflict), 0);
	again = take_result();
	cr_expect_str_eq(again, result, "%s: from then on", c->what);
	free(again);
}

Test(ini_merge, each_case)
{
	const struct merge_case *c;
	const char *want;
	char *result;
	size_t i;
	int who;

	cr_expect(sizeof(cases) / sizeof(cases[0]) >= 60);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (who = INI_STATION_WINS; who <= INI_RELEASE_WINS; who++) {
			c = &cases[i];
			want = who == INI_RELEASE_WINS && c->taken != NULL
			    ? c->taken
			    : c->want;
			cr_assert_eq(merge_texts(c->base, c->station,
					 c->release, (enum ini_conflict)who),
			    0, "%s", c->what);
			cr_expect_eq(
			    merged.conflicts, c->conflicts, "%s", c->what);
			result = take_result();
			cr_expect_str_eq(result, want, "%s", c->what);
			expect_settled(c, result, (enum ini_conflict)who);
			free(result);
		}
	}
}

static bool
is(struct ini_span s, const char *text)
{
	if (text == NULL || s.p == NULL)
		return s.p == text;
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

Test(ini_merge, tells_what_was_decided)
{
	static const struct {
		const char *section, *key, *base, *station, *release;
		bool taken, conflict;
	} table[] = {
	    {"a", "changed", "1", "1", "\"2\"", true, false},
	    {"a", "both", "1", "2", "3", false, true},
	    {"a", "new", NULL, NULL, "1", true, false},
	    {"a", "away", "1", NULL, "1", false, false},
	    {"a", "edited", "1", "2", "1", false, false},
	    {NULL, "mine", NULL, "1", NULL, false, false},
	    {"A", "gone", "1", "1", NULL, true, false},
	};
	const struct ini_decision *d;
	size_t i, n = sizeof(table) / sizeof(table[0]);

	cr_assert_eq(merge_texts("[a]\nchanged=1\nboth=1\naway=1\nedited=1\n"
				 "gone=1\nsame=1\n",
			 "mine=1\n[A]\nchanged=1\nboth=2\nedited=2\ngone=1\n"
			 "same=1\n",
			 "[a]\nchanged=\"2\"\nboth=3\nnew=1\naway=1\nedited=1\n"
			 "same='1'\n",
			 INI_STATION_WINS),
	    0);
	cr_assert_eq(merged.n, n);
	for (i = 0; i < n; i++) {
		d = &merged.v[i];
		cr_expect(is(d->key, table[i].key), "%zu", i);
		cr_expect(is(d->base, table[i].base), "%s", table[i].key);
		cr_expect(is(d->station, table[i].station), "%s", table[i].key);
		cr_expect(is(d->release, table[i].release), "%s", table[i].key);
		cr_expect_eq(d->taken, table[i].taken, "%s", table[i].key);
		cr_expect_eq(
		    d->conflict, table[i].conflict, "%s", table[i].key);
	}
	cr_expect_null(merged.v[5].section.p);
	cr_expect(ini_name_compare(
		      merged.v[6].section, (struct ini_span){"a", 1}) == 0);
	ini_merged_release(&merged);
	/* A file that is taken as it is has decisions, too. */
	cr_assert_eq(
	    merge_texts("k=1\n", "k=1\n", "k=2\n", INI_STATION_WINS), 0);
	cr_expect_eq(merged.n, 1);
	cr_expect(merged.v[0].taken);
	ini_merged_release(&merged);
}

/* The keys that were not taken for that, with a blank behind each. */
static void
list_unwritable(char *out, size_t cap)
{
	const struct ini_decision *d;
	size_t len = 0;

	out[0] = '\0';
	for (d = merged.v; d != merged.v + merged.n; d++)
		if (d->unwritable) {
			cr_expect_not(d->taken);
			len += (size_t)snprintf(out + len, cap - len, "%.*s ",
			    (int)d->key.len, d->key.p);
		}
}

Test(ini_merge, tells_what_the_file_cannot_hold)
{
	char keys[100];

	cr_assert_eq(
	    merge_texts("[a]\nx=1\nb=1\nk=1\n", "[a]\nx=\xe3\nb=2\nk=1\n",
		"[a]\nx=1\nb=\xc4\x80\nk=\xc4\x80\nn=\xc4\x80\nm=1\n"
		"[\xc4\x80]\ns=1\n",
		INI_STATION_WINS),
	    0);
	list_unwritable(keys, sizeof(keys));
	cr_expect_str_eq(keys, "k n s ", "b is the station's by the rule");
	cr_expect_eq(merged.unwritable, 3);
	cr_expect_eq(merged.conflicts, 1);
	cr_expect_not(merged.is_left);
	ini_merged_release(&merged);
	/* The file as it is, for there is no other way. */
	cr_assert_eq(
	    merge_texts("[a]\ny=\xe7\nz=1\n", "[a]\ny=\xe7\nz=1\nm=1\n",
		"[a]\nz=\xc3\x83\xc2\xa7\nn=\xc4\x80\n", INI_STATION_WINS),
	    0);
	list_unwritable(keys, sizeof(keys));
	cr_expect_str_eq(keys, "z n y ");
	cr_expect_eq(merged.unwritable, 3);
	cr_expect(merged.is_left);
	ini_merged_release(&merged);
}

Test(ini_merge, what_is_no_ini_is_not_merged)
{
	struct ini_merge in = {{"a\0", 2}, {"b\0", 2}, {"c\0", 2}, 0};
	char *text;

	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.base = bytes("b=1\n");
	in.release = bytes("b=1\n");
	cr_assert_eq(ini_merge(&in, &merged, &e), 0);
	cr_expect_eq(merged.n, 0);
	cr_expect_eq(merged.bytes.len, 2);
	text = take_result();
	cr_expect_str_eq(text, "b");
	free(text);
	in.release = bytes("b=2\n");
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.station = bytes("b=3\n");
	in.release = (struct ini_bytes){"c\0", 2};
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.base = (struct ini_bytes){"c\0\0", 3};
	in.release = bytes("b=2\n");
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.base = in.station;
	in.release = (struct ini_bytes){"c\0", 2};
	cr_expect_eq(ini_merge(&in, &merged, &e), 0);
	ini_merged_release(&merged);
}

static int
merge_three(void *arg, struct err *err)
{
	const struct ini_merge in = {bytes("[a]\nx=1\ny=1\n"),
	    bytes("[a]\nx=2\ny=1\n;\351\n"), bytes("[a]\nx=1\ny=2\n[b]\nz=1\n"),
	    0};
	static const char made[] = "[a]\nx=2\ny=2\n;\351\n\n[b]\nz=1\n";
	struct ini_merged out;
	int rc = ini_merge(&in, &out, err);

	(void)arg;
	if (rc == 0 &&
	    (out.bytes.len != sizeof(made) - 1 ||
		memcmp(buf_data(&out.bytes), made, out.bytes.len) != 0))
		rc = STARVE_WRONG;
	ini_merged_release(&out);
	return rc;
}

Test(ini_merge, is_right_or_memory_is_short)
{
	STARVE(merge_three, NULL);
}

/* A file with n more bytes than one row of a comment takes. */
static char *
big_file(const char *begin, size_t n)
{
	size_t head = strlen(begin);
	char *text = malloc(head + n + 1);

	cr_assert_not_null(text);
	memcpy(text, begin, head);
	memset(text + head, ';', n);
	text[head + n] = '\0';
	return text;
}

Test(ini_merge, sizes_have_a_limit)
{
	char *big = big_file("a=1\n", INI_FILE_BYTES - 3);
	char *rows = malloc(INI_FILE_ROWS + 4);
	struct ini_merge in = {bytes(""), bytes(""), bytes(""), 0};

	cr_assert_not_null(rows);
	/* One byte too many, wherever it is. */
	in.base = bytes(big);
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.base = bytes("");
	in.station = bytes(big);
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.station = bytes("");
	in.release = bytes(big);
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.release.n--;
	cr_expect_eq(ini_merge(&in, &merged, &e), 0);
	cr_expect_eq(merged.bytes.len, INI_FILE_BYTES);
	ini_merged_release(&merged);
	/* A result that would be too large: by bytes, by rows. */
	in.station = in.release;
	in.release = bytes("a=1\nb=1\n");
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	in.station.n -= 4;
	cr_expect_eq(ini_merge(&in, &merged, &e), 0);
	cr_expect_eq(merged.bytes.len, INI_FILE_BYTES);
	ini_merged_release(&merged);
	memset(rows, '\n', INI_FILE_ROWS + 3);
	memcpy(rows, "a=1", 3);
	in.station = (struct ini_bytes){rows, INI_FILE_ROWS + 2};
	cr_expect_eq(ini_merge(&in, &merged, &e), 0);
	ini_merged_release(&merged);
	in.station.n++;
	cr_expect_eq(ini_merge(&in, &merged, &e), 1);
	ini_merged_release(&merged);
	free(big);
	free(rows);
}

/* A number below n; always the same ones. */
static unsigned
draw(unsigned n)
{
	static unsigned long long state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

/* Some file of few names, so that three of them have much in common. */
static void
make_file(char *out, size_t cap)
{
	static const char *const rows[] = {"[a]", "[A]", "[b]", "[]", "k=1",
	    "k=2", "K = \"1\"", "x=", "x=3", "y=1 ;c", "; c", "// c", "",
	    "junk", "=1", "[open", "z=\xc3\xa7", "z=\xc3\xa3", "z=\xe7",
	    "w=\xc4\x80"};
	static const char *const ends[] = {"\n", "\r\n"};
	const char *end = ends[draw(2)];
	unsigned i, n = draw(9);
	size_t len = 0;

	out[0] = '\0';
	for (i = 0; i < n; i++) {
		if (draw(16) == 0)
			end = ends[draw(2)];
		len += (size_t)snprintf(out + len, cap - len, "%s%s",
		    rows[draw(sizeof(rows) / sizeof(rows[0]))],
		    i + 1 == n && draw(3) == 0 ? "" : end);
	}
}

/* Is each key of a in b, or in what may miss it? */
static void
expect_keys(const struct ini_file *a, const struct ini_file *b,
    const struct ini_file *unless_had, const struct ini_file *and_lost)
{
	const struct ini_row *r;
	size_t i;

	for (i = 0; i < a->keys_n; i++) {
		r = a->keys[i];
		if (ini_file_key(b, r->section, r->key) == NULL)
			cr_expect(ini_file_key(
				      unless_had, r->section, r->key) != NULL &&
				ini_file_key(and_lost, r->section, r->key) ==
				    NULL,
			    "a key is lost");
	}
}

Test(ini_merge, holds_for_any_three_files)
{
	enum { ROUNDS = 20000, BYTES = 512 };
	char base[BYTES], station[BYTES], release[BYTES];
	struct ini_file b, s, r, m;
	enum ini_conflict conflict;
	char *result, *again;
	bool held;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		make_file(base, BYTES);
		make_file(station, BYTES);
		make_file(release, BYTES);
		conflict = draw(2) ? INI_RELEASE_WINS : INI_STATION_WINS;
		cr_assert_eq(merge_texts(base, station, release, conflict), 0);
		held = merged.unwritable == 0;
		result = take_result();
		/* Equal sides are an identity. */
		cr_assert_eq(merge_texts(base, base, release, conflict), 0);
		again = take_result();
		cr_assert_str_eq(again, release);
		free(again);
		cr_assert_eq(merge_texts(base, station, base, conflict), 0);
		again = take_result();
		cr_assert_str_eq(again, station);
		free(again);
		cr_assert_eq(merge_texts(base, release, release, conflict), 0);
		again = take_result();
		cr_assert_str_eq(again, release);
		free(again);
		/* Once is enough, but for a file that now could hold what
		 * it could not. */
		cr_assert_eq(merge_texts(base, result, release, conflict), 0);
		again = take_result();
		cr_assert(!held || strcmp(again, result) == 0, "%s|%s|%s", base,
		    station, release);
		free(again);
		/* No key is lost, but what one side removed that had it. */
		cr_assert_eq(ini_file_read(bytes(base), &b, &e), 0);
		cr_assert_eq(ini_file_read(bytes(station), &s, &e), 0);
		cr_assert_eq(ini_file_read(bytes(release), &r, &e), 0);
		cr_assert_eq(ini_file_read(bytes(result), &m, &e), 0);
		expect_keys(&s, &m, &b, &r);
		if (held)
			expect_keys(&r, &m, &b, &s);
		/* Windows-1252 stays, but where the file was left alone. */
		cr_assert(s.style.encoding != INI_CP1252 ||
			m.style.encoding != INI_UTF8 ||
			strcmp(station, base) == 0,
		    "%s|%s|%s", base, station, release);
		ini_file_release(&b);
		ini_file_release(&s);
		ini_file_release(&r);
		ini_file_release(&m);
		free(result);
	}
}
