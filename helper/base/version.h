/* What the program calls itself and its report; plugin.json carries the same version and a test compares them. */
#ifndef VERSION_H
#define VERSION_H

#define VERSION "1.0.0"

/* The report that --draft leaves in the current folder, and the one that lay there before. */
#define DRAFT_FILE "DSTACK-AUDIT-REPORT.md"
#define DRAFT_BEFORE "DSTACK-AUDIT-REPORT.before.md"

#endif
