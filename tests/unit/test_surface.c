/* What a container gets in each case, and what deployed code reads though nothing passes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "fact/fact.h"

static void the_columns(void **state)
{
    (void)state;
    static const struct { enum var_form form; const char *word, *given, *without; } rows[] = {
        {VAR_PLAIN, NULL, "the operator's value", "an empty text"},
        {VAR_DEFAULT, "d", "the operator's value, unless it is empty", "the fixed text d"},
        {VAR_DEFAULT, "", "the operator's value, unless it is empty", "an empty text"},
        {VAR_DEFAULT, "${B:-d}", "the operator's value, unless it is empty", "the fixed text d"},
        {VAR_DEFAULT, "${B:?}", "the operator's value, unless it is empty", "nothing, because compose refuses to start the app"},
        {VAR_DEFAULT_IF_UNSET, "d", "the operator's value, also an empty one", "the fixed text d"},
        {VAR_REQUIRED, "e", "the operator's value", "nothing, because compose refuses to start the app"},
        {VAR_REQUIRED_IF_UNSET, "e", "the operator's value", "nothing, because compose refuses to start the app"},
        {VAR_REPLACED, "r", "the fixed text r", "an empty text"},
        {VAR_REPLACED_IF_SET, "r", "the fixed text r", "an empty text"},
        {VAR_BARE, NULL, "the operator's value", "nothing: a value of that name from the image or an env_file goes, too"},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct operator_input in = {.form = rows[i].form, .word = rows[i].word == NULL ? SV_NONE : sv_from(rows[i].word), .enters = SV("environment")};
        struct effect e = effect_of(&a, &in);
        assert_string_equal(sv_copy(&a, e.given).p, rows[i].given);
        assert_string_equal(sv_copy(&a, e.without).p, rows[i].without);
    }
    arena_free(&a);
}

static void the_rows_have_a_limit(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo repo = {.arena = &a};
    struct facts f = {.arena = &a, .repo = &repo};
    struct source compose = {.path = SV("docker-compose.yml"), .kind = SOURCE_COMPOSE}, code = {.path = SV("a.py"), .kind = SOURCE_CODE};
    struct node root = {.kind = NODE_MAP, .place = {&compose, 0, 0}};
    struct deployment d = {.id = compose.path, .compose = &compose, .root = &root, .dir = SV(""), .group = SV(""), .deployed = true};
    vec_push(&a, &f.deployments, &d);
    for (size_t i = 0; i < LIMIT_ABSENT + 3; i++) {
        struct env_read *r = vec_new(&a, &f.env_reads, struct env_read);
        *r = (struct env_read){.name = sv_printf(&a, "NAME_%zu", i), .place = {&code, i, i}, .idiom = SV("os.getenv")};
    }
    facts_find_absent(&f);
    assert_int_equal(f.absent.n, LIMIT_ABSENT);
    assert_int_equal(repo.limits.n, 1);
    assert_string_equal(sv_copy(&a, repo.limits.at[0]->message).p, "absent-settings");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_columns), cmocka_unit_test(the_rows_have_a_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
