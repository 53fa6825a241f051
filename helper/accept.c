#include "accept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "doc/read.h"

static bool wrong(const char *path, size_t line, const char *what)
{
    if (line != 0)
        fprintf(stderr, "dstack-audit: %s:%zu: %s\n", path, line, what);
    else
        fprintf(stderr, "dstack-audit: %s: %s\n", path, what);
    return false;
}

/* Without --today the clock says it: only here, because an acceptance ends on a day. */
static sv today(const struct options *o, struct arena *a)
{
    if (o->today != NULL)
        return sv_from(o->today);
    time_t now = time(NULL);
    struct tm day = {0};
    gmtime_r(&now, &day);
    return sv_printf(a, "%04d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

static struct source *read_source(struct arena *a, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        return NULL;
    }
    char *bytes = arena_array(a, char, LIMIT_TREE_BYTES + 1);
    size_t n = fread(bytes, 1, LIMIT_TREE_BYTES + 1, in);
    bool failed = ferror(in) != 0;
    fclose(in);
    if (failed || n > LIMIT_TREE_BYTES) {
        wrong(path, 0, failed ? "cannot be read" : "too large");
        return NULL;
    }
    struct source *s = arena_new(a, struct source);
    s->path = sv_from(path);
    s->text = (sv){bytes, n};
    s->lines = lines_of(a, s->text);
    s->lang = LANG_YAML;
    return s;
}

static bool accept_one(const struct options *o, struct verdicts *v, struct arena *a, const struct node *entry)
{
    size_t line = place_line(entry->place);
    sv id = node_get_text(entry, "id"), reason = node_get_text(entry, "reason"), until = node_get_text(entry, "until");
    if (!sv_is_hex(id, 16))
        return wrong(o->accept_file, line, "an entry needs the id of a finding, 16 hex digits");
    if (sv_trim(reason).n == 0)
        return wrong(o->accept_file, line, "an entry needs a reason");
    if (!is_date(until))
        return wrong(o->accept_file, line, "an entry needs until: YYYY-MM-DD");
    bool expired = sv_cmp(until, today(o, a)) < 0, met = false;
    for (size_t i = 0; i < v->findings.n; i++) {
        struct finding *f = v->findings.at[i];
        if (!sv_eq(f->id, id))
            continue;
        met = true;
        if (!expired)
            f->suppressed = sv_printf(a, "%.*s (until %.*s)", SV_ARG(reason), SV_ARG(until));
    }
    if (!o->quiet && (expired || !met))
        fprintf(stderr, "dstack-audit: %s:%zu: acceptance of %.*s %s\n", o->accept_file, line, SV_ARG(id),
                expired ? "has expired: the finding counts again" : "meets no finding");
    return true;
}

bool accept_findings(const struct options *o, struct verdicts *v, struct arena *a)
{
    if (lies_in_target(o, o->accept_file))
        return wrong(o->accept_file, 0, "acceptances must lie outside the audited tree");
    struct source *s = read_source(a, o->accept_file);
    if (s == NULL)
        return false;
    struct repo own = {.arena = a}; /* its diagnostics are not the audited tree's */
    struct doc *doc = read_yaml(&own, s);
    if (doc == NULL)
        return wrong(o->accept_file, own.diags.n == 0 ? 0 : own.diags.at[0]->line,
                     own.diags.n == 0 ? "cannot be parsed" : own.diags.at[0]->message.p);
    const struct node *list = node_get(doc->root, "accept");
    if (list == NULL || list->kind != NODE_LIST)
        return wrong(o->accept_file, 0, "a list named accept is missing");
    for (const struct node *entry = list->child; entry != NULL; entry = entry->next)
        if (!accept_one(o, v, a, entry))
            return false;
    return true;
}
