/* What is arranged so that an audit sees less or something else. */
#include <string.h>

#include "check/check.h"

/* ---- hidden characters ---------------------------------------------------------------------------- */

static bool is_wide(char c)
{
    return ((unsigned char)c & 0x80) != 0;
}

/* Emoji and some scripts are written with joiners: other characters beyond ASCII stand on both sides. */
static bool is_writing(struct place p)
{
    sv text = p.src->text;
    bool before = p.start > 0 && is_wide(text.p[p.start - 1]), behind = p.end < text.n && is_wide(text.p[p.end]);
    return before && behind;
}

/* Texts for users in languages written from right to left need the controls. */
static bool is_text_for_users(const struct source *s)
{
    return s->kind == SOURCE_DOC || s->scope == SCOPE_DOC || s->lang == LANG_HTML || sv_has(s->path, SV("locale")) ||
           sv_has(s->path, SV("i18n")) || sv_has(s->path, SV("lang/")) || sv_has(s->path, SV("translations"));
}

static size_t hits_of_pattern(const struct check_run *c, size_t from)
{
    const struct hits *hits = &c->facts->hits;
    size_t n = 0;
    for (size_t i = from; i < hits->all.n && hits->all.at[i]->place.src == hits->all.at[from]->place.src; i++)
        n += hits->all.at[i]->pattern == hits->all.at[from]->pattern && !is_writing(hits->all.at[i]->place);
    return n;
}

static bool is_first_in_file(const struct check_run *c, size_t at)
{
    const struct hit *h = c->facts->hits.all.at[at];
    for (size_t i = at; i-- > 0 && c->facts->hits.all.at[i]->place.src == h->place.src;)
        if (c->facts->hits.all.at[i]->pattern == h->pattern && !is_writing(c->facts->hits.all.at[i]->place))
            return false;
    return true;
}

void check_hidden_characters(struct check_run *c)
{
    const struct facts *f = c->facts;
    c->examined = f->repo->files.n;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule != c->rule || h->place.start == 0 || is_writing(h->place) || !is_first_in_file(c, i))
            continue;
        struct finding *r = report(c, h->place, h->pattern->name, "%zu time%s a %.*s stands in %.*s: the text reads other than it is.",
                                   hits_of_pattern(c, i), hits_of_pattern(c, i) == 1 ? "" : "s", SV_ARG(h->pattern->name),
                                   SV_ARG(h->place.src->path));
        bool width = sv_eq(h->pattern->name, SV("character without width"));
        r->severity = is_text_for_users(h->place.src) ? SEV_LOW : width ? SEV_MEDIUM : SEV_HIGH;
    }
}

/* ---- files ------------------------------------------------------------------------------------------- */

static bool is_named_like_code(sv path)
{
    static const char *const ends[] = {".py", ".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx", ".rs", ".go", ".sh", ".sol", ".rb",
                                       ".php", ".java", ".kt", ".yml", ".yaml", ".json", ".toml", "Dockerfile", ".env", ".md"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_iends(path, sv_from(ends[i])))
            return true;
    return false;
}

/* A place in a file that was not read: its first line. */
static struct place place_of_path(struct arena *a, sv path)
{
    struct source *s = arena_new(a, struct source);
    *s = (struct source){.path = path, .text = SV("")};
    s->lines = lines_of(a, s->text);
    return (struct place){s, 0, 0};
}

void check_text_file_unreadable(struct check_run *c)
{
    const struct repo *r = c->facts->repo;
    for (size_t i = 0; i < r->skipped.n; i++) {
        const struct skip *s = r->skipped.at[i];
        if (!sv_eq(s->reason, SV("binary")) || !is_named_like_code(s->path))
            continue;
        c->examined++;
        report(c, place_of_path(c->arena, s->path), path_base(s->path),
               "%.*s is named like text and holds binary bytes: search tools skip it, this audit too.", SV_ARG(s->path));
    }
    for (size_t i = 0; i < r->files.n; i++) {
        const struct source *s = r->files.at[i];
        c->examined++;
        const char *nul = s->text.n == 0 || s->kind == SOURCE_OTHER ? NULL : memchr(s->text.p, 0, s->text.n);
        if (nul == NULL)
            continue;
        size_t at = (size_t)(nul - s->text.p);
        report(c, (struct place){s, at, at + 1}, path_base(s->path),
               "A NUL byte stands in %.*s: search tools take the file for binary and skip it.", SV_ARG(s->path));
    }
}

void check_link_leaves(struct check_run *c)
{
    const struct repo *r = c->facts->repo;
    for (size_t i = 0; i < r->skipped.n; i++) {
        const struct skip *s = r->skipped.at[i];
        if (!sv_eq(s->reason, SV("symlink")) || s->detail.n == 0)
            continue;
        c->examined++;
        if (path_join(c->arena, path_dir(s->path), s->detail).p == NULL)
            report(c, place_of_path(c->arena, s->path), path_base(s->path), "%.*s points to %.*s, outside the repository.",
                   SV_ARG(s->path), SV_ARG(s->detail));
    }
}

/* ---- marks ------------------------------------------------------------------------------------------------ */

void check_suppression_marks(struct check_run *c)
{
    const struct facts *f = c->facts;
    const struct source *last = NULL;
    c->examined = f->repo->files.n;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule != c->rule || h->place.src == last || place_is_aside(h->place))
            continue;
        last = h->place.src;
        size_t n = hits_of_pattern(c, i);
        report(c, h->place, hit_group(h, "subject"), "%zu mark%s in %.*s silence%s another scanner; this audit looked all the same.",
               n, n == 1 ? "" : "s", SV_ARG(last->path), n == 1 ? "s" : "");
    }
}
