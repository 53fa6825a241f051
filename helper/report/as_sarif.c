/* SARIF 2.1.0 (OASIS) as GitHub code scanning reads it. Places count code points; fingerprints are
 * under a key of our own, because the uploader recomputes the well-known one. */
#include <cjson/cJSON.h>

#include "base/limits.h"
#include "base/version.h"
#include "check/input.h"
#include "report/report.h"

static const char *const levels[] = {"note", "note", "warning", "error", "error"};
/* GitHub's buckets: above 9.0 critical, from 7.0 high, from 4.0 medium, from 0.1 low. */
static const char *const security_severity[] = {"0.0", "2.5", "5.5", "8.0", "9.5"};
static const char *const precision[] = {"low", "medium", "very-high"};

static cJSON *new_in(cJSON *list)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(list, o);
    return o;
}

static void put_sv(cJSON *o, const char *key, const struct result *r, sv text)
{
    cJSON_AddStringToObject(o, key, text_escape(r->arena, text).p);
}

/* "[text](target)" in a message is a link by the standard: what we quote must not become one. */
static const char *no_links(struct arena *a, const char *text)
{
    sv rest = sv_from(text), out = SV("");
    for (size_t at; (at = sv_find(rest, SV("]("))) != SV_NOT_FOUND;) {
        out = sv_concat(a, sv_concat(a, out, sv_sub(rest, 0, at)), SV("] ("));
        rest = sv_sub(rest, at + 2, rest.n);
    }
    return sv_concat(a, out, rest).p;
}

static void put_message(cJSON *o, const char *key, const struct result *r, const char *text)
{
    cJSON_AddStringToObject(cJSON_AddObjectToObject(o, key), "text", no_links(r->arena, text));
}

/* ---- the rules: all of them, so that "clean" differs from "no such rule" ------------------------- */

static sv help_markdown(const struct result *r, const struct rule *rule)
{
    struct buf b = {0};
    buf_printf(&b, "%.*s\n\n**Fix:** %.*s\n", SV_ARG(rule->why), SV_ARG(rule->fix));
    for (size_t i = 0; i < rule->n_refs; i++)
        buf_printf(&b, "%s- %.*s\n", i == 0 ? "\n" : "", SV_ARG(rule->refs[i]));
    sv copy = sv_copy(r->arena, buf_view(&b));
    buf_free(&b);
    return copy;
}

/* "image-not-pinned" -> "ImageNotPinned": viewers show the name, and it must differ from the id. */
static const char *pascal_case(struct arena *a, sv id)
{
    char *name = arena_array(a, char, id.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < id.n; i++) {
        bool begins = i == 0 || id.p[i - 1] == '-';
        if (id.p[i] != '-')
            name[n++] = begins && id.p[i] >= 'a' && id.p[i] <= 'z' ? (char)(id.p[i] - 'a' + 'A') : id.p[i];
    }
    return name;
}

static void put_rule(cJSON *list, const struct result *r, const struct rule *rule)
{
    cJSON *o = new_in(list);
    put_sv(o, "id", r, rule->id);
    cJSON_AddStringToObject(o, "name", pascal_case(r->arena, rule->id));
    put_message(o, "shortDescription", r, text_escape(r->arena, rule->title).p);
    put_message(o, "fullDescription", r, text_escape(r->arena, sv_trim(rule->why)).p);
    cJSON *help = cJSON_AddObjectToObject(o, "help");
    cJSON_AddStringToObject(help, "text", sv_printf(r->arena, "%.*s\nFix: %.*s", SV_ARG(rule->why), SV_ARG(rule->fix)).p);
    cJSON_AddStringToObject(help, "markdown", help_markdown(r, rule).p);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "defaultConfiguration"), "level", levels[rule->severity]);
    cJSON *properties = cJSON_AddObjectToObject(o, "properties");
    cJSON_AddStringToObject(properties, "security-severity", security_severity[rule->severity]);
    cJSON_AddStringToObject(properties, "precision", precision[rule->confidence]);
    cJSON *tags = cJSON_AddArrayToObject(properties, "tags");
    cJSON_AddItemToArray(tags, cJSON_CreateString("security"));
    cJSON_AddItemToArray(tags, cJSON_CreateString("dstack"));
    cJSON_AddItemToArray(tags, cJSON_CreateString(category_name(rule->category)));
}

static int put_rules(cJSON *driver, const struct result *r, const struct rule *wanted)
{
    int index = 0, found = -1;
    cJSON *list = wanted == NULL ? cJSON_AddArrayToObject(driver, "rules") : NULL;
    for (size_t i = 0; i < r->facts->catalogue->rules.n; i++) {
        const struct rule *rule = r->facts->catalogue->rules.at[i];
        if (rule->kind == RULE_FACT || rule->kind == RULE_LIVE)
            continue;
        if (list != NULL)
            put_rule(list, r, rule);
        found = rule == wanted ? index : found;
        index++;
    }
    return found;
}

/* ---- results ------------------------------------------------------------------------------------------ */

