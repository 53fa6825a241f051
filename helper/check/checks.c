/* The engine: runs every rule once and says what became of it. */
#include "check/check.h"

#ifdef MUTANTS
#include <stdlib.h>
#endif

#include "base/limits.h"

#define CHECK(id, function) {id, function},
const struct check check_table[] = {
#include "check/table.h"
    {NULL, NULL},
};
#undef CHECK

const char *outcome_name(enum outcome o)
{
    static const char *const names[] = {"pass", "fail", "unsure", "nothing-to-check", "not-run"};
    return names[o];
}

enum severity severity_at_most(enum severity s, enum severity cap)
{
    return s < cap ? s : cap;
}

/* Rust keeps its unit tests at the end of the file they test. */
static bool in_rust_tests(struct place p)
{
    if (p.src == NULL || p.src->lang != LANG_RUST || p.start == 0) /* where a file begins no test stands before */
        return false;
    if (p.src->tests_at == 0) {
        size_t mark = sv_find(p.src->text, SV("\n#[cfg(test)]\nmod "));
        ((struct source *)p.src)->tests_at = mark == SV_NOT_FOUND ? mark : mark + 1; /* only the cache is written behind the const */
    }
    return p.src->tests_at < p.start;
}

bool place_is_aside(struct place p)
{
    if (in_rust_tests(p))
        return true;
    for (const struct source *s = p.src; s != NULL; s = s->host)
        if (s->vendored || s->scope == SCOPE_TEST || s->scope == SCOPE_DEV || s->scope == SCOPE_DOC)
            return true;
    return false;
}

static struct finding *add_finding(struct check_run *c, struct place place, sv subject, sv message)
{
    struct finding *f = arena_new(c->arena, struct finding);
    if (++c->findings <= LIMIT_FINDINGS_PER_RULE)
        vec_push(c->arena, &c->out->findings, f);
    f->rule = c->rule;
    f->severity = c->rule->severity;
    f->confidence = c->rule->confidence;
    f->title = c->rule->title;
    f->place = place;
    f->subject = subject;
    f->message = message;
    return f;
}

struct finding *report(struct check_run *c, struct place place, sv subject, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sv message = sv_vprintf(c->arena, format, args);
    va_end(args);
    return add_finding(c, place, subject, message);
}

void relate(struct check_run *c, struct finding *f, struct place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct related *new = arena_new(c->arena, struct related);
    new->place = place;
    new->message = sv_vprintf(c->arena, format, args);
    va_end(args);
    struct related **end = &f->related;
    while (*end != NULL)
        end = &(*end)->next;
    *end = new;
}

struct lead *ask(struct check_run *c, struct place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct lead *l = arena_new(c->arena, struct lead);
    if (++c->leads <= LIMIT_FINDINGS_PER_RULE)
        vec_push(c->arena, &c->out->leads, l);
    l->rule = c->rule;
    l->place = place;
    l->question = sv_vprintf(c->arena, format, args);
    va_end(args);
    return l;
}

void redact(struct check_run *c, struct place place)
{
    if (place.src != NULL && place.start < place.end)
        *vec_new(c->arena, &c->out->secrets, struct place) = place;
}

/* ---- pattern rules ------------------------------------------------------------------------- */

/* "{0} is read" with the texts of one hit. Unknown names stay as they are: the rule self-test sees them. */
static sv fill_template(struct arena *a, sv template, const struct hit *h)
{
    sv out = SV("");
    while (template.n != 0) {
        size_t open = sv_find_char(template, '{'), close = SV_NOT_FOUND;
        if (open != SV_NOT_FOUND)
            close = sv_find_at(template, SV("}"), open);
        if (close == SV_NOT_FOUND)
            return sv_concat(a, out, template);
        sv name = sv_sub(template, open + 1, close);
        sv value = sv_eq(name, SV("0")) ? regex_sub(&h->match, h->line, 0)
                                        : hit_group(h, sv_copy(a, name).p);
        out = sv_concat(a, out, sv_sub(template, 0, open));
        out = sv_concat(a, out, value.p == NULL ? sv_sub(template, open, close + 1) : value);
        template = sv_sub(template, close + 1, template.n);
    }
    return out;
}

/* What a hit is about: the group `subject` or NAME where the pattern has one, else the match. */
static sv hit_subject(const struct hit *h)
{
    static const char *const groups[] = {"subject", "NAME", "name"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        sv text = hit_group(h, groups[i]);
        if (text.p != NULL)
            return text;
    }
    return sv_trim(regex_sub(&h->match, h->line, 0));
}

static bool applies_to(const struct rule *rule, const struct source *s)
{
    for (size_t i = 0; i < rule->patterns.n; i++) {
        const struct pattern *p = rule->patterns.at[i];
        if ((p->langs == 0 || (p->langs >> s->lang & 1) != 0) &&
            (p->kinds == 0 || (p->kinds >> s->kind & 1) != 0))
            return true;
    }
    return false;
}

/* Hits of a rule stand together nowhere, so each pattern rule walks them all: tens of rules over
 * some thousand hits. Tests and documents are dropped: without reasoning a keyword there says nothing. */
