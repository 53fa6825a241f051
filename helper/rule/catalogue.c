/* Rule files to rules, strictly: what the catalogue says wrongly, the program would say wrongly. */
#include "rule/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/read.h"
#include "rule/embedded.h"
#include "rule/scan.h"

struct loader {
    struct catalogue *c;
    struct arena *arena;
    struct repo repo; /* takes the diagnostics of the YAML reader: rules load before any repository */
    sv error;
};

static bool fail(struct loader *l, struct place place, const char *format, ...)
{
    if (l->error.p != NULL)
        return false;
    va_list args;
    va_start(args, format);
    sv what = sv_vprintf(l->arena, format, args);
    va_end(args);
    l->error = sv_printf(l->arena, "%.*s:%zu: %.*s", SV_ARG(place.src->path), place_line(place), SV_ARG(what));
    return false;
}

/* ---- values ------------------------------------------------------------------------------- */

static bool take_text(struct loader *l, const struct node *n, sv *out)
{
    *out = sv_trim(node_text(n));
    return n->kind == NODE_SCALAR && out->n != 0 ? true : fail(l, n->place, "'%.*s' needs a text", SV_ARG(n->key));
}

static bool take_list(struct loader *l, const struct node *n, sv **out, size_t *count)
{
    if (n->kind != NODE_LIST || n->child == NULL)
        return fail(l, n->place, "'%.*s' needs a list", SV_ARG(n->key));
    *out = arena_array(l->arena, sv, node_count(n));
    *count = 0;
    for node_each(entry, n) {
        if (node_text(entry).n == 0)
            return fail(l, entry->place, "an entry of '%.*s' is not a text", SV_ARG(n->key));
        (*out)[(*count)++] = node_text(entry);
    }
    return true;
}

static bool take_bool(struct loader *l, const struct node *n, bool *out)
{
    *out = node_true(n);
    return *out || node_false(n) ? true : fail(l, n->place, "'%.*s' needs true or false", SV_ARG(n->key));
}

static bool kind_from_name(sv name, enum source_kind *out)
{
    for (unsigned k = SOURCE_OTHER; k <= SOURCE_EVIDENCE; k++) {
        if (sv_eq(name, sv_from(source_kind_name((enum source_kind)k)))) {
            *out = (enum source_kind)k;
            return true;
        }
    }
    return false;
}

static bool lang_bit(sv name, unsigned *bit)
{
    enum lang lang = lang_from_name(name);
    *bit = 1u << lang;
    return lang != LANG_NONE;
}

static bool kind_bit(sv name, unsigned *bit)
{
    enum source_kind kind = SOURCE_OTHER;
    bool known = kind_from_name(name, &kind);
    *bit = 1u << kind;
    return known;
}

static bool scope_bit(sv name, unsigned *bit)
{
    *bit = sv_eq(name, SV("code")) ? 1u << IN_CODE : sv_eq(name, SV("comment")) ? 1u << IN_COMMENT : 1u << IN_STRING;
    return SV_IN(name, SV("code"), SV("comment"), SV("string"));
}

