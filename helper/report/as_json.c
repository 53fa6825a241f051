/* The findings document, format 1: every key always present. */
#include <cjson/cJSON.h>

#include "base/version.h"
#include "report/document.h"



static void put_text(cJSON *o, const char *key, const struct result *r, sv text)
{
    if (text.p == NULL)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddStringToObject(o, key, shown(r, text));
}

static void put_count(cJSON *o, const char *key, size_t n)
{
    cJSON_AddNumberToObject(o, key, (double)n);
}

static void put_texts(cJSON *o, const char *key, const struct result *r, const sv *texts, size_t n)
{
    cJSON *list = cJSON_AddArrayToObject(o, key);
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(shown(r, texts[i])));
}

static cJSON *new_in(cJSON *list)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(list, o);
    return o;
}

static void put_embedded(cJSON *o, const struct spot *s)
{
    if (s->field.p == NULL) {
        cJSON_AddNullToObject(o, "embedded");
        return;
    }
    cJSON *e = cJSON_AddObjectToObject(o, "embedded");
    cJSON_AddStringToObject(e, "field", s->field.p);
    put_count(e, "line", s->field_line);
}

/* A place of a fact: enough to open the file. */
static void put_where(cJSON *o, const struct result *r, struct place p)
{
    struct spot s = shown_spot(r, p);
    cJSON_AddStringToObject(o, "path", s.path.p);
    put_count(o, "line", s.line);
    put_count(o, "column", s.column);
    put_embedded(o, &s);
}

static void put_place(cJSON *o, const char *key, const struct result *r, struct place p)
{
    if (p.src == NULL)
        cJSON_AddNullToObject(o, key);
    else
        put_where(cJSON_AddObjectToObject(o, key), r, p);
}

static void put_location(cJSON *o, const char *key, const struct result *r, struct place p)
{
    struct spot s = shown_spot(r, p);
    cJSON *l = cJSON_AddObjectToObject(o, key);
    cJSON_AddStringToObject(l, "path", s.path.p);
    put_count(l, "line", s.line);
    put_count(l, "column", s.column);
    put_count(l, "end_line", s.end_line);
    cJSON_AddStringToObject(l, "snippet", shown_snippet(r, p));
    put_embedded(l, &s);
}

/* ---- summary ---------------------------------------------------------------------------------- */

static void put_summary(cJSON *root, const struct result *r)
{
    cJSON *summary = cJSON_AddObjectToObject(root, "summary");
    size_t counts[SEV_CRITICAL + 1] = {0};
    for (size_t i = 0; i < r->verdicts->findings.n; i++)
        if (r->verdicts->findings.at[i]->suppressed.p == NULL)
            counts[r->verdicts->findings.at[i]->severity]++;
    cJSON *by = cJSON_AddObjectToObject(summary, "counts");
    for (int s = SEV_CRITICAL; s >= SEV_INFO; s--)
        put_count(by, severity_name((enum severity)s), counts[s]);
    struct section *sections;
    size_t n = sections_of(r, &sections);
    cJSON *list = cJSON_AddArrayToObject(summary, "sections");
    for (size_t i = 0; i < n; i++) {
        cJSON *o = new_in(list);
        cJSON_AddStringToObject(o, "id", sections[i].id);
        cJSON_AddStringToObject(o, "title", sections[i].title);
        cJSON_AddStringToObject(o, "status", sections[i].status);
        put_text(o, "note", r, sections[i].note);
    }
    struct stage1 *stage;
    n = stage1_of(r, &stage);
    list = cJSON_AddArrayToObject(summary, "stage1");
    for (size_t i = 0; i < n; i++) {
        cJSON *o = new_in(list);
        cJSON_AddStringToObject(o, "id", stage[i].id);
        cJSON_AddStringToObject(o, "requirement", stage[i].requirement);
        cJSON_AddStringToObject(o, "status", stage[i].status);
        cJSON *evidence = cJSON_AddArrayToObject(o, "evidence");
        for (size_t j = 0; j < stage[i].evidence.n; j++)
            cJSON_AddItemToArray(evidence, cJSON_CreateString(stage[i].evidence.at[j]->id.p));
        for (size_t j = 0; j < stage[i].places.n; j++) {
            struct spot at = shown_spot(r, *stage[i].places.at[j]);
            cJSON_AddItemToArray(evidence, cJSON_CreateString(sv_printf(r->arena, "%.*s:%zu", SV_ARG(at.path), at.line).p));
        }
    }
}

