#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/regex.h"

static void groups_are_found_by_name(void **state)
{
    (void)state;
    struct arena a = {0};
    struct regex_set set = {.arena = &a};
    struct regex *r = regex_new(&set, SV("process\\.env\\.(?<NAME>[A-Za-z_]\\w*)(=)?"), false);
    struct regex_match m;
    sv line = SV("x = process.env.FOO");
    assert_int_equal(regex_find(r, line, 0, &m), REGEX_YES);
    assert_true(sv_eq(regex_sub(&m, line, regex_group(r, "NAME")), SV("FOO")));
    assert_int_equal(regex_group(r, "OTHER"), -1);
    assert_null(regex_sub(&m, line, 2).p);
    assert_int_equal(regex_find(r, line, 5, &m), REGEX_NO);
    regex_set_free(&set);
    arena_free(&a);
}

static void case_is_ignored_when_asked(void **state)
{
    (void)state;
    struct arena a = {0};
    struct regex_set set = {.arena = &a};
    struct regex_match m;
    assert_int_equal(regex_find(regex_new(&set, SV("known issue$"), true), SV("A Known ISSUE"), 0, &m), REGEX_YES);
    assert_int_equal(regex_find(regex_new(&set, SV("known issue$"), false), SV("A Known ISSUE"), 0, &m), REGEX_NO);
    assert_int_equal(regex_find(regex_new(&set, SV("\xFF"), false), SV("a\xFF"), 0, &m), REGEX_YES);
    assert_int_equal(regex_find(regex_new(&set, SV("^$"), false), SV_NONE, 0, &m), REGEX_YES);
    regex_set_free(&set);
    arena_free(&a);
}

static void giving_up_is_not_no_match(void **state)
{
    (void)state;
    struct arena a = {0};
    struct regex_set set = {.arena = &a};
    char many[4000];
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = 'a';
    struct regex *r = regex_new(&set, SV("(a|aa)+(a|aa)+(a|aa)+[bc]$"), false);
    struct regex_match m;
    assert_int_equal(regex_find(r, (sv){many, sizeof many}, 0, &m), REGEX_GAVE_UP);
    regex_set_free(&set);
    arena_free(&a);
}

/* Every repetition of a group keeps its place on the stack; what would pass LIMIT_REGEX_STACK_BYTES, or LIMIT_REGEX_MATCHES
 * where there is no JIT, gives up. */
static void the_stack_of_a_match_ends(void **state)
{
    (void)state;
    struct arena a = {0};
    struct regex_set set = {.arena = &a};
    size_t n = LIMIT_REGEX_STACK_BYTES;
    char *many = arena_array(&a, char, n);
    memset(many, 'a', n);
    struct regex_match m;
    assert_int_equal(regex_find(regex_new(&set, SV("^(?:(a)|b)*$"), false), (sv){many, n}, 0, &m), REGEX_GAVE_UP);
    assert_int_equal(regex_find(regex_new(&set, SV("^(?:(a)|b)*$"), false), (sv){many, 100}, 0, &m), REGEX_YES);
    regex_set_free(&set);
    arena_free(&a);
}

static void an_invalid_pattern_is_named(void **state)
{
    (void)state;
    struct arena a = {0};
    struct regex_set set = {.arena = &a};
    sv error = SV_NONE;
    assert_false(regex_compile(regex_new(&set, SV("a(b"), false), &error));
    assert_true(sv_has(error, SV("parenthesis")));
    assert_true(sv_has(error, SV("offset 3")));
    regex_set_free(&set);
    arena_free(&a);
}

static void groups_beyond_the_kept_ones_are_dropped(void **state)
{
    (void)state;
    struct arena a = {0};
    struct regex_set set = {.arena = &a};
    struct regex_match m;
    sv line = SV("abcdefghijklmno");
    struct regex *r = regex_new(&set, SV("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)(m)(?<N>n)"), false);
    assert_int_equal(regex_find(r, line, 0, &m), REGEX_YES);
    assert_true(sv_eq(regex_sub(&m, line, 11), SV("k")));
    assert_null(regex_sub(&m, line, regex_group(r, "N")).p);
    regex_set_free(&set);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_found_by_name),
        cmocka_unit_test(case_is_ignored_when_asked),
        cmocka_unit_test(giving_up_is_not_no_match),
        cmocka_unit_test(the_stack_of_a_match_ends),
        cmocka_unit_test(an_invalid_pattern_is_named),
        cmocka_unit_test(groups_beyond_the_kept_ones_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
