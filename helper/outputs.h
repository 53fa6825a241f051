/* Where reports go: standard output, or a folder of files. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "options.h"
#include "report/versions.h"

/* Writes the report in o->format to standard output, or all of them into o->output_dir with a
 * summary on standard output. Returns EXIT_DONE, or EXIT_USAGE with a message on stderr. */
int outputs_write(const struct result *r, const struct options *o);

/* The same for several versions: one document, or one folder each ("1", "2" …) and what changed. */
int outputs_versions(const struct version *v, size_t n, const struct options *o);

/* `out` to standard output; releases it. */
int output_print(struct buf *out);

#endif
