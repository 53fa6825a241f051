/* The summary: what became of each component. */
#include "report/report.h"

#include <stdlib.h>

enum { SECTIONS = 9 };

static const struct {
    const char *id, *title;
    unsigned categories; /* bit per enum category */
} components[SECTIONS] = {
    {"config-control", "Configuration control", 1u << CAT_CONFIG_CONTROL},
    {"attestation", "Attestation", 1u << CAT_ATTESTATION | 1u << CAT_EVIDENCE},
    {"reproducibility", "Build reproducibility", 1u << CAT_REPRODUCIBILITY},
    {"network", "Data flow and external dependencies", 1u << CAT_NETWORK},
    {"dev-prod", "Development and production separation", 1u << CAT_RED_FLAG},
    {"contracts", "Smart contracts and upgrades", 1u << CAT_CONTRACTS},
    {"secrets-storage", "Secrets and storage", 1u << CAT_SECRETS_STORAGE},
    {"compose-hardening", "Compose hardening", 1u << CAT_COMPOSE_HARDENING},
    {"coverage", "What the audit could see", 1u << CAT_AUDIT_EVASION},
};

bool is_incomplete(const struct result *r)
{
    if (r->repo->limits.n != 0 || r->repo->diags.n != 0)
        return true;
    /* Links and binaries are no text to audit; what could not be read is. */
    for (size_t i = 0; i < r->repo->skipped.n; i++)
        if (!SV_IN(r->repo->skipped.at[i]->reason, SV("symlink"), SV("binary"), SV("special"), SV("git-metadata")))
            return true;
    return false;
}

struct tally {
    size_t by_severity[SEV_CRITICAL + 1], accepted, leads, examined, rules, not_run, live, undecided;
    sv reason; /* of the first undecided one */
    const struct finding *worst;
};

static struct tally tally_of(const struct result *r, unsigned categories)
{
    struct tally t = {0};
    const struct verdicts *v = r->verdicts;
    for (size_t i = 0; i < v->findings.n; i++) {
        const struct finding *f = v->findings.at[i];
        if ((categories >> f->rule->category & 1) == 0)
            continue;
        if (f->suppressed.p != NULL) {
            t.accepted++;
            continue;
        }
        t.by_severity[f->severity]++;
        t.worst = t.worst == NULL || f->severity > t.worst->severity ? f : t.worst;
    }
    for (size_t i = 0; i < v->leads.n; i++)
        t.leads += categories >> v->leads.at[i]->rule->category & 1;
    for (size_t i = 0; i < v->checks.n; i++) {
        const struct check_result *c = v->checks.at[i];
        if ((categories >> c->rule->category & 1) == 0)
            continue;
        if (c->rule->kind == RULE_LIVE) {
            t.live++;
            continue;
        }
        t.rules++;
        t.examined += c->examined;
        t.not_run += c->outcome == OUTCOME_NOT_RUN;
        if (c->outcome != OUTCOME_UNSURE || c->reason.n == 0)
            continue;
        t.reason = t.undecided == 0 ? c->reason : t.reason;
        t.undecided++;
    }
    return t;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void put_part(struct buf *b, size_t n, const char *what)
{
    if (n != 0)
        buf_printf(b, "%s%zu %s", b->n == 0 ? "" : ", ", n, what);
}

/* What the status rests on: counts, and the worst finding by name. */
static sv note_of(struct arena *a, const struct tally *t)
{
    struct buf b = {0};
    for (int s = SEV_CRITICAL; s >= SEV_INFO; s--)
        put_part(&b, t->by_severity[s], severity_name((enum severity)s));
    put_part(&b, t->accepted, "accepted");
    put_part(&b, t->leads, t->leads == 1 ? "open question" : "open questions");
    if (t->worst != NULL)
        buf_printf(&b, "; worst: %.*s, %.*s:%zu", SV_ARG(t->worst->title), SV_ARG(t->worst->place.src->path),
                   place_line(t->worst->place));
    if (b.n == 0 && t->examined != 0)
        buf_printf(&b, "%zu check%s over %zu subject%s found nothing", t->rules, plural(t->rules), t->examined,
                   plural(t->examined));
    else if (b.n == 0)
        buf_puts(&b, "nothing in this repository that the checks can judge");
    if (t->undecided != 0)
        buf_printf(&b, "; %zu check%s undecided: %.*s", t->undecided, plural(t->undecided), SV_ARG(t->reason));
    if (t->not_run != 0)
        buf_printf(&b, "; %zu check%s could not run", t->not_run, plural(t->not_run));
    if (t->live != 0)
        buf_printf(&b, "; %zu need%s live data", t->live, t->live == 1 ? "s" : "");
    sv note = sv_copy(a, buf_view(&b));
    buf_free(&b);
    return note;
}

static const char *status_of(const struct tally *t)
{
    if (t->worst != NULL && t->worst->severity >= SEV_HIGH)
        return "fail";
    if (t->by_severity[SEV_MEDIUM] + t->leads + t->accepted != 0)
        return "concern";
    if ((t->examined == 0 && t->worst == NULL) || t->undecided != 0)
        return "not-assessed";
    return "pass";
}

static void assess_coverage(const struct result *r, struct section *s)
{
    size_t n = r->repo->skipped.n;
    sv seen = sv_printf(r->arena, "%zu of %zu files read, %zu skipped, %zu parse error%s, %zu limit%s hit",
                        r->repo->files_read, r->repo->files_seen, n, r->repo->diags.n, plural(r->repo->diags.n),
                        r->repo->limits.n, plural(r->repo->limits.n));
    s->note = s->status[0] == 'f' ? sv_printf(r->arena, "%.*s; %.*s", SV_ARG(s->note), SV_ARG(seen)) : seen;
    if (s->status[0] == 'f')
        return;
    s->status = is_incomplete(r) ? "concern" : r->repo->files_read == 0 ? "not-assessed" : s->status;
    if (sv_eq(sv_from(s->status), SV("not-assessed")) && r->repo->files_read != 0)
        s->status = "pass";
}

size_t sections_of(const struct result *r, struct section **out)
{
    *out = arena_array(r->arena, struct section, SECTIONS);
    for (size_t i = 0; i < SECTIONS; i++) {
        struct tally t = tally_of(r, components[i].categories);
        struct section *s = &(*out)[i];
        *s = (struct section){components[i].id, components[i].title, status_of(&t), note_of(r->arena, &t)};
        if ((components[i].categories >> CAT_CONTRACTS & 1) != 0 && t.examined + t.accepted + t.leads == 0 &&
            t.worst == NULL && r->facts->contracts.n == 0) {
            s->status = "not-applicable";
            s->note = SV("no contract, address or deployment script in the repository");
        }
        if ((components[i].categories >> CAT_AUDIT_EVASION & 1) != 0)
            assess_coverage(r, s);
    }
    return SECTIONS;
}