static void run_pattern_rule(struct check_run *c)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->repo->files.n; i++)
        c->examined += applies_to(c->rule, f->repo->files.at[i]);
    for (size_t i = 0; i < f->embedded.n; i++)
        c->examined += applies_to(c->rule, f->embedded.at[i]);
    bool anywhere = c->rule->category == CAT_AUDIT_EVASION;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule != c->rule || (!anywhere && place_is_aside(h->place)))
            continue;
        if (c->rule->kind == RULE_FINDING)
            add_finding(c, h->place, hit_subject(h), fill_template(c->arena, c->rule->message, h));
        else
            ask(c, h->place, "%.*s", SV_ARG(fill_template(c->arena, c->rule->question, h)));
    }
}

/* ---- one rule ------------------------------------------------------------------------------- */

static const struct check *check_of(const struct rule *rule)
{
    for (const struct check *k = check_table; k->id != NULL; k++)
        if (sv_eq(sv_from(k->id), rule->id))
            return k;
    return NULL;
}

/* The mutation test builds with -DMUTANTS and takes one rule away; some fixture must notice. */
static bool is_disabled(const struct rule *rule)
{
#ifdef MUTANTS
    return sv_eq(sv_from(getenv("DSTACK_AUDIT_DISABLE")), rule->id);
#else
    (void)rule;
    return false;
#endif
}

static enum outcome outcome_of(const struct check_run *c)
{
    if (c->findings != 0)
        return OUTCOME_FAIL;
    if (c->not_run.n != 0)
        return OUTCOME_NOT_RUN;
    if (c->unsure || c->leads != 0)
        return OUTCOME_UNSURE;
    /* A pattern of questions that matched nothing has not shown that anything is right. */
    if (c->examined == 0 || c->rule->kind == RULE_LEAD)
        return OUTCOME_NOTHING_TO_CHECK;
    return OUTCOME_PASS;
}

/* A deployed compose file that could not be read, or not wholly; NULL where all could. */
static const struct deployment *unread_deployment(const struct facts *f)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->deployed && f->deployments.at[i]->refused.p != NULL)
            return f->deployments.at[i];
    return NULL;
}

/* Nothing that looks at deployments passes while one of them is unread. */
static void unsettle(const struct facts *f, struct check_result *result)
{
    enum category c = result->rule->category;
    const struct deployment *unread = unread_deployment(f);
    bool concerns = c != CAT_AUDIT_EVASION && c != CAT_CONTRACTS; /* those look at no deployment */
    if (result->outcome != OUTCOME_PASS || unread == NULL || !concerns)
        return;
    result->outcome = OUTCOME_UNSURE;
    result->reason = sv_printf(f->arena, "%.*s was not read, or not all of it", SV_ARG(unread->id));
}

static void tell_limits(const struct check_run *c)
{
    if (c->findings > LIMIT_FINDINGS_PER_RULE)
        repo_limit(c->facts->repo, c->rule->id,
                   sv_printf(c->arena, "findings-per-rule: %d of %zu reported", LIMIT_FINDINGS_PER_RULE, c->findings).p);
    if (c->leads > LIMIT_FINDINGS_PER_RULE)
        repo_limit(c->facts->repo, c->rule->id,
                   sv_printf(c->arena, "leads-per-rule: %d of %zu reported", LIMIT_FINDINGS_PER_RULE, c->leads).p);
}

static void run_rule(struct check_run *c)
{
    const struct check *check = check_of(c->rule);
    if (is_disabled(c->rule))
        c->not_run = SV("disabled");
    else if (check != NULL)
        check->run(c);
    else if (c->rule->kind == RULE_LIVE)
        c->not_run = sv_printf(c->arena, "not decidable offline: %.*s", SV_ARG(c->rule->command));
    else if (c->rule->kind == RULE_FINDING || c->rule->kind == RULE_LEAD)
        run_pattern_rule(c);
    else
        c->not_run = SV("this version decides nothing for the rule");
}

static void conclude(const struct check_run *c)
{
    tell_limits(c);
    struct check_result *result = vec_new(c->arena, &c->out->checks, struct check_result);
    result->rule = c->rule;
    result->examined = c->examined;
    result->outcome = outcome_of(c);
    result->reason = c->not_run;
    unsettle(c->facts, result);
}

void checks_run(const struct facts *f, struct verdicts *out)
{
    VEC(struct check_run) runs = {0};
    struct check_run routes = {.facts = f, .arena = f->arena, .out = out};
    routes_begin(&routes);
    for (size_t i = 0; i < f->catalogue->rules.n; i++)
        if (f->catalogue->rules.at[i]->kind != RULE_FACT) {
            struct check_run *c = vec_new(f->arena, &runs, struct check_run);
            *c = (struct check_run){.facts = f, .arena = f->arena, .rule = f->catalogue->rules.at[i], .out = out};
            run_rule(c);
        }
    programs_look(out);
    routes_look(&routes);
    for (size_t i = 0; i < runs.n; i++) {
        if (runs.at[i]->then != NULL)
            runs.at[i]->then(runs.at[i]);
        conclude(runs.at[i]);
    }
    findings_settle(out, f);
}
