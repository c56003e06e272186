/*
 * The frame of the HTML report: how text gets into it, its style for screens,
 * phones, dark rooms and paper, and the few lines of script that sort its
 * tables.  Nothing is loaded from anywhere, and the page says so.  Below
 * report_html.c.
 */
#include "cli/report/report_html_internal.h"

#include "cli/messages/figures.h"
#include "engine/base/text.h"

#include <ctype.h>
#include <string.h>

static const char screen_style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#5b6570;"
    "--line:#d5dae0;--head:#f2f4f7;--warn:#8a4b00;--bad:#a01020;"
    "--good:#176b3a;--full:#2f6fb5;--rsync:#c77700;--patch:#2b8a57;"
    "--rest:#8b929b}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e4e7eb;"
    "--soft:#9aa4af;--line:#343b44;--head:#1e232a;--warn:#f0b050;"
    "--bad:#ff8a8a;--good:#6fcf97;--full:#6aa5e8;--rsync:#e5a23c;"
    "--patch:#5cc28a;--rest:#7d858f}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:76rem;padding:1.2rem 1.5rem;"
    "background:var(--bg);color:var(--fg);"
    "font:15px/1.45 system-ui,\"Segoe UI\",Roboto,Arial,sans-serif}\n"
    "h1{font-size:1.5rem;margin:0}\n"
    "h2{font-size:1.1rem;margin:1.6rem 0 .4rem}\n"
    "h2 small{color:var(--soft);font-weight:400}\n"
    ".folder{color:var(--soft);margin:.1rem 0 1rem;"
    "overflow-wrap:anywhere}\n"
    ".sum{border-left:.35rem solid var(--good);background:var(--head);"
    "padding:.6rem .9rem;margin:0 0 1rem}\n"
    ".sum p{margin:.15rem 0}\n"
    ".sum .end{font-size:1.1rem;font-weight:600}\n"
    ".sum.warn{border-color:var(--warn)}\n"
    ".sum.bad{border-color:var(--bad)}\n"
    ".warn strong{color:var(--warn)}\n"
    ".bad strong{color:var(--bad)}\n"
    "dl{display:grid;grid-template-columns:repeat(auto-fill,"
    "minmax(20rem,1fr));gap:.3rem 1.5rem;margin:0}\n"
    "dl div{display:flex;gap:.6rem;border-bottom:1px solid var(--line);"
    "padding:.2rem 0}\n"
    "dt{color:var(--soft);flex:0 0 7rem}\n"
    "dd{margin:0;overflow-wrap:anywhere}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{padding:.25rem .6rem;text-align:left;vertical-align:top;"
    "border-bottom:1px solid var(--line)}\n"
    "th{background:var(--head);font-weight:600}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}\n"
    ".list{table-layout:fixed}.f{overflow-wrap:anywhere}"
    ".list .w{width:11rem}.list .n{width:6rem}.list .o{width:4.5rem}\n"
    ".f small,.w{color:var(--soft)}\n"
    ".s{cursor:pointer}\n"
    "th[aria-sort=ascending]::after{content:\" \\2191\"}\n"
    "th[aria-sort=descending]::after{content:\" \\2193\"}\n"
    "ul.in{list-style:none;margin:.2rem 0;padding-left:.8rem;"
    "border-left:2px solid var(--line);font-size:.9em}\n"
    "ul.in b{font-weight:600}\n"
    "pre{margin:.2rem 0;padding:.4rem .6rem;background:var(--head);"
    "font-size:.85em;white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "del{color:var(--bad);text-decoration:none}\n"
    "ins{color:var(--good);text-decoration:none}\n"
    ".charts{display:grid;grid-template-columns:"
    "repeat(auto-fit,minmax(22rem,1fr));gap:0 2rem}\n"
    ".chart td{border:0;padding:.1rem .4rem}\n"
    ".chart .l{width:50%;overflow-wrap:anywhere;font-size:.93em}\n"
    ".chart svg{display:block;width:100%;height:.9rem;min-width:3rem}\n"
    ".full{fill:var(--full)}.rsync{fill:var(--rsync)}"
    ".patch{fill:var(--patch)}.rest{fill:var(--rest)}\n"
    "@media screen and (max-width:48rem){body{padding:.8rem}"
    "dl,.charts{grid-template-columns:1fr}"
    ".list thead{display:none}.list tr{display:flex;flex-wrap:wrap;"
    "gap:0 .9rem;padding:.45rem 0;border-bottom:1px solid var(--line)}"
    ".list td,.list .w,.list .n,.list .o{border:0;padding:0;width:auto}"
    ".list .f{flex:1 0 100%;font-weight:600}"
    ".list .f ul,.list .f pre,.list .f small{font-weight:400}"
    ".list [data-l]::before{content:attr(data-l) \" \";"
    "color:var(--soft)}}\n";

