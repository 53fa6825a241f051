#include "report/document.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/version.h"

static cJSON *refuse(const char *path, const char *why)
{
    fprintf(stderr, "dstack-audit: %s: %s\n", path, why);
    return NULL;
}

static bool read_all(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char part[64 << 10];
    ssize_t n;
    while ((n = read(fd, part, sizeof part)) > 0 && out->n <= LIMIT_DOCUMENT_BYTES)
        buf_put(out, (sv){part, (size_t)n});
    int reason = errno;
    close(fd);
    errno = n < 0 ? reason : EFBIG;
    return n >= 0 && out->n <= LIMIT_DOCUMENT_BYTES;
}

void document_free(cJSON *document)
{
    cJSON_Delete(document);
}

void document_print(cJSON *document, struct buf *out)
{
    enum { ROOM = 1 << 22 }; /* more than a large repository needs; what is not written to costs nothing */
    bool printed = false;
    for (int room = ROOM; !printed && room <= INT_MAX / 2; room *= 2) {
        char *text = buf_room(out, (size_t)room);
        printed = cJSON_PrintPreallocated(document, text, room, true) != 0;
        out->n += printed ? strlen(text) : 0;
    }
    buf_putc(out, '\n');
    cJSON_Delete(document);
}

cJSON *document_read(const char *path)
{
    struct buf text = {0};
    if (!read_all(path, &text)) {
        const char *why = strerror(errno);
        buf_free(&text);
        return refuse(path, why);
    }
    cJSON *root = cJSON_ParseWithLength(text.p, text.n);
    buf_free(&text);
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    if (cJSON_IsNumber(format) && (int)format->valuedouble == 1 &&
        cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(root, "findings")))
        return root;
    cJSON_Delete(root);
    return refuse(path, "no findings document of format 1");
}

/* ---- reading fields -------------------------------------------------------------------------------- */

static const char *text_of(struct arena *a, const cJSON *o, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, key);
    return cJSON_IsString(item) ? text_escape(a, sv_from(item->valuestring)).p : "";
}

static long number_of(const cJSON *o, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, key);
    bool sane = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 1e9;
    return sane ? (long)item->valuedouble : 0;
}

static const cJSON *list_of(const cJSON *o, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(o, key);
}

/* ---- show ------------------------------------------------------------------------------------------- */

static void put_where(struct arena *a, const cJSON *location, struct buf *out)
{
    buf_printf(out, "%s:%ld:%ld", text_of(a, location, "path"), number_of(location, "line"), number_of(location, "column"));
    const cJSON *embedded = cJSON_GetObjectItemCaseSensitive(location, "embedded");
    if (cJSON_IsObject(embedded))
        buf_printf(out, " (%s line %ld)", text_of(a, embedded, "field"), number_of(embedded, "line"));
}

static void put_field(struct arena *a, const cJSON *o, const char *key, const char *label, struct buf *out)
{
    const char *text = text_of(a, o, key);
    if (*text != '\0')
        buf_printf(out, "%-12s%s\n", label, text);
}

bool document_show(struct arena *a, const cJSON *document, sv id, struct buf *out)
{
    const cJSON *f, *item;
    cJSON_ArrayForEach(f, list_of(document, "findings")) {
        if (!sv_eq(sv_from(text_of(a, f, "id")), id))
            continue;
        buf_printf(out, "%s  %s\n%s, %s confidence, %s\n\n", text_of(a, f, "title"), text_of(a, f, "rule"),
                   text_of(a, f, "severity"), text_of(a, f, "confidence"), text_of(a, f, "category"));
        put_field(a, f, "subject", "subject", out);
        const cJSON *location = cJSON_GetObjectItemCaseSensitive(f, "location");
        buf_printf(out, "%-12s", "at");
        put_where(a, location, out);
        buf_printf(out, "\n%-12s%s\n", "line", text_of(a, location, "snippet"));
        put_field(a, f, "deployment", "deployment", out);
        put_field(a, f, "suppressed", "accepted", out);
        put_field(a, f, "baseline", "baseline", out);
        buf_printf(out, "\n%s\n", text_of(a, f, "message"));
        cJSON_ArrayForEach(item, list_of(f, "related")) {
            buf_puts(out, "  ");
            put_where(a, item, out);
            buf_printf(out, ": %s\n", text_of(a, item, "message"));
        }
        buf_printf(out, "\nwhy: %s\n\nfix: %s\n", text_of(a, f, "why"), text_of(a, f, "fix"));
        cJSON_ArrayForEach(item, list_of(f, "references"))
            if (cJSON_IsString(item))
                buf_printf(out, "see: %s\n", text_escape(a, sv_from(item->valuestring)).p);
        return true;
    }
    return false;
}

