/* The seven requirements of ERC-733 stage 1 (dstack-facts 7.4). A finding can show that one is broken. That one is met
 * needs something in the repository that shows it, which nothing can for "no access", "no central service" and "no
 * back door": unknown is the honest default. */
#include "report/report.h"

enum { STAGE1 = 7 };

static const struct check_result *result_of(const struct result *r, const char *rule)
{
    for (size_t i = 0; i < r->verdicts->checks.n; i++)
        if (sv_eq(r->verdicts->checks.at[i]->rule->id, sv_from(rule)))
            return r->verdicts->checks.at[i];
    return NULL;
}

static bool passed(const struct result *r, const char *rule)
{
    const struct check_result *c = result_of(r, rule);
    return c != NULL && c->outcome == OUTCOME_PASS;
}

static void show(const struct result *r, struct stage1 *s, struct place p)
{
    *vec_new(r->arena, &s->places, struct place) = p;
}

/* ---- what speaks for a requirement ------------------------------------------------------------------- */

/* Deploy commands name a key service on chain, and none does without. */
static void shows_chain(const struct result *r, struct stage1 *s)
{
    for (size_t i = 0; passed(r, "kms-not-on-chain") && i < r->facts->hints.n; i++) {
        const struct deploy_hint *h = r->facts->hints.at[i];
        if (SV_IN(h->what, SV("kms"), SV("kms-id")) && !place_is_aside(h->place))
            show(r, s, h->place);
    }
}

static const struct source *licence_of(const struct repo *repo)
{
    for (size_t i = 0; i < repo->files.n; i++) {
        const struct source *file = repo->files.at[i];
        bool named = sv_istarts(file->path, SV("LICENSE")) || sv_istarts(file->path, SV("LICENCE")) || sv_istarts(file->path, SV("COPYING"));
        if (named && sv_find_char(file->path, '/') == SV_NOT_FOUND)
            return file;
    }
    return NULL;
}

/* A licence, and every deployed service is built from this repository. */
static void shows_sources(const struct result *r, struct stage1 *s)
{
    const struct source *licence = licence_of(r->repo);
    size_t services = 0;
    for (size_t i = 0; i < r->facts->services.n; i++) {
        const struct service *service = r->facts->services.at[i];
        if (service->deployment != NULL && !service->deployment->deployed)
            continue;
        if (service->dockerfile == NULL)
            return;
        services++;
    }
    if (licence == NULL || services == 0)
        return;
    show(r, s, (struct place){licence, 0, 0});
    for (size_t i = 0; i < r->facts->services.n; i++) {
        const struct service *service = r->facts->services.at[i];
        if (service->deployment == NULL || service->deployment->deployed)
            show(r, s, (struct place){service->dockerfile->src, 0, 0});
    }
}

/* A build that fixes its times, on pinned bases, with no flaw found in it. */
static void shows_rebuild(const struct result *r, struct stage1 *s)
{
    const struct check_result *digests = result_of(r, "image-digest-malformed");
    if (!passed(r, "base-image-not-pinned") || (digests != NULL && digests->outcome == OUTCOME_FAIL))
        return; /* without the digest that runs there is nothing to compare a rebuild with */
    for (size_t i = 0; i < r->verdicts->findings.n; i++) {
        const struct finding *f = r->verdicts->findings.at[i];
        if (f->severity >= SEV_LOW && f->suppressed.p == NULL && !place_is_aside(f->place) &&
            (sv_in(SV("E3"), f->rule->covers, f->rule->n_covers) || sv_in(SV("AG-08"), f->rule->covers, f->rule->n_covers)))
            return;
    }
    for (size_t i = 0; i < r->repo->files.n; i++) {
        const struct source *file = r->repo->files.at[i];
        size_t at = file->kind == SOURCE_WORKFLOW || file->kind == SOURCE_SCRIPT ? sv_find(file->text, SV("rewrite-timestamp=true")) : SV_NOT_FOUND;
        if (at != SV_NOT_FOUND && sv_has(file->text, SV("SOURCE_DATE_EPOCH")) && !place_is_aside((struct place){file, at, at}))
            show(r, s, (struct place){file, at, at + SV("rewrite-timestamp=true").n});
    }
}

/* The repository's contract makes new code wait, and the period it names is long enough to leave. */
static void shows_notice(const struct result *r, struct stage1 *s)
{
    const struct check_result *periods = result_of(r, "notice-period-short");
    if (!passed(r, "upgrade-without-notice") || !passed(r, "notice-period-short"))
        return;
    for (size_t i = 0; i < r->facts->hits.all.n; i++)
        if (r->facts->hits.all.at[i]->pattern->rule == periods->rule && !place_is_aside(r->facts->hits.all.at[i]->place))
            show(r, s, r->facts->hits.all.at[i]->place);
}

static const struct {
    const char *id, *requirement;
    void (*shown_by)(const struct result *r, struct stage1 *s); /* NULL: no file can show it */
} requirements[STAGE1] = {
    {"E1", "The enclave is attested on chain, or upgrades are logged in the open", shows_chain},
    {"E2", "The code can be audited", shows_sources},
    {"E3", "The measurement can be reproduced by the community", shows_rebuild},
    {"E4", "The developer has no access to the secrets of the app", NULL},
    {"E5", "Upgrades come with a notice period", shows_notice},
    {"E6", "No centralised infrastructure for integrity or privacy but the TEE vendor", NULL},
    {"E7", "No back door and no debug path", NULL},
};

/* ---- the table ------------------------------------------------------------------------------------------ */

static bool is_open(const struct result *r, sv id)
{
    for (size_t i = 0; i < r->verdicts->leads.n; i++) {
        const struct rule *rule = r->verdicts->leads.at[i]->rule;
        if (sv_in(id, rule->covers, rule->n_covers))
            return true;
    }
    return false;
}

size_t stage1_of(const struct result *r, struct stage1 **out)
{
    *out = arena_array(r->arena, struct stage1, STAGE1);
    for (size_t i = 0; i < STAGE1; i++) {
        struct stage1 *s = &(*out)[i];
        s->id = requirements[i].id;
        s->requirement = requirements[i].requirement;
        s->status = "unknown";
        sv id = sv_from(s->id);
        for (size_t j = 0; j < r->verdicts->findings.n; j++) {
            struct finding *f = r->verdicts->findings.at[j];
            if (f->severity >= SEV_MEDIUM && f->suppressed.p == NULL && sv_in(id, f->rule->covers, f->rule->n_covers))
                vec_push(r->arena, &s->evidence, f);
        }
        if (s->evidence.n != 0)
            s->status = "not-met";
        else if (requirements[i].shown_by != NULL && !is_open(r, id))
            requirements[i].shown_by(r, s);
        if (s->places.n != 0)
            s->status = "met";
    }
    return STAGE1;
}
