/* The findings document, format 1: every key always present. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "base/version.h"
#include "report/document.h"

/* A document has tens of thousands of values. Keys are literals and texts live as long as the result: what is put
 * here points at them. Counts are written by ourselves: cJSON prints a number, reads it again and compares. */
static cJSON *put(cJSON *o, const char *key, cJSON *item)
{
    cJSON_AddItemToObjectCS(o, key, item);
    return item;
}

static void put_null(cJSON *o, const char *key) { put(o, key, cJSON_CreateNull()); }
static void put_bool(cJSON *o, const char *key, bool truth) { put(o, key, cJSON_CreateBool(truth)); }
static void put_shown(cJSON *o, const char *key, const char *text) { put(o, key, cJSON_CreateStringReference(text)); }
static cJSON *put_list(cJSON *o, const char *key) { return put(o, key, cJSON_CreateArray()); }
static cJSON *put_object(cJSON *o, const char *key) { return put(o, key, cJSON_CreateObject()); }

static void put_text(cJSON *o, const char *key, const struct result *r, sv text)
{
    if (text.p == NULL)
        put_null(o, key);
    else
        put_shown(o, key, shown(r, text));
}

static void put_count(cJSON *o, const char *key, size_t n)
{
    char digits[24], *first = &digits[sizeof digits - 1];
    *first = 0;
    do
        *--first = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    put(o, key, cJSON_CreateRaw(first));
}

static void put_texts(cJSON *o, const char *key, const struct result *r, const sv *texts, size_t n)
{
    cJSON *list = put_list(o, key);
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, cJSON_CreateStringReference(shown(r, texts[i])));
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
        put_null(o, "embedded");
        return;
    }
    cJSON *e = put_object(o, "embedded");
    put_shown(e, "field", s->field.p);
    put_count(e, "line", s->field_line);
}

/* A place of a fact: enough to open the file. */
static void put_where(cJSON *o, const struct result *r, struct place p)
{
    struct spot s = shown_spot(r, p);
    put_shown(o, "path", s.path.p);
    put_count(o, "line", s.line);
    put_count(o, "column", s.column);
    put_embedded(o, &s);
}

static void put_place(cJSON *o, const char *key, const struct result *r, struct place p)
{
    if (p.src == NULL)
        put_null(o, key);
    else
        put_where(put_object(o, key), r, p);
}

static void put_location(cJSON *o, const char *key, const struct result *r, struct place p)
{
    struct spot s = shown_spot(r, p);
    cJSON *l = put_object(o, key);
    put_shown(l, "path", s.path.p);
    put_count(l, "line", s.line);
    put_count(l, "column", s.column);
    put_count(l, "end_line", s.end_line);
    put_shown(l, "snippet", shown_snippet(r, p));
    put_embedded(l, &s);
}

/* ---- summary ---------------------------------------------------------------------------------- */

static void put_summary(cJSON *root, const struct result *r)
{
    cJSON *summary = put_object(root, "summary");
    size_t counts[SEV_CRITICAL + 1] = {0};
    for (size_t i = 0; i < r->verdicts->findings.n; i++)
        if (r->verdicts->findings.at[i]->suppressed.p == NULL)
            counts[r->verdicts->findings.at[i]->severity]++;
    cJSON *by = put_object(summary, "counts");
    for (int s = SEV_CRITICAL; s >= SEV_INFO; s--)
        put_count(by, severity_name((enum severity)s), counts[s]);
    struct section *sections;
    size_t n = sections_of(r, &sections);
    cJSON *list = put_list(summary, "sections");
    for (size_t i = 0; i < n; i++) {
        cJSON *o = new_in(list);
        put_shown(o, "id", sections[i].id);
        put_shown(o, "title", sections[i].title);
        put_shown(o, "status", sections[i].status);
        put_text(o, "note", r, sections[i].note);
    }
    struct stage1 *stage;
    n = stage1_of(r, &stage);
    list = put_list(summary, "stage1");
    for (size_t i = 0; i < n; i++) {
        cJSON *o = new_in(list);
        put_shown(o, "id", stage[i].id);
        put_shown(o, "requirement", stage[i].requirement);
        put_shown(o, "status", stage[i].status);
        cJSON *evidence = put_list(o, "evidence");
        for (size_t j = 0; j < stage[i].evidence.n; j++)
            cJSON_AddItemToArray(evidence, cJSON_CreateStringReference(stage[i].evidence.at[j]->id.p));
        for (size_t j = 0; j < stage[i].places.n; j++) {
            struct spot at = shown_spot(r, *stage[i].places.at[j]);
            cJSON_AddItemToArray(evidence, cJSON_CreateStringReference(sv_printf(r->arena, "%.*s:%zu", SV_ARG(at.path), at.line).p));
        }
    }
}

