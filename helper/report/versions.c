#include "report/versions.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/version.h"
#include "report/document.h"

/* What one version lets the operator do, as sorted sentences that compare as texts. */
struct surface {
    sv *rows;
    size_t n;
    sv sha256; /* of the file's bytes, SV_NONE when it holds more than the app-compose itself */
    enum severity worst;
    bool has_findings;
};

static int sv_order(const void *a, const void *b)
{
    return sv_cmp(*(const sv *)a, *(const sv *)b);
}

/* The deployment the user named; without one, those taken as deployed. */
static bool is_of_version(const struct facts *f, const struct deployment *d)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (f->deployments.at[i]->rank == RANK_GIVEN)
            return d != NULL && d->rank == RANK_GIVEN;
    return d == NULL || d->deployed;
}

static sv sha256_of(const struct facts *f, struct arena *a)
{
    for (size_t i = 0; i < f->app_composes.n; i++) {
        const struct app_compose *app = f->app_composes.at[i];
        if (app->given && app->root->parent == NULL)
            return hash_sha256_hex(a, app->src->text);
    }
    return SV_NONE;
}

static struct surface surface_of(const struct result *r)
{
    const struct facts *f = r->facts;
    struct arena *a = r->arena;
    struct surface s = {.sha256 = sha256_of(f, a), .rows = arena_array(a, sv, f->inputs.n + f->images.n)};
    for (size_t i = 0; i < f->inputs.n; i++) {
        const struct operator_input *in = f->inputs.at[i];
        if (is_of_version(f, in->deployment) && in->allowed != ALLOWED_NO)
            s.rows[s.n++] = sv_printf(a, "operator sets %s (%s, %s%s%s)", shown(r, in->name), input_kind_name(in->kind),
                                      shown(r, in->enters), in->service == NULL ? "" : " of ",
                                      in->service == NULL ? "" : shown(r, in->service->name));
    }
    for (size_t i = 0; i < f->images.n; i++) {
        const struct image_ref *image = f->images.at[i];
        if (image->origin == IMAGE_COMPOSE && image->deployment != NULL && is_of_version(f, image->deployment))
            s.rows[s.n++] = sv_printf(a, "runs image %s%s", shown(r, image->ref), image->pinned ? "" : ", not pinned");
    }
    if (s.n != 0)
        qsort(s.rows, s.n, sizeof *s.rows, sv_order);
    size_t kept = 0;
    for (size_t i = 0; i < s.n; i++)
        if (kept == 0 || !sv_eq(s.rows[kept - 1], s.rows[i]))
            s.rows[kept++] = s.rows[i];
    s.n = kept;
    for (size_t i = 0; i < r->verdicts->findings.n; i++) {
        const struct finding *found = r->verdicts->findings.at[i];
        if (found->suppressed.p != NULL)
            continue;
        s.worst = !s.has_findings || found->severity > s.worst ? found->severity : s.worst;
        s.has_findings = true;
    }
    return s;
}

static bool holds(const struct surface *s, sv row)
{
    return s->n != 0 && bsearch(&row, s->rows, s->n, sizeof *s->rows, sv_order) != NULL;
}

static struct surface *surfaces_of(const struct version *v, size_t n)
{
    struct surface *s = arena_array(v[0].result->arena, struct surface, n);
    for (size_t i = 0; i < n; i++)
        s[i] = surface_of(v[i].result);
    return s;
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static void put_rows(cJSON *o, const char *key, const struct surface *of, const struct surface *without)
{
    cJSON *list = cJSON_AddArrayToObject(o, key);
    for (size_t i = 0; i < of->n; i++)
        if (without == NULL || !holds(without, of->rows[i]))
            cJSON_AddItemToArray(list, cJSON_CreateString(of->rows[i].p));
}

static cJSON *new_in(cJSON *list)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(list, o);
    return o;
}