void document_show_leads(struct arena *a, const cJSON *document, struct buf *out)
{
    const cJSON *l;
    size_t n = 0;
    cJSON_ArrayForEach(l, list_of(document, "leads")) {
        const cJSON *location = cJSON_GetObjectItemCaseSensitive(l, "location");
        buf_printf(out, "%zu. ", ++n);
        put_where(a, location, out);
        buf_printf(out, "  %s\n   %s\n   | %s\n", text_of(a, l, "rule"), text_of(a, l, "question"),
                   text_of(a, location, "snippet"));
    }
    buf_printf(out, "%zu open questions\n", n);
}

/* ---- compare ------------------------------------------------------------------------------------------ */

static bool has_id(const struct verdicts *v, const char *id)
{
    for (size_t i = 0; i < v->findings.n; i++)
        if (strcmp(v->findings.at[i]->id.p, id) == 0)
            return true;
    return false;
}

void document_compare(const cJSON *before, struct verdicts *v, struct result *r)
{
    struct arena *a = r->arena;
    r->has_baseline = true;
    for (size_t i = 0; i < v->findings.n; i++)
        v->findings.at[i]->baseline = SV("new");
    const cJSON *f;
    size_t n = 0;
    cJSON_ArrayForEach(f, list_of(before, "findings"))
        n++;
    r->fixed = arena_array(a, struct fixed, n);
    cJSON_ArrayForEach(f, list_of(before, "findings")) {
        const char *id = text_of(a, f, "id");
        for (size_t i = 0; i < v->findings.n; i++)
            if (strcmp(v->findings.at[i]->id.p, id) == 0)
                v->findings.at[i]->baseline = SV("unchanged");
        if (*id == '\0' || has_id(v, id))
            continue;
        const cJSON *location = cJSON_GetObjectItemCaseSensitive(f, "location");
        r->fixed[r->n_fixed++] = (struct fixed){
            sv_from(id), sv_from(text_of(a, f, "rule")), sv_from(text_of(a, f, "severity")),
            sv_from(text_of(a, f, "subject")), sv_from(text_of(a, location, "path")), (size_t)number_of(location, "line")};
    }
}

/* ---- merge --------------------------------------------------------------------------------------------- */

void documents_merge(cJSON **documents, size_t n, struct buf *out)
{
    static const char *const severities[] = {"critical", "high", "medium", "low", "info"};
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "format", 1);
    cJSON *tool = cJSON_AddObjectToObject(root, "tool");
    cJSON_AddStringToObject(tool, "name", "dstack-audit");
    cJSON_AddStringToObject(tool, "version", VERSION);
    cJSON *counts = cJSON_AddObjectToObject(root, "counts");
    for (size_t s = 0; s < sizeof severities / sizeof *severities; s++) {
        long sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += number_of(cJSON_GetObjectItemCaseSensitive(
                                 cJSON_GetObjectItemCaseSensitive(documents[i], "summary"), "counts"), severities[s]);
        cJSON_AddNumberToObject(counts, severities[s], (double)sum);
    }
    cJSON *list = cJSON_AddArrayToObject(root, "documents");
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, documents[i]);
    document_print(root, out);
}
