/* Several authorised versions of one app: each app-compose.json judged alone, and what changed between
 * them. A user's verification accepts every version that is allowed, so the widest one counts. */
#ifndef VERSIONS_H
#define VERSIONS_H

#include "report/report.h"

struct version {
    const struct result *result;
    sv label; /* the file as the user gave it */
};

/* {"format", "tool", "versions", "changes", "documents"} */
void report_versions_json(const struct version *v, size_t n, struct buf *out);
void report_versions_text(const struct version *v, size_t n, struct buf *out);

#endif
