/* Accepted findings: a YAML (or JSON) file outside the audited tree. Nothing inside the tree can
 * accept anything.
 *
 *     accept:
 *       - id: 0123456789abcdef
 *         reason: the model endpoint is public data only
 *         until: 2027-01-31        # last day it holds
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "options.h"

/* Marks what o->accept_file accepts. False with a message on stderr when the file is wrong: every entry
 * needs id, reason and until. An expired entry accepts nothing and is named on stderr, as is one that
 * meets no finding. */
bool accept_findings(const struct options *o, struct verdicts *v, struct arena *a);

#endif