static void put_deployments(cJSON *root, const struct result *r)
{
    cJSON *list = cJSON_AddArrayToObject(root, "deployments");
    for (size_t i = 0; i < r->facts->deployments.n; i++) {
        const struct deployment *d = r->facts->deployments.at[i];
        cJSON *o = new_in(list);
        put_text(o, "id", r, d->id);
        put_text(o, "compose", r, d->compose->path);
        put_text(o, "app_compose", r, d->app == NULL ? SV_NONE : d->app->src->path);
        cJSON_AddStringToObject(o, "rank", rank_name(d->rank));
        put_text(o, "why", r, d->why);
        cJSON_AddBoolToObject(o, "deployed", d->deployed);
        cJSON *services = cJSON_AddArrayToObject(o, "services");
        for (size_t j = 0; j < d->services.n; j++)
            cJSON_AddItemToArray(services, cJSON_CreateString(shown(r, d->services.at[j]->name)));
    }
}

/* ---- findings and leads ------------------------------------------------------------------------ */

static void put_related(cJSON *o, const struct result *r, const struct related *first)
{
    cJSON *list = cJSON_AddArrayToObject(o, "related");
    for (const struct related *x = first; x != NULL; x = x->next) {
        cJSON *item = new_in(list);
        put_where(item, r, x->place);
        cJSON_AddStringToObject(item, "message", shown_about(r, x->place, x->message));
    }
}

static void put_finding(cJSON *list, const struct result *r, const struct finding *f)
{
    cJSON *o = new_in(list);
    put_text(o, "id", r, f->id);
    put_text(o, "rule", r, f->rule->id);
    cJSON_AddStringToObject(o, "category", category_name(f->rule->category));
    cJSON_AddStringToObject(o, "severity", severity_name(f->severity));
    cJSON_AddStringToObject(o, "confidence", confidence_name(f->confidence));
    put_text(o, "title", r, f->title);
    cJSON_AddStringToObject(o, "subject", shown_about(r, f->place, f->subject));
    cJSON_AddStringToObject(o, "message", shown_about(r, f->place, f->message));
    put_location(o, "location", r, f->place);
    put_related(o, r, f->related);
    put_text(o, "deployment", r, f->deployment == NULL ? SV_NONE : f->deployment->id);
    put_text(o, "why", r, f->rule->why);
    put_text(o, "fix", r, f->rule->fix);
    put_texts(o, "references", r, f->rule->refs, f->rule->n_refs);
    put_text(o, "suppressed", r, f->suppressed);
    put_text(o, "baseline", r, f->baseline);
}

static void put_verdicts(cJSON *root, const struct result *r)
{
    cJSON *list = cJSON_AddArrayToObject(root, "findings");
    for (size_t i = 0; i < r->verdicts->findings.n; i++)
        put_finding(list, r, r->verdicts->findings.at[i]);
    list = cJSON_AddArrayToObject(root, "leads");
    for (size_t i = 0; i < r->verdicts->leads.n; i++) {
        const struct lead *l = r->verdicts->leads.at[i];
        cJSON *o = new_in(list);
        put_text(o, "rule", r, l->rule->id);
        cJSON_AddStringToObject(o, "category", category_name(l->rule->category));
        cJSON_AddStringToObject(o, "question", shown_about(r, l->place, l->question));
        put_location(o, "location", r, l->place);
    }
}