static void put_location(cJSON *o, const struct result *r, struct place p, const char *message)
{
    struct spot s = shown_spot(r, p);
    cJSON *physical = cJSON_AddObjectToObject(o, "physicalLocation");
    cJSON *artifact = cJSON_AddObjectToObject(physical, "artifactLocation");
    cJSON_AddStringToObject(artifact, "uri", uri_path(r->arena, path_in_repository(r, p.src->path)).p);
    cJSON_AddStringToObject(artifact, "uriBaseId", "%SRCROOT%");
    cJSON *region = cJSON_AddObjectToObject(physical, "region");
    cJSON_AddNumberToObject(region, "startLine", (double)s.line);
    cJSON_AddNumberToObject(region, "startColumn", (double)s.column);
    if (s.end_line > s.line)
        cJSON_AddNumberToObject(region, "endLine", (double)s.end_line);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(region, "snippet"), "text", shown_snippet(r, p));
    if (s.field.p != NULL)
        message = sv_printf(r->arena, "%s (line %zu of %s)", message, s.field_line, s.field.p).p;
    if (*message != '\0')
        put_message(o, "message", r, message);
}

/* The input of the operator that the finding is about, or NULL. */
static const struct operator_input *input_of(const struct result *r, const struct finding *f)
{
    for (size_t i = 0; i < r->facts->inputs.n; i++) {
        const struct operator_input *in = r->facts->inputs.at[i];
        if (in->place.src == f->place.src && in->place.start == f->place.start && sv_eq(in->name, f->subject))
            return in;
    }
    return NULL;
}

static void put_step(cJSON *list, const struct result *r, struct place p, const char *message)
{
    if (cJSON_GetArraySize(list) < LIMIT_SARIF_LOCATIONS)
        put_location(cJSON_AddObjectToObject(new_in(list), "location"), r, p, message);
}

/* From where the operator may set the value, through the compose, to where the app uses it. */
static void put_flow(cJSON *o, const struct result *r, const struct finding *f)
{
    const struct operator_input *in = input_of(r, f);
    const struct node *entry = in == NULL ? NULL : input_allowed_by(in);
    if (in == NULL || (entry == NULL && in->reads.n == 0))
        return;
    cJSON *flow = new_in(cJSON_AddArrayToObject(o, "codeFlows"));
    cJSON *list = cJSON_AddArrayToObject(new_in(cJSON_AddArrayToObject(flow, "threadFlows")), "locations");
    if (entry != NULL)
        put_step(list, r, entry->place, "allowed_envs lets the operator set it");
    put_step(list, r, f->place, "the compose file passes it on");
    for (size_t i = 0; i < in->reads.n; i++) {
        put_step(list, r, in->reads.at[i]->place, in->reads.at[i]->implicit ? "a library reads it" : "the program reads it");
        for (size_t k = 0; k < in->reads.at[i]->uses.n; k++)
            put_step(list, r, *in->reads.at[i]->uses.at[k], "the program uses it");
    }
}

static void put_related(cJSON *o, const struct result *r, const struct finding *f)
{
    cJSON *list = cJSON_AddArrayToObject(o, "relatedLocations");
    size_t n = 1;
    for (const struct related *x = f->related; x != NULL && n < LIMIT_SARIF_LOCATIONS; x = x->next, n++) {
        cJSON *item = new_in(list);
        cJSON_AddNumberToObject(item, "id", (double)n);
        put_location(item, r, x->place, shown_about(r, x->place, x->message));
    }
}

static void put_result(cJSON *list, const struct result *r, const struct finding *f)
{
    cJSON *o = new_in(list);
    put_sv(o, "ruleId", r, f->rule->id);
    cJSON_AddNumberToObject(o, "ruleIndex", put_rules(NULL, r, f->rule));
    cJSON_AddStringToObject(o, "level", levels[f->severity]);
    const char *message = shown_about(r, f->place, f->message);
    put_message(o, "message", r, *message == '\0' ? f->title.p : message);
    put_location(new_in(cJSON_AddArrayToObject(o, "locations")), r, f->place, "");
    if (f->related != NULL)
        put_related(o, r, f);
    put_flow(o, r, f);
    put_sv(cJSON_AddObjectToObject(o, "partialFingerprints"), "dstackAuditFinding/v1", r, f->id);
    if (f->suppressed.p != NULL) {
        cJSON *s = new_in(cJSON_AddArrayToObject(o, "suppressions"));
        cJSON_AddStringToObject(s, "kind", "external");
        cJSON_AddStringToObject(s, "status", "accepted");
        put_sv(s, "justification", r, f->suppressed);
    }
    if (f->baseline.p != NULL)
        put_sv(o, "baselineState", r, f->baseline);
    cJSON *properties = cJSON_AddObjectToObject(o, "properties");
    cJSON_AddStringToObject(properties, "severity", severity_name(f->severity));
    cJSON_AddStringToObject(properties, "security-severity", security_severity[f->severity]); /* of this result; the rule's is its usual one */
    cJSON_AddStringToObject(properties, "confidence", confidence_name(f->confidence));
    cJSON_AddStringToObject(properties, "subject", shown_about(r, f->place, f->subject));
}