static bool take_bits(struct loader *l, const struct node *n, bool (*bit_of)(sv, unsigned *), unsigned *out)
{
    sv *names;
    size_t count;
    if (!take_list(l, n, &names, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        unsigned bit;
        if (!bit_of(names[i], &bit))
            return fail(l, n->place, "'%.*s' is not one of the %.*s", SV_ARG(names[i]), SV_ARG(n->key));
        *out |= bit;
    }
    return true;
}

/* ---- patterns ------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_at(sv s, size_t i, const char *what)
{
    return sv_starts(sv_sub(s, i, s.n), sv_from(what));
}

/* `*`, `+` or `{n,}` at `i`. */
static bool unbounded_at(sv regex, size_t i)
{
    if (i >= regex.n)
        return false;
    if (regex.p[i] == '*' || regex.p[i] == '+')
        return true;
    if (regex.p[i++] != '{')
        return false;
    while (i < regex.n && is_digit(regex.p[i]))
        i++;
    return starts_at(regex, i, ",}");
}

static const char *escape_problem(char c)
{
    if (is_digit(c) || c == 'k' || c == 'g')
        return "a back-reference";
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter && strchr("bBdDsSwWntrxfv", c) == NULL ? "an escape that ripgrep does not know" : NULL;
}

static const char *group_problem(sv regex, size_t i)
{
    static const char *const fine[] = {"(?:", "(?<", "(?i)", "(?i:"};
    if (!starts_at(regex, i, "(?"))
        return NULL;
    if (starts_at(regex, i, "(?<=") || starts_at(regex, i, "(?<!"))
        return "a look-around";
    for (size_t k = 0; k < sizeof fine / sizeof *fine; k++)
        if (starts_at(regex, i, fine[k]))
            return NULL;
    return "a group that PCRE2 and ripgrep do not share";
}

/* What leaves the common subset of PCRE2 and ripgrep, or may run away on a hostile line; NULL when
 * nothing does. */
static const char *regex_problem(sv regex)
{
    bool in_class = false;
    for (size_t i = 0; i < regex.n; i++) {
        char c = regex.p[i];
        const char *problem = NULL;
        if (c == '\\' && i + 1 < regex.n)
            problem = escape_problem(regex.p[++i]);
        else if (in_class)
            in_class = c != ']';
        else if (c == '[') {
            in_class = true;
            i += starts_at(regex, i, "[^") ? 1 : 0;
            i += starts_at(regex, i + 1, "]") ? 1 : 0;
        } else if (c == '(')
            problem = group_problem(regex, i);
        else if (c == '.' && unbounded_at(regex, i + 1))
            problem = "an unbounded `.`: write [^\\n]{0,200}";
        if (problem != NULL)
            return problem;
    }
    return NULL;
}

static bool take_regex(struct loader *l, const struct node *n, bool ignore_case, struct regex **out)
{
    sv text;
    if (!take_text(l, n, &text))
        return false;
    const char *problem = regex_problem(text);
    if (problem != NULL)
        return fail(l, n->place, "'%.*s' holds %s", SV_ARG(n->key), problem);
    *out = regex_new(&l->c->regexes, text, ignore_case);
    return true;
}

static bool take_literals(struct loader *l, const struct node *n, struct pattern *p)
{
    if (!take_list(l, n, &p->literals, &p->n_literals))
        return false;
    for (size_t i = 0; i < p->n_literals; i++) {
        if (p->literals[i].n < 3)
            return fail(l, n->place, "the literal '%.*s' is shorter than 3 bytes", SV_ARG(p->literals[i]));
        p->literals[i] = sv_lower(l->arena, p->literals[i]);
    }
    return true;
}

static bool take_pattern_key(struct loader *l, const struct node *n, struct pattern *p)
{
    if (sv_eq(n->key, SV("name")))
        return take_text(l, n, &p->name);
    if (sv_eq(n->key, SV("langs")))
        return take_bits(l, n, lang_bit, &p->langs);
    if (sv_eq(n->key, SV("kinds")))
        return take_bits(l, n, kind_bit, &p->kinds);
    if (sv_eq(n->key, SV("scope")))
        return take_bits(l, n, scope_bit, &p->scopes);
    if (sv_eq(n->key, SV("ignore_case")))
        return take_bool(l, n, &p->ignore_case);
    if (sv_eq(n->key, SV("vendored")))
        return take_bool(l, n, &p->vendored);
    if (sv_eq(n->key, SV("literals")))
        return take_literals(l, n, p);
    if (sv_eq(n->key, SV("regex")) || sv_eq(n->key, SV("unless")))
        return true; /* compiled when all keys, ignore_case among them, are known */
    return fail(l, n->key_place, "unknown key '%.*s' of a pattern", SV_ARG(n->key));
}

static bool literal_in_example(const struct rule *r, const struct pattern *p)
{
    for (size_t i = 0; i < r->catches.n; i++)
        for (size_t k = 0; k < p->n_literals; k++)
            if (sv_ihas(r->catches.at[i]->text, p->literals[k]))
                return true;
    return false;
}

static bool take_pattern(struct loader *l, const struct node *n, struct rule *r)
{
    struct pattern *p = vec_new(l->arena, &r->patterns, struct pattern);
    p->rule = r;
    for node_each(key, n)
        if (!take_pattern_key(l, key, p))
            return false;
    const struct node *regex = node_get(n, "regex"), *unless = node_get(n, "unless");
    if (regex == NULL || p->n_literals == 0)
        return fail(l, n->place, "a pattern needs 'regex' and 'literals'");
    if (!take_regex(l, regex, p->ignore_case, &p->compiled))
        return false;
    p->regex = regex_pattern(p->compiled);
    if (unless != NULL && !take_regex(l, unless, p->ignore_case, &p->unless))
        return false;
    return literal_in_example(r, p) ? true : fail(l, n->place, "no literal of the pattern occurs in 'catches'");
}

/* ---- examples ------------------------------------------------------------------------------- */

static enum source_kind usual_kind(enum lang lang)
{
    switch (lang) {
    case LANG_NONE:
        return SOURCE_OTHER;
    case LANG_SHELL:
        return SOURCE_SCRIPT;
    case LANG_DOCKERFILE:
        return SOURCE_DOCKERFILE;
    case LANG_MARKDOWN:
        return SOURCE_DOC;
    case LANG_YAML:
    case LANG_JSON:
    case LANG_TOML:
    case LANG_INI:
        return SOURCE_CONFIG;
    default:
        return SOURCE_CODE;
    }
}

static bool take_example(struct loader *l, const struct node *n, struct example *e)
{
    bool kind_given = false;
    for node_each(key, n) {
        bool fine = true;
        if (sv_eq(key->key, SV("text")))
            e->text = node_text(key);
        else if (sv_eq(key->key, SV("captures")))
            fine = take_text(l, key, &e->captures);
        else if (sv_eq(key->key, SV("lang")))
            fine = (e->lang = lang_from_name(node_text(key))) != LANG_NONE;
        else if (sv_eq(key->key, SV("kind")))
            fine = kind_given = kind_from_name(node_text(key), &e->kind);
        else
            return fail(l, key->key_place, "unknown key '%.*s' of an example", SV_ARG(key->key));
        if (!fine)
            return fail(l, key->place, "'%.*s' has no such value", SV_ARG(key->key));
    }
    if (e->text.n == 0)
        return fail(l, n->place, "an example needs 'text'");
    if (e->captures.n != 0 && sv_find_char(e->captures, '=') == SV_NOT_FOUND)
        return fail(l, n->place, "'captures' is written NAME=value");
    if (!kind_given)
        e->kind = usual_kind(e->lang);
    return true;
}

static bool take_examples(struct loader *l, const struct node *n, bool catches, struct rule *r)
{
    if (n->kind != NODE_LIST)
        return fail(l, n->place, "'%.*s' needs a list", SV_ARG(n->key));
    for node_each(entry, n) {
        struct example *e = catches ? vec_new(l->arena, &r->catches, struct example)
                                    : vec_new(l->arena, &r->spares, struct example);
        if (!take_example(l, entry, e))
            return false;
    }
    return true;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static bool kebab_case(sv s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || is_digit(s.p[i]);
        bool dash = s.p[i] == '-' && i != 0 && i + 1 != s.n && s.p[i - 1] != '-';
        if (!letter && !dash)
            return false;
    }
    return s.n != 0;
}

static bool take_id(struct loader *l, const struct node *n, struct rule *r)
{
    r->id = node_text(n);
    return kebab_case(r->id) ? true : fail(l, n->place, "'%.*s' is not kebab-case", SV_ARG(r->id));
}

static bool take_word(struct loader *l, const struct node *n, bool known)
{
    return known ? true : fail(l, n->place, "unknown %.*s '%.*s'", SV_ARG(n->key), SV_ARG(node_text(n)));
}

/* The keys that are plain texts. */
static sv *text_field(struct rule *r, sv key)
{
    struct { const char *key; sv *field; } fields[] = {
        {"title", &r->title},       {"why", &r->why},   {"fix", &r->fix}, {"bad", &r->bad},
        {"good", &r->good},         {"fact", &r->fact}, {"message", &r->message},
        {"question", &r->question}, {"command", &r->command},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (sv_eq(key, sv_from(fields[i].key)))
            return fields[i].field;
    return NULL;
}

static bool take_rule_key(struct loader *l, const struct node *n, struct rule *r)
{
    sv *field = text_field(r, n->key);
    if (field != NULL)
        return take_text(l, n, field);
    if (sv_eq(n->key, SV("id")))
        return take_id(l, n, r);
    if (sv_eq(n->key, SV("category")))
        return take_word(l, n, category_from_name(node_text(n), &r->category));
    if (sv_eq(n->key, SV("severity")))
        return take_word(l, n, severity_from_name(node_text(n), &r->severity));
    if (sv_eq(n->key, SV("confidence")))
        return take_word(l, n, confidence_from_name(node_text(n), &r->confidence));
    if (sv_eq(n->key, SV("kind")))
        return take_word(l, n, rule_kind_from_name(node_text(n), &r->kind));
    if (sv_eq(n->key, SV("refs")))
        return take_list(l, n, &r->refs, &r->n_refs);
    if (sv_eq(n->key, SV("covers")))
        return take_list(l, n, &r->covers, &r->n_covers);
    if (sv_eq(n->key, SV("catches")) || sv_eq(n->key, SV("spares")))
        return take_examples(l, n, sv_eq(n->key, SV("catches")), r);
    if (sv_eq(n->key, SV("patterns")))
        return true; /* read last: they are held against the examples */
    return fail(l, n->key_place, "unknown key '%.*s'", SV_ARG(n->key));
}

static const char *missing_key(const struct rule *r, const struct node *n)
{
    if (r->id.n == 0)
        return "id";
    if (r->title.n == 0)
        return "title";
    if (node_get(n, "category") == NULL)
        return "category";
    if (r->kind == RULE_FACT)
        return r->fact.n == 0 ? "fact" : r->patterns.n == 0 ? "patterns" : NULL;
    if (r->why.n == 0)
        return "why";
    if (r->fix.n == 0)
        return "fix";
    if (r->kind == RULE_LIVE)
        return r->command.n == 0 ? "command" : NULL;
    if (node_get(n, "severity") == NULL)
        return "severity";
    if (r->kind != RULE_CHECK && r->patterns.n == 0)
        return "patterns";
    if (r->kind == RULE_FINDING && r->message.n == 0)
        return "message";
    return r->kind == RULE_LEAD && r->question.n == 0 ? "question" : NULL;
}

static bool take_rule(struct loader *l, const struct node *n)
{
    if (n->kind != NODE_MAP)
        return fail(l, n->place, "a rule is a mapping");
    struct rule *r = vec_new(l->arena, &l->c->rules, struct rule);
    r->place = n->place;
    r->confidence = CONF_HIGH;
    for node_each(key, n)
        if (!take_rule_key(l, key, r))
            return false;
    const struct node *patterns = node_get(n, "patterns");
    for node_each(pattern, patterns)
        if (!take_pattern(l, pattern, r))
            return false;
    const char *missing = missing_key(r, n);
    if (missing != NULL)
        return fail(l, n->place, "'%s' is missing", missing);
    if (r->patterns.n != 0 && r->spares.n == 0)
        return fail(l, n->place, "a rule with patterns needs 'catches' and 'spares'");
    return true;
}

bool catalogue_add(struct catalogue *c, sv name, sv yaml, sv *error)
{
    struct loader l = {.c = c, .arena = c->arena, .repo = {.arena = c->arena}};
    struct source *src = arena_new(c->arena, struct source);
    *src = (struct source){.path = name, .text = yaml, .kind = SOURCE_CONFIG, .lang = LANG_YAML};
    src->lines = lines_of(c->arena, yaml);
    struct doc *doc = read_yaml(&l.repo, src);
    struct place start = {src, 0, 0};
    if (l.repo.diags.n != 0)
        l.error = sv_printf(c->arena, "%.*s:%zu: %.*s", SV_ARG(name), l.repo.diags.at[0]->line,
                            SV_ARG(l.repo.diags.at[0]->message));
    else if (doc == NULL || doc->root->kind != NODE_LIST)
        fail(&l, start, "a rule file is a list of rules");
    else
        for node_each(rule, doc->root)
            if (!take_rule(&l, rule))
                break;
    *error = l.error;
    return l.error.p == NULL;
}

/* ---- the catalogue ---------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct rule *const *x = a, *const *y = b;
    return sv_cmp((*x)->id, (*y)->id);
}

bool catalogue_finish(struct catalogue *c, sv *error)
{
    if (c->rules.n != 0)
        qsort(c->rules.at, c->rules.n, sizeof *c->rules.at, by_id);
    for (size_t i = 1; i < c->rules.n; i++) {
        const struct rule *r = c->rules.at[i], *before = c->rules.at[i - 1];
        if (!sv_eq(r->id, before->id))
            continue;
        *error = sv_printf(c->arena, "%.*s:%zu: the id '%.*s' stands twice, also in %.*s:%zu",
                           SV_ARG(r->place.src->path), place_line(r->place), SV_ARG(r->id),
                           SV_ARG(before->place.src->path), place_line(before->place));
        return false;
    }
    c->scanner = scanner_new(c);
    return true;
}

void catalogue_load(struct catalogue *c, struct arena *a)
{
    sv error = SV_NONE;
    bool fine = true;
    c->arena = a;
    c->regexes.arena = a;
    for (const struct embedded_file *file = embedded_rules; fine && file->name != NULL; file++)
        fine = catalogue_add(c, sv_from(file->name), (sv){file->bytes, file->n}, &error);
    if (fine && catalogue_finish(c, &error))
        return;
    fprintf(stderr, "dstack-audit: broken rule catalogue: helper/rules/%.*s\n", SV_ARG(error));
    exit(70);
}

const struct rule *catalogue_find(const struct catalogue *c, sv id)
{
    size_t low = 0, high = c->rules.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = sv_cmp(c->rules.at[mid]->id, id);
        if (order == 0)
            return c->rules.at[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

void catalogue_free(struct catalogue *c)
{
    regex_set_free(&c->regexes);
}
