/* Findings documents written by an earlier run: shown, compared, merged. They come from a file, so
 * every string is escaped again. */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "report/report.h"

struct cJSON;

/* NULL with a message on stderr when the file cannot be read or is no findings document.
 * Free it with document_free. */
struct cJSON *document_read(const char *path);
void document_free(struct cJSON *document);
/* The document of a result (as_json.c), and any document as text; the latter releases it. */
struct cJSON *document_of(const struct result *r);
void document_print(struct cJSON *document, struct buf *out);

/* The finding with this id in full; false when there is none. */
bool document_show(struct arena *a, const struct cJSON *document, sv id, struct buf *out);
/* All open questions. */
void document_show_leads(struct arena *a, const struct cJSON *document, struct buf *out);

/* Marks each finding new or unchanged against an earlier document and collects the fixed ones. */
void document_compare(const struct cJSON *before, struct verdicts *v, struct result *r);

/* One document that holds several, with their counts added up. Takes the documents over. */
void documents_merge(struct cJSON **documents, size_t n, struct buf *out);

#endif
