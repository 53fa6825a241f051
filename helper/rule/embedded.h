/* The rule files and the report template as bytes of the program; written by tools/embed.c at build time. */
#ifndef EMBEDDED_H
#define EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name;
    const char *bytes;
    size_t n;
};

extern const struct embedded_file embedded_rules[];     /* ends with a NULL name */
extern const struct embedded_file embedded_templates[]; /* report-template.md alone, then a NULL name */

#endif