static void put_deployments(cJSON *root, const struct result *r)
{
    cJSON *list = put_list(root, "deployments");
    for (size_t i = 0; i < r->facts->deployments.n; i++) {
        const struct deployment *d = r->facts->deployments.at[i];
        cJSON *o = new_in(list);
        put_text(o, "id", r, d->id);
        put_text(o, "compose", r, d->compose->path);
        put_text(o, "app_compose", r, d->app == NULL ? SV_NONE : d->app->src->path);
        put_shown(o, "rank", rank_name(d->rank));
        put_text(o, "why", r, d->why);
        put_bool(o, "deployed", d->deployed);
        cJSON *services = put_list(o, "services");
        for (size_t j = 0; j < d->services.n; j++)
            cJSON_AddItemToArray(services, cJSON_CreateStringReference(shown(r, d->services.at[j]->name)));
    }
}

/* ---- findings and leads ------------------------------------------------------------------------ */

static void put_related(cJSON *o, const struct result *r, const struct related *first)
{
    cJSON *list = put_list(o, "related");
    for (const struct related *x = first; x != NULL; x = x->next) {
        cJSON *item = new_in(list);
        put_where(item, r, x->place);
        put_shown(item, "message", shown_about(r, x->place, x->message));
    }
}

static void put_finding(cJSON *list, const struct result *r, const struct finding *f)
{
    cJSON *o = new_in(list);
    put_text(o, "id", r, f->id);
    put_text(o, "rule", r, f->rule->id);
    put_shown(o, "category", category_name(f->rule->category));
    put_shown(o, "severity", severity_name(f->severity));
    put_shown(o, "confidence", confidence_name(f->confidence));
    put_text(o, "title", r, f->title);
    put_shown(o, "subject", shown_about(r, f->place, f->subject));
    put_shown(o, "message", shown_about(r, f->place, f->message));
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
    cJSON *list = put_list(root, "findings");
    for (size_t i = 0; i < r->verdicts->findings.n; i++)
        put_finding(list, r, r->verdicts->findings.at[i]);
    list = put_list(root, "leads");
    for (size_t i = 0; i < r->verdicts->leads.n; i++) {
        const struct lead *l = r->verdicts->leads.at[i];
        cJSON *o = new_in(list);
        put_text(o, "rule", r, l->rule->id);
        put_shown(o, "category", category_name(l->rule->category));
        put_shown(o, "question", shown_about(r, l->place, l->question));
        put_location(o, "location", r, l->place);
    }
}

/* null: no baseline was given. */
static void put_fixed(cJSON *root, const struct result *r)
{
    if (!r->has_baseline) {
        put_null(root, "fixed");
        return;
    }
    cJSON *list = put_list(root, "fixed");
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
    put_bool(o, "required", e->required);
    put_shown(o, "scope", scope_name(e->scope));
    put_shown(o, "kind", input_kind_name(e->kind));
    cJSON *uses = put_list(o, "uses");
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
    put_shown(o, "kind", input_kind_name(e->kind));
    put_text(o, "source", r, e->origin);
}

static void put_dead(cJSON *list, const struct result *r, const struct dead_setting *d)
{
    cJSON *o = new_in(list);
    put_text(o, "name", r, d->name);
    put_shown(o, "case", dead_case_name(d->why));
    put_shown(o, "consequence", shown_about(r, d->place, d->consequence));
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
    put_shown(o, "state", env_state_name(i->state));
    if (i->allowed == ALLOWED_ASSUMED)
        put_null(o, "allowed");
    else
        put_bool(o, "allowed", i->allowed != ALLOWED_NO);
    put_shown(o, "kind", input_kind_name(i->kind));
    put_text(o, "default", r, i->has_fallback ? i->fallback : SV_NONE);
    if (i->state == ENV_ABSENT || i->state == ENV_IMAGE) {
        put_null(o, "effect");
    } else {
        struct effect e = effect_of(r->arena, i);
        cJSON *effect = put_object(o, "effect");
        put_text(effect, "given", r, e.given);
        put_text(effect, "not_allowed", r, e.without);
        put_text(effect, "withheld", r, e.without);
    }
    put_text(o, "deployment", r, i->deployment == NULL ? SV_NONE : i->deployment->id);
    put_text(o, "service", r, i->service == NULL ? SV_NONE : i->service->name);
    put_place(o, "location", r, i->place);
    cJSON *reads = put_list(o, "reads");
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
    put_bool(o, "mounts_guest_agent", s->mounts_guest_agent);
    put_bool(o, "mounts_docker", s->mounts_docker);
    put_bool(o, "enabled", s->enabled);
    put_place(o, "location", r, s->node == NULL ? (struct place){0} : s->node->place);
}

