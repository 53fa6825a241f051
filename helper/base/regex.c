#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/limits.h"

struct regex {
    sv pattern;
    pcre2_code *code;
    pcre2_match_data *match;
    struct regex *next; /* all patterns of the run, for regex_free_all */
};

static struct regex *all_patterns;
static pcre2_match_context *match_context;

struct regex *regex_new(struct arena *a, sv pattern, bool ignore_case, sv *error)
{
    int code;
    PCRE2_SIZE at;
    /* No UTF mode: hostile bytes need not be valid, and offsets stay byte offsets. */
    uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C | (ignore_case ? PCRE2_CASELESS : 0);
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &code, &at, NULL);
    if (compiled == NULL) {
        unsigned char reason[128];
        pcre2_get_error_message(code, reason, sizeof reason);
        if (error != NULL)
            *error = sv_printf(a, "%s at offset %zu", (const char *)reason, (size_t)at);
        return NULL;
    }
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* where JIT is missing the interpreter serves */
    if (match_context == NULL) {
        match_context = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(match_context, LIMIT_REGEX_MATCHES);
    }
    struct regex *r = arena_new(a, struct regex);
    r->pattern = sv_copy(a, pattern);
    r->code = compiled;
    r->match = pcre2_match_data_create_from_pattern(compiled, NULL);
    r->next = all_patterns;
    all_patterns = r;
    return r;
}

enum regex_result regex_find(struct regex *r, sv text, size_t from, struct regex_match *m)
{
    if (text.p == NULL)
        text = SV("");
    int n = pcre2_match(r->code, (PCRE2_SPTR)text.p, text.n, from, 0, r->match, match_context);
    if (n == PCRE2_ERROR_NOMATCH)
        return REGEX_NO;
    if (n < 0)
        return REGEX_GAVE_UP;
    PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->match);
    for (int i = 0; i < REGEX_GROUPS; i++) {
        bool took_part = i < n && at[2 * i] != PCRE2_UNSET;
        m->start[i] = took_part ? at[2 * i] : SV_NOT_FOUND;
        m->end[i] = took_part ? at[2 * i + 1] : SV_NOT_FOUND;
    }
    return REGEX_YES;
}

int regex_group(struct regex *r, const char *name)
{
    int n = pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)name);
    return n < 0 ? -1 : n;
}

sv regex_sub(const struct regex_match *m, sv text, int group)
{
    if (group < 0 || group >= REGEX_GROUPS || m->start[group] == SV_NOT_FOUND)
        return SV_NONE;
    return sv_sub(text, m->start[group], m->end[group]);
}

sv regex_pattern(const struct regex *r)
{
    return r->pattern;
}

void regex_free_all(void)
{
    for (; all_patterns != NULL; all_patterns = all_patterns->next) {
        pcre2_match_data_free(all_patterns->match);
        pcre2_code_free(all_patterns->code);
    }
    pcre2_match_context_free(match_context);
    match_context = NULL;
}