/* Of paper; on which many rows are small, in columns. */
static const char paper_style[] =
    "@media print{:root{--bg:#fff;--fg:#000;--soft:#444;--line:#bbb;"
    "--head:#f2f2f2;--warn:#8a4b00;--bad:#a01020;--good:#176b3a;"
    "--full:#2f6fb5;--rsync:#c77700;--patch:#2b8a57;--rest:#8b929b;"
    "font-size:8.5pt}.list .w{width:34mm}.list .n{width:17mm}"
    ".list .o{width:12mm}"
    "body{max-width:none;padding:0;font-size:8.5pt;line-height:1.3}"
    "h1{font-size:13pt}h2{font-size:10pt;margin:3mm 0 1mm;"
    "break-after:avoid}thead{display:table-header-group}"
    "tr,.sum{break-inside:avoid}th,td{padding:.4mm 1.5mm}"
    ".folder{margin:0 0 2mm}.sum{padding:1mm 2mm;margin:0 0 2mm}"
    "dl{grid-template-columns:1fr 1fr;gap:0 4mm}dl div{padding:.3mm 0}"
    "dt{flex-basis:18mm}.charts{grid-template-columns:1fr 1fr}"
    ".chart svg{height:2.2mm}}\n"
    "@media print{.dense{font-size:7pt}.dense h1{font-size:11pt}"
    ".dense h2{font-size:8pt;margin:1.5mm 0 .5mm}"
    ".dense .list,.dense .list tbody{"
    "display:block}.dense .list thead,.dense .list .w,.dense .list .o,"
    ".dense .list td:nth-child(4),.dense .charts section+section{"
    "display:none}.dense .list tbody{columns:3;column-gap:3mm}"
    ".dense .list tr{display:flex;gap:1mm;break-inside:avoid;"
    "font-size:5.7pt;line-height:1.1}.dense .list td,.dense .list .n{"
    "border:0;padding:0;width:auto}.dense .list .f{flex:1}"
    ".dense .charts{display:block}.dense .chart{font-size:6pt;"
    "line-height:1.1}.dense .chart td{padding:0 1mm}"
    ".dense .chart svg{height:1.7mm}}\n";

/* A head that is clicked, or given Enter, sorts the rows of its table. */
static const char script[] =
    "document.querySelectorAll('table.list').forEach(function(t){\n"
    "var b=t.tBodies[0],hs=t.tHead.rows[0].cells;\n"
    "function key(r,i,n){var x=r.cells[i].textContent.trim();\n"
    "return n?Number(x.replace(/[^0-9]/g,'')):x.toLowerCase()}\n"
    "function sort(h,i){var up=h.getAttribute('aria-sort')!=='ascending',"
    "n=h.classList.contains('n');\n"
    "Array.prototype.forEach.call(hs,function(x){"
    "x.removeAttribute('aria-sort')});\n"
    "h.setAttribute('aria-sort',up?'ascending':'descending');\n"
    "Array.prototype.slice.call(b.rows).sort(function(p,q){"
    "var x=key(p,i,n),y=key(q,i,n);\n"
    "return (x<y?-1:x>y?1:0)*(up?1:-1)}).forEach(function(r){"
    "b.appendChild(r)})}\n"
    "Array.prototype.forEach.call(hs,function(h,i){"
    "h.classList.add('s');h.tabIndex=0;\n"
    "h.addEventListener('click',function(){sort(h,i)});\n"
    "h.addEventListener('keydown',function(e){"
    "if(e.key==='Enter')sort(h,i)})})});\n";

void
html_text(FILE *out, const char *text)
{
	char shown[4 * PATH_MAX_BYTES + 1];
	const char *p;

	/* Control characters first: a path may have any. */
	text_escape_rest(shown, sizeof(shown), text != NULL ? text : "-");
	for (p = shown; *p != '\0'; p++)
		switch (*p) {
		case '&':
			(void)fputs("&amp;", out);
			break;
		case '<':
			(void)fputs("&lt;", out);
			break;
		case '>':
			(void)fputs("&gt;", out);
			break;
		case '"':
			(void)fputs("&quot;", out);
			break;
		case '\'':
			(void)fputs("&#39;", out);
			break;
		default:
			(void)fputc(*p, out);
			break;
		}
}

void
html_number(FILE *out, enum lang lang, uint64_t v)
{
	char count[FIGURES_MAX];

	figures_count(count, lang, v);
	(void)fputs(count, out);
}

/* A string of CSS: what is no letter or digit of ASCII, and no byte of another
 * character, by its number. */
static void
css_text(FILE *out, const char *text)
{
	char shown[4 * PATH_MAX_BYTES + 1];
	const char *p;

	text_escape(shown, sizeof(shown), text);
	for (p = shown; *p != '\0'; p++)
		if (isalnum((unsigned char)*p) || (*p & 0x80) != 0)
			(void)fputc(*p, out);
		else
			fprintf(out, "\\%x ", (unsigned)*p);
}

/* The heads that columns on paper have no room for, on each page. */
static void
css_heads(FILE *out, enum lang lang)
{
	const char *const keys[] = {REP026, REP022, REP024};
	size_t i;

	fprintf(out, "@top-right{font:6pt sans-serif;content:\"");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		fprintf(out, "%s", i > 0 ? ", " : "");
		css_text(out, messages_text(lang, keys[i]));
	}
	fprintf(out, "\"}");
}

void
html_begin(FILE *out, enum lang lang, const char *title, const char *folder,
    bool dense)
{
	fprintf(out,
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; style-src 'unsafe-inline'; "
	    "script-src 'unsafe-inline'\">\n<title>",
	    lang_name(lang));
	html_text(out, title);
	fprintf(out, ": ");
	html_text(out, folder);
	fprintf(out, "</title>\n<style>\n%s%s@page{margin:9mm 8mm 10mm;",
	    screen_style, paper_style);
	if (dense)
		css_heads(out, lang);
	fprintf(out, "@bottom-left{font:7pt sans-serif;content:\"");
	css_text(out, title);
	fprintf(out, "\\3a  ");
	css_text(out, folder);
	fprintf(out,
	    "\"}@bottom-right{font:7pt sans-serif;"
	    "content:counter(page) \" / \" counter(pages)}}\n"
	    "</style>\n</head>\n<body%s>\n<h1>",
	    dense ? " class=\"dense\"" : "");
	html_text(out, title);
	fprintf(out, "</h1>\n<p class=\"folder\">");
	html_text(out, folder);
	fprintf(out, "</p>\n");
}

void
html_end(FILE *out)
{
	fprintf(out, "<script>\n%s</script>\n</body>\n</html>\n", script);
}