void report_versions_json(const struct version *v, size_t n, struct buf *out)
{
    const struct surface *s = surfaces_of(v, n);
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "format", 1);
    cJSON *tool = cJSON_AddObjectToObject(root, "tool");
    cJSON_AddStringToObject(tool, "name", "dstack-audit");
    cJSON_AddStringToObject(tool, "version", VERSION);
    cJSON *list = cJSON_AddArrayToObject(root, "versions");
    for (size_t i = 0; i < n; i++) {
        cJSON *o = new_in(list);
        cJSON_AddNumberToObject(o, "number", (double)(i + 1));
        cJSON_AddStringToObject(o, "app_compose", shown(v[i].result, v[i].label));
        if (s[i].sha256.p == NULL)
            cJSON_AddNullToObject(o, "sha256");
        else
            cJSON_AddStringToObject(o, "sha256", s[i].sha256.p);
        put_rows(o, "surface", &s[i], NULL);
    }
    list = cJSON_AddArrayToObject(root, "changes");
    for (size_t i = 1; i < n; i++) {
        cJSON *o = new_in(list);
        cJSON_AddNumberToObject(o, "from", (double)i);
        cJSON_AddNumberToObject(o, "to", (double)(i + 1));
        put_rows(o, "added", &s[i], &s[i - 1]);
        put_rows(o, "removed", &s[i - 1], &s[i]);
    }
    list = cJSON_AddArrayToObject(root, "documents");
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, document_of(v[i].result));
    document_print(root, out);
}

/* ---- text ------------------------------------------------------------------------------------------------ */

static void put_change(const struct surface *now, const struct surface *before, struct buf *out)
{
    size_t lines = 0;
    for (size_t i = 0; i < now->n; i++)
        if (!holds(before, now->rows[i])) {
            buf_printf(out, "  + %.*s\n", SV_ARG(now->rows[i]));
            lines++;
        }
    for (size_t i = 0; i < before->n; i++)
        if (!holds(now, before->rows[i])) {
            buf_printf(out, "  - %.*s\n", SV_ARG(before->rows[i]));
            lines++;
        }
    if (lines == 0)
        buf_puts(out, "  nothing that the operator can use changed\n");
}

/* "in versions 1-3, 5": which of them hold the row. */
static void put_span(const struct surface *s, size_t n, sv row, struct buf *out)
{
    const char *before = "";
    for (size_t i = 0; i < n; i++) {
        if (!holds(&s[i], row))
            continue;
        size_t end = i;
        while (end + 1 < n && holds(&s[end + 1], row))
            end++;
        buf_printf(out, end == i ? "%s%zu" : "%s%zu-%zu", before, i + 1, end + 1);
        before = ", ";
        i = end;
    }
}

/* What the last version no longer has, but a version that may still be accepted has. */
static void put_past(const struct surface *s, size_t n, struct buf *out)
{
    size_t rows = 0;
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t j = 0; j < s[i].n; j++) {
            sv row = s[i].rows[j];
            bool told = holds(&s[n - 1], row);
            for (size_t k = 0; k < i && !told; k++)
                told = holds(&s[k], row);
            if (told)
                continue;
            if (rows++ == 0)
                buf_puts(out, "\nNo longer in the last version, but in earlier ones, which a verifier that allows them still accepts:\n");
            buf_printf(out, "  %.*s: in ", SV_ARG(row));
            put_span(s, n, row, out);
            buf_printf(out, " of %zu\n", n);
        }
}

void report_versions_text(const struct version *v, size_t n, struct buf *out)
{
    const struct surface *s = surfaces_of(v, n);
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%zu of %zu  %s", i + 1, n, shown(v[i].result, v[i].label));
        if (s[i].sha256.p != NULL)
            buf_printf(out, "  sha256 %.*s", SV_ARG(sv_sub(s[i].sha256, 0, 16)));
        buf_printf(out, "  worst finding: %s\n", s[i].has_findings ? severity_name(s[i].worst) : "none");
        if (i == 0)
            for (size_t j = 0; j < s[0].n; j++)
                buf_printf(out, "    %.*s\n", SV_ARG(s[0].rows[j]));
        else
            put_change(&s[i], &s[i - 1], out);
    }
    put_past(s, n, out);
}
