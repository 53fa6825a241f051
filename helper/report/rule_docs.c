/* The catalogue as text: lists, one rule in full, and search patterns for people without the program. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "report/report.h"
#include "report/search_pattern.h"

static const char *const category_titles[CAT_COUNT] = {
    "Configuration control", "Network", "Attestation", "Red flags", "Build reproducibility",
    "Secrets and storage", "Smart contracts", "Compose hardening", "Evidence", "Audit evasion",
};

const char *category_title(enum category c)
{
    return category_titles[c];
}

/* ---- lists ------------------------------------------------------------------------------------- */

/* Facts and what needs live data have none. */
static const char *severity_cell(const struct rule *r)
{
    bool judges = r->kind != RULE_FACT && r->kind != RULE_LIVE;
    return judges ? severity_name(r->severity) : rule_kind_name(r->kind);
}

static void rules_text(const struct catalogue *c, struct buf *out)
{
    for (size_t i = 0; i < c->rules.n; i++) {
        const struct rule *r = c->rules.at[i];
        const char *severity = severity_cell(r);
        buf_printf(out, "%-38.*s %-8s %-18s %.*s\n", SV_ARG(r->id), severity, category_name(r->category),
                   SV_ARG(r->title));
    }
}

static void add_text(const struct catalogue *c, cJSON *o, const char *key, sv text)
{
    if (text.n == 0)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddStringToObject(o, key, sv_copy(c->arena, text).p);
}

static void add_texts(const struct catalogue *c, cJSON *o, const char *key, const sv *texts, size_t n)
{
    cJSON *list = cJSON_AddArrayToObject(o, key);
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(sv_copy(c->arena, texts[i]).p));
}

static cJSON *rule_object(const struct catalogue *c, const struct rule *r)
{
    cJSON *o = cJSON_CreateObject();
    add_text(c, o, "id", r->id);
    add_text(c, o, "title", r->title);
    cJSON_AddStringToObject(o, "category", category_name(r->category));
    cJSON_AddStringToObject(o, "kind", rule_kind_name(r->kind));
    cJSON_AddStringToObject(o, "severity", severity_name(r->severity));
    cJSON_AddStringToObject(o, "confidence", confidence_name(r->confidence));
    add_text(c, o, "why", r->why);
    add_text(c, o, "fix", r->fix);
    add_text(c, o, "question", r->question);
    add_text(c, o, "command", r->command);
    add_texts(c, o, "references", r->refs, r->n_refs);
    add_texts(c, o, "covers", r->covers, r->n_covers);
    add_text(c, o, "bad", r->bad);
    add_text(c, o, "good", r->good);
    cJSON *patterns = cJSON_AddArrayToObject(o, "patterns");
    for (size_t i = 0; i < r->patterns.n; i++) {
        cJSON *p = cJSON_CreateObject();
        cJSON_AddItemToArray(patterns, p);
        add_text(c, p, "name", r->patterns.at[i]->name);
        add_text(c, p, "regex", r->patterns.at[i]->regex);
        cJSON_AddBoolToObject(p, "ignore_case", r->patterns.at[i]->ignore_case);
    }
    return o;
}

static void rules_json(const struct catalogue *c, struct buf *out)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "format", 1);
    cJSON *rules = cJSON_AddArrayToObject(root, "rules");
    for (size_t i = 0; i < c->rules.n; i++)
        cJSON_AddItemToArray(rules, rule_object(c, c->rules.at[i]));
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    buf_puts(out, text);
    buf_putc(out, '\n');
    cJSON_free(text);
}

/* A cell of a Markdown table. */
static void put_cell(struct buf *out, sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|')
            buf_putc(out, '\\');
        buf_putc(out, text.p[i] == '\n' ? ' ' : text.p[i]);
    }
}

static void rules_markdown(const struct catalogue *c, struct buf *out)
{
    buf_puts(out, "# Rules\n\nWritten by `dstack-audit rules --format markdown`.\n");
    for (unsigned category = 0; category < CAT_COUNT; category++) {
        bool begun = false;
        for (size_t i = 0; i < c->rules.n; i++) {
            const struct rule *r = c->rules.at[i];
            if (r->category != category || r->kind == RULE_FACT)
                continue;
            if (!begun)
                buf_printf(out, "\n## %s\n\n| rule | severity | title | why |\n|---|---|---|---|\n",
                           category_titles[category]);
            begun = true;
            buf_printf(out, "| `%.*s` | %s | ", SV_ARG(r->id), severity_cell(r));
            put_cell(out, r->title);
            buf_puts(out, " | ");
            put_cell(out, r->why);
            buf_puts(out, " |\n");
        }
    }
}

void report_rules(const struct catalogue *c, enum rules_format format, struct buf *out)
{
    if (format == RULES_JSON)
        rules_json(c, out);
    else if (format == RULES_MARKDOWN)
        rules_markdown(c, out);
    else
        rules_text(c, out);
}

/* ---- one rule ---------------------------------------------------------------------------------- */

static void put_section(struct buf *out, const char *heading, sv text)
{
    if (text.n == 0)
        return;
    buf_printf(out, "\n%s\n", heading);
    while (text.p != NULL) {
        sv line = sv_line(&text);
        buf_printf(out, "    %.*s\n", SV_ARG(line));
    }
}

static void put_list(struct buf *out, const char *heading, const sv *texts, size_t n)
{
    if (n != 0)
        buf_printf(out, "\n%s\n", heading);
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "    %.*s\n", SV_ARG(texts[i]));
}

