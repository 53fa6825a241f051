#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "fact/fact.h"

static const char *form_letter(enum var_form f)
{
    static const char *const name[] = {"", ":-", "-", ":?", "?", ":+", "+", "bare"};
    return name[f];
}

/* "A:-x@0 B@1" : name, operator, word, depth of every variable; "!n" where compose refuses. */
static sv shown(struct arena *a, const char *text)
{
    struct interp found;
    interp_parse(a, sv_from(text), &found);
    sv out = SV("");
    for (size_t i = 0; i < found.vars.n; i++) {
        const struct interp_var *v = found.vars.at[i];
        assert_true(v->start < v->end && v->end <= strlen(text));
        assert_true(text[v->start] == '$');
        out = sv_concat(a, out, sv_printf(a, "%s%.*s%s%.*s@%zu", i == 0 ? "" : " ", SV_ARG(v->name),
                                          form_letter(v->form), SV_ARG(v->word), v->depth));
    }
    if (!found.valid)
        out = sv_concat(a, out, sv_printf(a, "!%zu", found.error_at));
    return out;
}

static void each_form_is_told_apart(void **state)
{
    (void)state;
    static const struct { const char *text, *vars; } rows[] = {
        {"$VAR", "VAR@0"},
        {"${VAR}", "VAR@0"},
        {"a${VAR}b$_x9-c", "VAR@0 _x9@0"},
        {"${VAR:-d}", "VAR:-d@0"},
        {"${VAR-d}", "VAR-d@0"},
        {"${VAR:?e f}", "VAR:?e f@0"},
        {"${VAR?e}", "VAR?e@0"},
        {"${VAR:+r}", "VAR:+r@0"},
        {"${VAR+r}", "VAR+r@0"},
        {"${VAR:-}", "VAR:-@0"},
        {"${lower}", "lower@0"},
        /* the first operator wins; later ones belong to the word */
        {"${VAR:-a?b:+c}", "VAR:-a?b:+c@0"},
        {"${VAR?a:-b}", "VAR?a:-b@0"},
        {"${VAR-a:-b}", "VAR-a:-b@0"},
        /* nesting, in every kind of word */
        {"${A:-${B:-d}}", "A:-${B:-d}@0 B:-d@1"},
        {"${A:+pre$B}", "A:+pre$B@0 B@1"},
        {"${A:?no ${B}}", "A:?no ${B}@0 B@1"},
        {"${A:-${B-${C}}}/x", "A:-${B-${C}}@0 B-${C}@1 C@2"},
        {"${A:-x}${B:-y}", "A:-x@0 B:-y@0"},
        {"${A:-x} } ${B}", "A:-x@0 B@0"},
        {"${A:-{\"k\":1}}", "A:-{\"k\":1}@0"},
        {"http://${H:-h}:${P:-80}/", "H:-h@0 P:-80@0"},
        /* escapes */
        {"$$VAR", ""},
        {"$${VAR}", ""},
        {"$$$VAR", "VAR@0"},
        {"$$$$", ""},
        {"${A:-$$B}", "A:-$$B@0"},
        /* literal dollars */
        {"$1 $( $@ $? $ $", ""},
        {"cost: 5$", ""},
        {"$(cat $FILE)", "FILE@0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        sv got = shown(&a, rows[i].text);
        if (!sv_eq(got, sv_from(rows[i].vars)))
            fail_msg("%s: got %.*s", rows[i].text, SV_ARG(got));
        arena_free(&a);
    }
}

static void what_compose_refuses_is_invalid(void **state)
{
    (void)state;
    static const struct { const char *text, *vars; } rows[] = {
        {"${VAR/x/y}", "!0"},
        {"ab${VAR#p}", "!2"},
        {"${!V}", "!0"},
        {"${VAR", "!0"},
        {"${1}", "!0"},
        {"${}", "!0"},
        {"${VAR:}", "!0"},
        {"${VAR:=d}", "!0"},
        {"${VAR:-a\nb}", "!0"},   /* a word does not span lines */
        {"${VAR:-", "!0"},
        {"${ VAR}", "!0"},
        {"$A ${B C}", "A@0!3"},
        {"${A:-${1}}", "A:-${1}@0"}, /* refused only when the default is used */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        sv got = shown(&a, rows[i].text);
        if (!sv_eq(got, sv_from(rows[i].vars)))
            fail_msg("%s: got %.*s", rows[i].text, SV_ARG(got));
        arena_free(&a);
    }
}

static void a_value_without_variables_is_literal(void **state)
{
    (void)state;
    struct arena a = {0};
    struct interp found;
    interp_parse(&a, SV("a$$b$1$"), &found);
    assert_true(sv_eq(found.literal, SV("a$b$1$")));
    interp_parse(&a, SV("$X"), &found);
    assert_null(found.literal.p);
    interp_parse(&a, SV("${"), &found);
    assert_null(found.literal.p);
    interp_parse(&a, SV(""), &found);
    assert_true(found.valid && found.literal.n == 0);
    arena_free(&a);
}

static void dropping_every_value_forces_the_defaults(void **state)
{
    (void)state;
    static const struct { const char *text, *value; } rows[] = {
        {"literal", "literal"},
        {"${VAR}", ""},
        {"x${VAR:-d}y", "xdy"},
        {"${VAR-d}", "d"},
        {"${VAR:?m}", NULL},
        {"a${VAR?m}", NULL},
        {"${VAR:+r}", ""},
        {"${VAR+r}", ""},
        {"${A:-${B:-d}}", "d"},
        {"${A:-${B:?m}}", NULL},
        {"${A:+${B:?m}}", ""},
        {"${A:-$$B}$$", "$B$"},
        {"http://${H:-h}:${P:-80}/", "http://h:80/"},
        {"${A:-${1}}", NULL},
        {"${", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        sv got = interp_when_unset(&a, sv_from(rows[i].text));
        if (rows[i].value == NULL ? got.p != NULL : !sv_eq(got, sv_from(rows[i].value)))
            fail_msg("%s: got %.*s", rows[i].text, SV_ARG(got));
        arena_free(&a);
    }
}

static void limits_end_hostile_texts(void **state)
{
    (void)state;
    struct arena a = {0};
    struct interp found;
    sv deep = SV("x");
    for (int i = 0; i < LIMIT_INTERPOLATION_DEPTH + 4; i++)
        deep = sv_printf(&a, "${A:-%.*s}", SV_ARG(deep));
    interp_parse(&a, deep, &found);
    assert_true(found.limited);
    assert_int_equal(found.vars.n, LIMIT_INTERPOLATION_DEPTH + 1);
    assert_null(interp_when_unset(&a, deep).p);

    size_t n = 2 * (size_t)(LIMIT_INTERPOLATIONS + 7);
    char *many = arena_array(&a, char, n);
    for (size_t i = 0; i < n; i++)
        many[i] = i % 2 == 0 ? '$' : 'A';
    interp_parse(&a, (sv){many, n}, &found);
    assert_true(found.limited);
    assert_int_equal(found.vars.n, LIMIT_INTERPOLATIONS);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_told_apart),
        cmocka_unit_test(what_compose_refuses_is_invalid),
        cmocka_unit_test(a_value_without_variables_is_literal),
        cmocka_unit_test(dropping_every_value_forces_the_defaults),
        cmocka_unit_test(limits_end_hostile_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