/* ---- what was not looked at ------------------------------------------------------------------------------ */

struct notes { cJSON *list; size_t left_out; };

/* Warnings are about what was left unexamined; what lies outside a static audit is a note. */
static void notify(struct notes *n, const struct result *r, const char *id, sv path, const char *text)
{
    if ((size_t)cJSON_GetArraySize(n->list) >= LIMIT_SARIF_LOCATIONS) {
        n->left_out++;
        return;
    }
    cJSON *o = new_in(n->list);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "descriptor"), "id", id);
    bool outside = SV_IN(sv_from(id), SV("open-questions"), SV("needs-live-data"));
    cJSON_AddStringToObject(o, "level", outside ? "note" : "warning");
    put_message(o, "message", r, sv_printf(r->arena, "%s%s%s", path.n == 0 ? "" : shown(r, path), path.n == 0 ? "" : ": ", text).p);
}

static size_t too_many_places(const struct result *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->verdicts->findings.n; i++) {
        size_t places = 1;
        for (const struct related *x = r->verdicts->findings.at[i]->related; x != NULL; x = x->next)
            places++;
        n += places > LIMIT_SARIF_LOCATIONS;
    }
    return n;
}

static void put_invocation(cJSON *run, const struct result *r)
{
    const struct repo *repo = r->repo;
    cJSON *o = new_in(cJSON_AddArrayToObject(run, "invocations"));
    cJSON_AddBoolToObject(o, "executionSuccessful", !is_incomplete(r));
    struct notes notes = {.list = cJSON_AddArrayToObject(o, "toolExecutionNotifications")};
    struct arena *a = r->arena;
    if (r->verdicts->findings.n > LIMIT_SARIF_RESULTS)
        notify(&notes, r, "limit", SV_NONE, sv_printf(a, "%d of %zu results are in this file: the rest is in the JSON document",
                                                    LIMIT_SARIF_RESULTS, r->verdicts->findings.n).p);
    size_t crowded = too_many_places(r);
    if (crowded != 0)
        notify(&notes, r, "limit", SV_NONE, sv_printf(a, "%zu result%s more than %d places: the rest is in the JSON document",
                                                      crowded, crowded == 1 ? " has" : "s have", LIMIT_SARIF_LOCATIONS).p);
    if (r->verdicts->leads.n != 0)
        notify(&notes, r, "open-questions", SV_NONE,
               sv_printf(a, "%zu open questions are in the JSON document", r->verdicts->leads.n).p);
    for (size_t i = 0; i < repo->diags.n; i++)
        notify(&notes, r, "parse-error", repo->diags.at[i]->path, shown(r, repo->diags.at[i]->message));
    for (size_t i = 0; i < repo->limits.n; i++)
        notify(&notes, r, "limit", repo->limits.at[i]->path, shown(r, repo->limits.at[i]->message));
    for (size_t i = 0; i < r->verdicts->checks.n; i++) {
        const struct check_result *c = r->verdicts->checks.at[i];
        if (c->outcome == OUTCOME_NOT_RUN)
            notify(&notes, r, c->rule->kind == RULE_LIVE ? "needs-live-data" : "check-not-run", c->rule->id, shown(r, c->reason));
    }
    for (size_t i = 0; i < repo->skipped.n; i++)
        notify(&notes, r, "skipped", repo->skipped.at[i]->path, shown(r, repo->skipped.at[i]->reason));
    if (notes.left_out != 0) { /* said in place of the last one */
        cJSON_DeleteItemFromArray(notes.list, LIMIT_SARIF_LOCATIONS - 1);
        notify(&notes, r, "limit", SV_NONE, sv_printf(a, "%zu more notifications: see coverage in the JSON document", notes.left_out + 1).p);
    }
}

void report_sarif(const struct result *r, struct buf *out)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    cJSON_AddStringToObject(root, "version", "2.1.0");
    cJSON *run = new_in(cJSON_AddArrayToObject(root, "runs"));
    cJSON *driver = cJSON_AddObjectToObject(cJSON_AddObjectToObject(run, "tool"), "driver");
    cJSON_AddStringToObject(driver, "name", "dstack-audit");
    cJSON_AddStringToObject(driver, "version", VERSION);
    put_rules(driver, r, NULL);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(run, "automationDetails"), "id", "dstack-audit/");
    cJSON_AddStringToObject(run, "columnKind", "unicodeCodePoints");
    put_invocation(run, r);
    cJSON *list = cJSON_AddArrayToObject(run, "results");
    for (size_t i = 0, n = 0; i < r->verdicts->findings.n && n < LIMIT_SARIF_RESULTS; i++)
        if (!r->drop_accepted || finding_counts(r->verdicts->findings.at[i], NULL)) {
            put_result(list, r, r->verdicts->findings.at[i]);
            n++;
        }
    char *text = cJSON_Print(root);
    if (text != NULL)
        buf_puts(out, text);
    buf_putc(out, '\n');
    cJSON_free(text);
    cJSON_Delete(root);
}