bool report_explain(const struct catalogue *c, sv id, struct buf *out)
{
    const struct rule *r = catalogue_find(c, id);
    if (r == NULL)
        return false;
    buf_printf(out, "%.*s\n%.*s\n", SV_ARG(r->id), SV_ARG(r->title));
    if (r->kind == RULE_FACT)
        buf_printf(out, "%s, a fact without judgement\n", category_title(r->category));
    else if (r->kind == RULE_LIVE)
        buf_printf(out, "%s, not decidable offline\n", category_title(r->category));
    else
        buf_printf(out, "%s, usually %s, confidence %s\n", category_title(r->category),
                   severity_name(r->severity), confidence_name(r->confidence));
    put_section(out, "Why", r->why);
    put_section(out, "Fix", r->fix);
    put_section(out, "Question", r->question);
    put_section(out, "Command", r->command);
    put_section(out, "Bad", r->bad);
    put_section(out, "Good", r->good);
    for (size_t i = 0; i < r->patterns.n; i++)
        put_section(out, i == 0 ? "Patterns" : "or", r->patterns.at[i]->regex);
    put_list(out, "Decides", r->covers, r->n_covers);
    put_list(out, "References", r->refs, r->n_refs);
    return true;
}

/* ---- the checklist ----------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return sv_cmp(*(const sv *)a, *(const sv *)b);
}

/* The ids of the published guidance that rules name, each once, in order. */
static size_t covered_ids(const struct catalogue *c, sv **out)
{
    size_t all = 0, n = 0;
    for (size_t i = 0; i < c->rules.n; i++)
        all += c->rules.at[i]->n_covers;
    *out = arena_array(c->arena, sv, all);
    for (size_t i = 0; i < c->rules.n; i++)
        for (size_t k = 0; k < c->rules.at[i]->n_covers; k++)
            (*out)[n++] = c->rules.at[i]->covers[k];
    if (n != 0)
        qsort(*out, n, sizeof **out, by_text);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !sv_eq((*out)[i], (*out)[kept - 1]))
            (*out)[kept++] = (*out)[i];
    return kept;
}

void report_covers(const struct catalogue *c, struct buf *out)
{
    sv *ids;
    size_t n = covered_ids(c, &ids);
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%.*s\t", SV_ARG(ids[i]));
        const char *between = "";
        for (size_t k = 0; k < c->rules.n; k++) {
            const struct rule *r = c->rules.at[k];
            if (!sv_in(ids[i], r->covers, r->n_covers))
                continue;
            buf_printf(out, "%s`%.*s`", between, SV_ARG(r->id));
            between = ", ";
        }
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < c->rules.n; i++) {
        const struct rule *r = c->rules.at[i];
        if (r->kind == RULE_LIVE)
            buf_printf(out, "%.*s\t%.*s\n", SV_ARG(r->id), SV_ARG(r->command));
    }
}

/* ---- search patterns ------------------------------------------------------------------------------ */

static const char patterns_head[] =
    "# Search patterns\n"
    "\n"
    "For looking by hand, or where the scanner cannot run. Written by `make rules` from the rules of the\n"
    "scanner: do not edit. A hit is a place to read, not a finding; no hit is not a pass: the scanner also\n"
    "parses compose files, Dockerfiles and code, which no pattern does.\n"
    "\n"
    "Without ripgrep, put `command grep -rnE --exclude-dir=.git` in the place of\n"
    "`rg -n --hidden -g '!.git'`; the patterns mean the same to both.\n";

static void put_command(struct buf *out, const struct rule *r, bool ignore_case)
{
    bool begun = false;
    for (size_t i = 0; i < r->patterns.n; i++) {
        const struct pattern *p = r->patterns.at[i];
        if (p->ignore_case != ignore_case)
            continue;
        if (!begun)
            buf_printf(out, "rg -n --hidden -g '!.git'%s", ignore_case ? " -i" : "");
        begun = true;
        buf_puts(out, " \\\n  -e '");
        put_search_pattern(out, p->regex);
        buf_puts(out, "'");
    }
    if (begun)
        buf_puts(out, " .\n");
}

static void put_contents(struct buf *out, const struct catalogue *c)
{
    const char *between = "\nContents: ";
    for (unsigned category = 0; category < CAT_COUNT; category++) {
        bool any = false;
        for (size_t i = 0; i < c->rules.n; i++)
            any = any || (c->rules.at[i]->category == category && c->rules.at[i]->patterns.n != 0);
        if (!any)
            continue;
        buf_printf(out, "%s%s", between, category_titles[category]);
        between = " \xC2\xB7 ";
    }
    buf_putc(out, '\n');
}

void report_search_patterns(const struct catalogue *c, struct buf *out)
{
    buf_puts(out, patterns_head);
    put_contents(out, c);
    for (unsigned category = 0; category < CAT_COUNT; category++) {
        bool begun = false;
        for (size_t i = 0; i < c->rules.n; i++) {
            const struct rule *r = c->rules.at[i];
            if (r->category != category || r->patterns.n == 0)
                continue;
            if (!begun)
                buf_printf(out, "\n## %s\n", category_titles[category]);
            begun = true;
            buf_printf(out, "\n### %.*s: %.*s\n\n```sh\n", SV_ARG(r->id), SV_ARG(r->title));
            put_command(out, r, false);
            put_command(out, r, true);
            buf_puts(out, "```\n");
        }
    }
}
