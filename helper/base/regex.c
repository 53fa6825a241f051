#include "base/regex.h"

#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/limits.h"

struct regex {
    struct regex_set *set;
    sv pattern;
    bool ignore_case;
    pcre2_code *code; /* NULL until the first use */
    struct regex *next;
};

/* What all patterns of a set share: only one of them matches at a time. */
struct regex_engine {
    pcre2_match_context *context;
    pcre2_match_data *match;
    pcre2_jit_stack *stack;
};

struct regex *regex_new(struct regex_set *set, sv pattern, bool ignore_case)
{
    struct regex *r = arena_new(set->arena, struct regex);
    r->set = set;
    r->pattern = pattern;
    r->ignore_case = ignore_case;
    r->next = set->all;
    set->all = r;
    return r;
}

static _Noreturn void out_of_memory(void)
{
    fputs("dstack-audit: out of memory\n", stderr);
    exit(2);
}

static struct regex_engine *engine_of(struct regex_set *set)
{
    if (set->engine != NULL)
        return set->engine;
    struct regex_engine *e = arena_new(set->arena, struct regex_engine);
    e->context = pcre2_match_context_create(NULL);
    e->match = pcre2_match_data_create(REGEX_GROUPS, NULL);
    if (e->context == NULL || e->match == NULL)
        out_of_memory();
    pcre2_set_match_limit(e->context, LIMIT_REGEX_MATCHES);
    e->stack = pcre2_jit_stack_create(32 << 10, LIMIT_REGEX_STACK_BYTES, NULL);
    if (e->stack != NULL) /* NULL without JIT */
        pcre2_jit_stack_assign(e->context, NULL, e->stack);
    return set->engine = e;
}

bool regex_compile(struct regex *r, sv *error)
{
    if (r->code != NULL)
        return true;
    int code;
    PCRE2_SIZE at;
    /* No UTF mode: hostile bytes need not be valid, and offsets stay byte offsets. */
    uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY |
                       (r->ignore_case ? PCRE2_CASELESS : 0);
    r->code = pcre2_compile((PCRE2_SPTR)(r->pattern.n == 0 ? "" : r->pattern.p), r->pattern.n,
                            options, &code, &at, NULL);
    if (r->code == NULL) {
        unsigned char reason[128];
        pcre2_get_error_message(code, reason, sizeof reason);
        *error = sv_printf(r->set->arena, "%s at offset %zu", (const char *)reason, (size_t)at);
        return false;
    }
    pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* where JIT is missing the interpreter serves */
    return true;
}

static void compile_or_exit(struct regex *r)
{
    sv error = SV_NONE;
    if (regex_compile(r, &error))
        return;
    fprintf(stderr, "dstack-audit: invalid pattern %.*s: %.*s\n", SV_ARG(r->pattern), SV_ARG(error));
    exit(70);
}

enum regex_result regex_find(struct regex *r, sv text, size_t from, struct regex_match *m)
{
    compile_or_exit(r);
    struct regex_engine *e = engine_of(r->set);
    if (text.p == NULL)
        text = SV("");
    int n = pcre2_match(r->code, (PCRE2_SPTR)text.p, text.n, from, 0, e->match, e->context);
    if (n == PCRE2_ERROR_NOMATCH)
        return REGEX_NO;
    if (n < 0)
        return REGEX_GAVE_UP;
    if (n == 0) /* more groups than we keep */
        n = REGEX_GROUPS;
    PCRE2_SIZE *at = pcre2_get_ovector_pointer(e->match);
    for (int i = 0; i < REGEX_GROUPS; i++) {
        bool took_part = i < n && at[2 * i] != PCRE2_UNSET;
        m->start[i] = took_part ? at[2 * i] : SV_NOT_FOUND;
        m->end[i] = took_part ? at[2 * i + 1] : SV_NOT_FOUND;
    }
    return REGEX_YES;
}

int regex_group(struct regex *r, const char *name)
{
    compile_or_exit(r);
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

void regex_set_free(struct regex_set *set)
{
    for (struct regex *r = set->all; r != NULL; r = r->next) {
        pcre2_code_free(r->code);
        r->code = NULL;
    }
    set->all = NULL;
    if (set->engine != NULL) {
        pcre2_match_data_free(set->engine->match);
        pcre2_match_context_free(set->engine->context);
        pcre2_jit_stack_free(set->engine->stack);
        set->engine = NULL;
    }
}
