#include "input/source.h"

/* The same place one level up, as exact as the embedding allows. */
static struct place in_host(struct place p)
{
    const struct source *s = p.src, *host = s->host;
    struct place up = {host, s->host_offset, s->host_offset};
    if (s->embed != EMBED_LINES)
        return up;
    size_t line = line_at(&s->lines, p.start), first = line_at(&host->lines, s->host_offset);
    size_t host_line = first + line - 1;
    if (host_line > host->lines.n)
        return up;
    sv own = line_text(&s->lines, s->text, line), theirs = line_text(&host->lines, host->text, host_line);
    size_t shift = own.n == 0 ? 0 : sv_find(theirs, own);
    size_t inside = p.start - s->lines.at[line - 1];
    up.start = host->lines.at[host_line - 1];
    up.start += shift == SV_NOT_FOUND ? theirs.n - sv_trim(theirs).n : shift + inside;
    if (up.start > host->text.n)
        up.start = host->text.n;
    up.end = up.start + (p.end - p.start);
    if (up.end > host->text.n)
        up.end = host->text.n;
    return up;
}

static struct place clamped(struct place p)
{
    if (p.start > p.src->text.n)
        p.start = p.src->text.n;
    if (p.end < p.start)
        p.end = p.start;
    if (p.end > p.src->text.n)
        p.end = p.src->text.n;
    return p;
}

struct spot spot_of(struct place p)
{
    if (p.src == NULL)
        return (struct spot){.path = SV("."), .line = 1, .column = 1, .end_line = 1};
    p = clamped(p);
    struct spot spot = {0};
    bool settled = false; /* the innermost string with lines of its own says most */
    for (; p.src->host != NULL; p = in_host(p)) {
        if (p.src->embed != EMBED_STRING || settled)
            continue;
        if (spot.field.p == NULL || p.src->lines.n > 1) {
            spot.field = p.src->field;
            spot.field_line = line_at(&p.src->lines, p.start);
        }
        settled = p.src->lines.n > 1;
    }
    spot.path = p.src->path;
    spot.line = line_at(&p.src->lines, p.start);
    spot.column = column_at(&p.src->lines, p.src->text, p.start);
    spot.end_line = line_at(&p.src->lines, p.end > p.start ? p.end - 1 : p.end);
    return spot;
}

static struct place in_file(struct place p)
{
    p = clamped(p);
    while (p.src->host != NULL)
        p = in_host(p);
    return p;
}

size_t place_line(struct place p)
{
    if (p.src == NULL)
        return 1;
    p = in_file(p);
    return line_at(&p.src->lines, p.start);
}

static int size_cmp(size_t x, size_t y)
{
    return (x > y) - (x < y);
}

int place_cmp(struct place a, struct place b)
{
    if (a.src == NULL || b.src == NULL)
        return (a.src != NULL) - (b.src != NULL);
    struct place file_a = in_file(a), file_b = in_file(b);
    int c = sv_cmp(file_a.src->path, file_b.src->path);
    if (c == 0)
        c = size_cmp(file_a.start, file_b.start);
    if (c == 0)
        c = sv_cmp(a.src->field, b.src->field);
    if (c == 0)
        c = size_cmp(a.start, b.start);
    return c != 0 ? c : size_cmp(a.end, b.end);
}

struct source *source_embed(struct arena *a, const struct source *host, size_t offset, sv text, enum embed how,
                            const char *field)
{
    struct source *s = arena_new(a, struct source);
    s->arena = a;
    s->path = host->path;
    s->text = text;
    s->scope = host->scope;
    s->vendored = host->vendored;
    s->lines = lines_of(a, text);
    s->embed = how;
    s->host = host;
    s->host_offset = offset < host->text.n ? offset : host->text.n;
    s->field = sv_from(field);
    return s;
}

/* ---- Words of the whole text ----------------------------------------------------------------- */

struct answer { sv word; bool any_case, held; struct answer *next; };

static const struct grams *grams_for(const struct source *s)
{
    enum { SHORT_TEXT = 64 }; /* searching it costs less than knowing what it holds */
    if (s->arena == NULL || s->text.n < SHORT_TEXT)
        return NULL;
    if (s->grams == NULL) /* only what is found out is written behind the const */
        ((struct source *)s)->grams = grams_of(s->arena, s->text);
    return s->grams;
}

static bool holds(const struct source *s, sv word, bool any_case)
{
    const struct grams *grams = grams_for(s);
    if (grams == NULL)
        return any_case ? sv_ihas(s->text, word) : sv_has(s->text, word);
    if (!grams_may_hold(grams, word))
        return false;
    for (const struct answer *a = s->answers; a != NULL; a = a->next)
        if (a->any_case == any_case && sv_eq(a->word, word))
            return a->held;
    struct answer *a = arena_new(s->arena, struct answer);
    *a = (struct answer){word, any_case, any_case ? sv_ihas(s->text, word) : sv_has(s->text, word), s->answers};
    ((struct source *)s)->answers = a;
    return a->held;
}