static void put_outside(cJSON *facts, const struct result *r)
{
    const struct facts *f = r->facts;
    cJSON *list = put_list(facts, "external_hosts");
    for (size_t i = 0; i < f->hosts.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "host", r, f->hosts.at[i]->name);
        put_text(o, "purpose", r, sv_from(host_purpose(f->hosts.at[i]->name)));
        cJSON *places = put_list(o, "locations");
        for (size_t j = 0; j < f->hosts.at[i]->places.n; j++)
            put_where(new_in(places), r, *f->hosts.at[i]->places.at[j]);
    }
    list = put_list(facts, "contracts");
    for (size_t i = 0; i < f->contracts.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "address", r, f->contracts.at[i]->address);
        put_text(o, "chain", r, f->contracts.at[i]->chain);
        put_place(o, "location", r, f->contracts.at[i]->place);
    }
    list = put_list(facts, "attestation");
    for (size_t i = 0; i < f->attestation.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "what", r, f->attestation.at[i]->what);
        put_place(o, "location", r, f->attestation.at[i]->place);
    }
}

static void put_facts(cJSON *root, const struct result *r)
{
    const struct facts *f = r->facts;
    cJSON *facts = put_object(root, "facts");
    cJSON *list = put_list(facts, "env_reads");
    for (size_t i = 0; i < f->env_reads.n; i++)
        put_env_read(list, r, f->env_reads.at[i]);
    list = put_list(facts, "library_reads");
    for (size_t i = 0; i < f->library_reads.n; i++)
        put_library_read(list, r, f->library_reads.at[i]);
    list = put_list(facts, "operator_inputs");
    for (size_t i = 0; i < f->inputs.n; i++)
        put_input(list, r, f->inputs.at[i]);
    for (size_t i = 0; i < f->absent.n; i++)
        put_input(list, r, f->absent.at[i]);
    list = put_list(facts, "dead_settings");
    for (size_t i = 0; i < f->dead.n; i++)
        put_dead(list, r, f->dead.at[i]);
    list = put_list(facts, "services");
    for (size_t i = 0; i < f->services.n; i++)
        put_service(list, r, f->services.at[i]);
    list = put_list(facts, "images");
    for (size_t i = 0; i < f->images.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "ref", r, f->images.at[i]->ref);
        put_bool(o, "pinned", f->images.at[i]->pinned);
        put_place(o, "location", r, f->images.at[i]->place);
    }
    put_outside(facts, r);
}

/* ---- coverage ------------------------------------------------------------------------------------------ */

static void put_skipped(cJSON *coverage, const struct result *r)
{
    cJSON *list = put_list(coverage, "skipped");
    for (size_t i = 0; i < r->repo->skipped.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "path", r, r->repo->skipped.at[i]->path);
        put_text(o, "reason", r, r->repo->skipped.at[i]->reason);
        put_text(o, "detail", r, r->repo->skipped.at[i]->detail);
    }
    list = put_list(coverage, "limits_hit");
    for (size_t i = 0; i < r->repo->limits.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "path", r, r->repo->limits.at[i]->path);
        put_text(o, "limit", r, r->repo->limits.at[i]->message);
    }
    list = put_list(coverage, "parse_errors");
    for (size_t i = 0; i < r->repo->diags.n; i++) {
        cJSON *o = new_in(list);
        put_text(o, "path", r, r->repo->diags.at[i]->path);
        put_count(o, "line", r->repo->diags.at[i]->line);
        put_text(o, "message", r, r->repo->diags.at[i]->message);
    }
}

static void put_coverage(cJSON *root, const struct result *r)
{
    cJSON *coverage = put_object(root, "coverage");
    put_count(coverage, "files_seen", r->repo->files_seen);
    put_count(coverage, "files_read", r->repo->files_read);
    put_count(coverage, "bytes_read", r->repo->bytes_read);
    put_skipped(coverage, r);
    cJSON *list = put_list(coverage, "checks");
    for (size_t i = 0; i < r->verdicts->checks.n; i++) {
        const struct check_result *c = r->verdicts->checks.at[i];
        cJSON *o = new_in(list);
        put_text(o, "rule", r, c->rule->id);
        put_shown(o, "outcome", outcome_name(c->outcome));
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
    put_count(root, "format", 1);
    cJSON *tool = put_object(root, "tool");
    put_shown(tool, "name", "dstack-audit");
    put_shown(tool, "version", VERSION);
    cJSON *target = put_object(root, "target");
    put_text(target, "path", r, r->repo->root);
    put_text(target, "name", r, r->repo->name);
    put_text(target, "commit", r, r->repo->commit);
    /* Whether files differ from the commit would need git to run in a hostile tree. */
    put_null(target, "dirty");
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
