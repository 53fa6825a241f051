/* The patterns of the catalogue as one search: literals first, regexes on their lines only. */
#ifndef SCAN_H
#define SCAN_H

#include "rule/automaton.h"
#include "rule/rule.h"

struct scanner {
    struct automaton *automaton;
    const struct pattern **patterns; /* rules by id, their patterns in order */
    size_t n;
    uint32_t *pattern_of; /* literal -> pattern; n stands for a hidden character */
    bool vendored;        /* a pattern asks for third-party code, too */
};

struct scanner *scanner_new(const struct catalogue *c);

/* Characters that take no room on the screen, so that a line reads other than it is: zero width,
 * soft hyphen, bidi controls, variation selectors, tags. */
bool is_hidden_character(unsigned c);

#endif