/* null: no baseline was given. */
static void put_fixed(cJSON *root, const struct result *r)
{
    if (!r->has_baseline) {
        cJSON_AddNullToObject(root, "fixed");
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(root, "fixed");
    for (size_t i = 0; i < r->n_fixed; i++) {
        const struct fixed *f = &r->fixed[i];
        cJSON *o = new_in(list);
        put_text(o, "id", r, f->id);
        put_text(o, "rule", r, f->rule);
        put_text(o, "severity", r, f->severity);
        put_text(o, "subject", r, f->subject);
        put_text(o, "path", r, f->path);
        put_count(o, "line", f->line);
    }
}

/* ---- facts ----------------------------------------------------------------------------------------- */

static void put_env_read(cJSON *list, const struct result *r, const struct env_read *e)
{
    cJSON *o = new_in(list);
    put_text(o, "name", r, e->name);
    put_place(o, "location", r, e->place);
    put_text(o, "idiom", r, e->idiom);
    put_text(o, "default", r, e->has_fallback ? e->fallback : SV_NONE);
    cJSON_AddBoolToObject(o, "required", e->required);
    cJSON_AddStringToObject(o, "scope", scope_name(e->scope));
    cJSON_AddStringToObject(o, "kind", input_kind_name(e->kind));
    cJSON *uses = cJSON_AddArrayToObject(o, "uses");
    for (size_t i = 0; i < e->uses.n; i++)
        put_where(new_in(uses), r, *e->uses.at[i]);
}

static void put_library_read(cJSON *list, const struct result *r, const struct env_read *e)
{
    cJSON *o = new_in(list);
    put_text(o, "name", r, e->name);
    put_place(o, "location", r, e->place);
    put_text(o, "library", r, e->idiom);
    put_text(o, "default", r, e->has_fallback ? e->fallback : SV_NONE);
    cJSON_AddStringToObject(o, "kind", input_kind_name(e->kind));
    put_text(o, "source", r, e->origin);
}

static void put_dead(cJSON *list, const struct result *r, const struct dead_setting *d)
{
    cJSON *o = new_in(list);
    put_text(o, "name", r, d->name);
    cJSON_AddStringToObject(o, "case", dead_case_name(d->why));
    cJSON_AddStringToObject(o, "consequence", shown_about(r, d->place, d->consequence));
    put_text(o, "deployment", r, d->deployment->id);
    put_text(o, "service", r, d->service == NULL ? SV_NONE : d->service->name);
    put_place(o, "location", r, d->place);
}

static void put_input(cJSON *list, const struct result *r, const struct operator_input *i)
{
    cJSON *o = new_in(list);
    put_text(o, "name", r, i->name);
    put_text(o, "target", r, i->target);
    put_text(o, "enters", r, i->enters);
    cJSON_AddStringToObject(o, "state", env_state_name(i->state));
    if (i->allowed == ALLOWED_ASSUMED)
        cJSON_AddNullToObject(o, "allowed");
    else
        cJSON_AddBoolToObject(o, "allowed", i->allowed != ALLOWED_NO);
    cJSON_AddStringToObject(o, "kind", input_kind_name(i->kind));
    put_text(o, "default", r, i->has_fallback ? i->fallback : SV_NONE);
    if (i->state == ENV_ABSENT || i->state == ENV_IMAGE) {
        cJSON_AddNullToObject(o, "effect");
    } else {
        struct effect e = effect_of(r->arena, i);
        cJSON *effect = cJSON_AddObjectToObject(o, "effect");
        put_text(effect, "given", r, e.given);
        put_text(effect, "not_allowed", r, e.without);
        put_text(effect, "withheld", r, e.without);
    }
    put_text(o, "deployment", r, i->deployment == NULL ? SV_NONE : i->deployment->id);
    put_text(o, "service", r, i->service == NULL ? SV_NONE : i->service->name);
    put_place(o, "location", r, i->place);
    cJSON *reads = cJSON_AddArrayToObject(o, "reads");
    for (size_t j = 0; j < i->reads.n; j++)
        put_where(new_in(reads), r, i->reads.at[j]->place);
}

static void put_service(cJSON *list, const struct result *r, const struct service *s)
{
    cJSON *o = new_in(list);
    put_text(o, "name", r, s->name);
    put_text(o, "deployment", r, s->deployment == NULL ? SV_NONE : s->deployment->id);
    put_text(o, "image", r, s->image == NULL ? SV_NONE : s->image->ref);
    put_text(o, "dockerfile", r, s->dockerfile == NULL ? SV_NONE : s->dockerfile->src->path);
    cJSON_AddBoolToObject(o, "mounts_guest_agent", s->mounts_guest_agent);
    cJSON_AddBoolToObject(o, "mounts_docker", s->mounts_docker);
    cJSON_AddBoolToObject(o, "enabled", s->enabled);
    put_place(o, "location", r, s->node == NULL ? (struct place){0} : s->node->place);
}

static void put_outside(cJSON *facts, const struct result *r)
{
    const struct facts *f = r->facts;
    cJSON *list = cJSON_AddArrayToObject(facts, "external_hosts");
    for (size_t i = 0; i < f->hosts.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "host", r, f->hosts.at[i]->name);
        put_text(o, "purpose", r, sv_from(host_purpose(f->hosts.at[i]->name)));
        cJSON *places = cJSON_AddArrayToObject(o, "locations");
        for (size_t j = 0; j < f->hosts.at[i]->places.n; j++)
            put_where(new_in(places), r, *f->hosts.at[i]->places.at[j]);
    }
    list = cJSON_AddArrayToObject(facts, "contracts");
    for (size_t i = 0; i < f->contracts.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "address", r, f->contracts.at[i]->address);
        put_text(o, "chain", r, f->contracts.at[i]->chain);
        put_place(o, "location", r, f->contracts.at[i]->place);
    }
    list = cJSON_AddArrayToObject(facts, "attestation");
    for (size_t i = 0; i < f->attestation.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "what", r, f->attestation.at[i]->what);
        put_place(o, "location", r, f->attestation.at[i]->place);
    }
}