bool source_has(const struct source *s, sv word) { return holds(s, word, false); }

bool source_ihas(const struct source *s, sv word) { return holds(s, word, true); }

bool source_says(const struct source *s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (source_ihas(s, sv_from(*words)))
            return true;
    return false;
}

bool source_says_of(const struct source *s, const struct gram_words *words)
{
    const struct grams *grams = grams_for(s);
    for (size_t i = 0; i < words->n; i++) {
        i = grams == NULL ? i : grams_next(grams, words, i);
        if (i < words->n && source_ihas(s, words->all[i].word))
            return true;
    }
    return false;
}

const char *source_kind_name(enum source_kind k)
{
    static const char *const names[] = {
        [SOURCE_OTHER] = "other",   [SOURCE_COMPOSE] = "compose",   [SOURCE_APP_COMPOSE] = "app-compose",
        [SOURCE_CODE] = "code",     [SOURCE_WORKFLOW] = "workflow", [SOURCE_DOCKERFILE] = "dockerfile",
        [SOURCE_LOCK] = "lock",     [SOURCE_SCRIPT] = "script",     [SOURCE_MANIFEST] = "manifest",
        [SOURCE_ENV] = "env",       [SOURCE_CONFIG] = "config",     [SOURCE_EVIDENCE] = "evidence",
        [SOURCE_DOC] = "doc",
    };
    return names[k];
}

const char *lang_name(enum lang l)
{
    static const char *const names[LANG_COUNT] = {
        [LANG_NONE] = "none",   [LANG_PYTHON] = "python", [LANG_JAVASCRIPT] = "javascript",
        [LANG_GO] = "go",       [LANG_RUST] = "rust",     [LANG_TYPESCRIPT] = "typescript",
        [LANG_JAVA] = "java",   [LANG_SHELL] = "shell",   [LANG_DOCKERFILE] = "dockerfile",
        [LANG_RUBY] = "ruby",   [LANG_KOTLIN] = "kotlin", [LANG_SOLIDITY] = "solidity",
        [LANG_PHP] = "php",     [LANG_CSHARP] = "csharp", [LANG_MARKDOWN] = "markdown",
        [LANG_C] = "c",         [LANG_ELIXIR] = "elixir", [LANG_SWIFT] = "swift",
        [LANG_CPP] = "cpp",     [LANG_NIX] = "nix",       [LANG_YAML] = "yaml",
        [LANG_JSON] = "json",   [LANG_TOML] = "toml",     [LANG_INI] = "ini",
        [LANG_HTML] = "html",
    };
    return names[l];
}

enum lang lang_from_name(sv name)
{
    for (int l = LANG_NONE + 1; l < LANG_COUNT; l++)
        if (sv_eq(name, sv_from(lang_name((enum lang)l))))
            return (enum lang)l;
    return LANG_NONE;
}

const char *scope_name(enum scope s)
{
    static const char *const names[] = {
        [SCOPE_PROD] = "prod", [SCOPE_TEST] = "test", [SCOPE_DEV] = "dev", [SCOPE_CI] = "ci", [SCOPE_DOC] = "doc",
    };
    return names[s];
}

sv path_base(sv path)
{
    size_t slash = sv_rfind_char(path, '/');
    return slash == SV_NOT_FOUND ? path : sv_sub(path, slash + 1, path.n);
}

sv path_dir(sv path)
{
    size_t slash = sv_rfind_char(path, '/');
    return slash == SV_NOT_FOUND ? SV("") : sv_sub(path, 0, slash);
}

sv path_join(struct arena *a, sv dir, sv relative)
{
    if (sv_starts(relative, SV("/")) || sv_starts(dir, SV("/")))
        return SV_NONE;
    sv rest = sv_concat(a, sv_concat(a, dir, SV("/")), relative);
    char *out = arena_array(a, char, rest.n + 1);
    size_t n = 0;
    while (rest.p != NULL) {
        sv part = sv_cut(&rest, '/');
        if (part.n == 0 || sv_eq(part, SV(".")))
            continue;
        if (sv_eq(part, SV(".."))) {
            if (n == 0)
                return SV_NONE;
            n = path_dir((sv){out, n}).n;
            continue;
        }
        if (n != 0)
            out[n++] = '/';
        for (size_t i = 0; i < part.n; i++)
            out[n++] = part.p[i];
    }
    return (sv){out, n};
}

bool path_is_below(sv path, sv dir)
{
    return dir.n == 0 || (sv_starts(path, dir) && (path.n == dir.n || path.p[dir.n] == '/'));
}
