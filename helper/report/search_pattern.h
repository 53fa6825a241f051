/* A pattern of the rules as ripgrep and every grep -E read it. */
#ifndef SEARCH_PATTERN_H
#define SEARCH_PATTERN_H

#include "base/buf.h"

/* Appends `regex` as a POSIX extended expression without groups' names, escapes of classes and lazy
 * repeats, ready to stand between single quotes of a shell. It may match a little more, never less. */
void put_search_pattern(struct buf *out, sv regex);

#endif