static void put_facts(cJSON *root, const struct result *r)
{
    const struct facts *f = r->facts;
    cJSON *facts = cJSON_AddObjectToObject(root, "facts");
    cJSON *list = cJSON_AddArrayToObject(facts, "env_reads");
    for (size_t i = 0; i < f->env_reads.n; i++)
        put_env_read(list, r, f->env_reads.at[i]);
    list = cJSON_AddArrayToObject(facts, "library_reads");
    for (size_t i = 0; i < f->library_reads.n; i++)
        put_library_read(list, r, f->library_reads.at[i]);
    list = cJSON_AddArrayToObject(facts, "operator_inputs");
    for (size_t i = 0; i < f->inputs.n; i++)
        put_input(list, r, f->inputs.at[i]);
    for (size_t i = 0; i < f->absent.n; i++)
        put_input(list, r, f->absent.at[i]);
    list = cJSON_AddArrayToObject(facts, "dead_settings");
    for (size_t i = 0; i < f->dead.n; i++)
        put_dead(list, r, f->dead.at[i]);
    list = cJSON_AddArrayToObject(facts, "services");
    for (size_t i = 0; i < f->services.n; i++)
        put_service(list, r, f->services.at[i]);
    list = cJSON_AddArrayToObject(facts, "images");
    for (size_t i = 0; i < f->images.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "ref", r, f->images.at[i]->ref);
        cJSON_AddBoolToObject(o, "pinned", f->images.at[i]->pinned);
        put_place(o, "location", r, f->images.at[i]->place);
    }
    put_outside(facts, r);
}

/* ---- coverage ------------------------------------------------------------------------------------------ */

static void put_skipped(cJSON *coverage, const struct result *r)
{
    cJSON *list = cJSON_AddArrayToObject(coverage, "skipped");
    for (size_t i = 0; i < r->repo->skipped.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "path", r, r->repo->skipped.at[i]->path);
        put_text(o, "reason", r, r->repo->skipped.at[i]->reason);
        put_text(o, "detail", r, r->repo->skipped.at[i]->detail);
    }
    list = cJSON_AddArrayToObject(coverage, "limits_hit");
    for (size_t i = 0; i < r->repo->limits.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "path", r, r->repo->limits.at[i]->path);
        put_text(o, "limit", r, r->repo->limits.at[i]->message);
    }
    list = cJSON_AddArrayToObject(coverage, "parse_errors");
    for (size_t i = 0; i < r->repo->diags.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "path", r, r->repo->diags.at[i]->path);
        put_count(o, "line", r->repo->diags.at[i]->line);
        put_text(o, "message", r, r->repo->diags.at[i]->message);
    }
}

static void put_coverage(cJSON *root, const struct result *r)
{
    cJSON *coverage = cJSON_AddObjectToObject(root, "coverage");
    put_count(coverage, "files_seen", r->repo->files_seen);
    put_count(coverage, "files_read", r->repo->files_read);
    put_count(coverage, "bytes_read", r->repo->bytes_read);
    put_skipped(coverage, r);
    cJSON *list = cJSON_AddArrayToObject(coverage, "checks");
    for (size_t i = 0; i < r->verdicts->checks.n; i++) {
        const struct check_result *c = r->verdicts->checks.at[i];
        cJSON *o = new_in(list);
        put_text(o, "rule", r, c->rule->id);
        cJSON_AddStringToObject(o, "outcome", outcome_name(c->outcome));
        put_count(o, "examined", c->examined);
        put_text(o, "reason", r, c->reason);
    }
}

void report_facts(const struct result *r, struct buf *out)
{
    cJSON *root = cJSON_CreateObject();
    put_deployments(root, r);
    put_facts(root, r);
    document_print(root, out);
}

struct cJSON *document_of(const struct result *r)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "format", 1);
    cJSON *tool = cJSON_AddObjectToObject(root, "tool");
    cJSON_AddStringToObject(tool, "name", "dstack-audit");
    cJSON_AddStringToObject(tool, "version", VERSION);
    cJSON *target = cJSON_AddObjectToObject(root, "target");
    put_text(target, "path", r, r->repo->root);
    put_text(target, "name", r, r->repo->name);
    put_text(target, "commit", r, r->repo->commit);
    /* Whether files differ from the commit would need git to run in a hostile tree. */
    cJSON_AddNullToObject(target, "dirty");
    put_summary(root, r);
    put_deployments(root, r);
    put_verdicts(root, r);
    put_fixed(root, r);
    put_facts(root, r);
    put_coverage(root, r);
    return root;
}

void report_json(const struct result *r, struct buf *out)
{
    document_print(document_of(r), out);
}
