#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "input/source.h"

static struct arena arena;

static struct source file_of(const char *path, sv text)
{
    return (struct source){.path = sv_from(path), .text = text, .lines = lines_of(&arena, text)};
}

static struct place place_of(const struct source *s, const char *needle)
{
    size_t at = sv_find(s->text, sv_from(needle));
    assert_true(at != SV_NOT_FOUND);
    return (struct place){s, at, at + strlen(needle)};
}

static void assert_spot(struct place p, size_t line, size_t column, size_t end_line)
{
    struct spot s = spot_of(p);
    assert_int_equal(s.line, line);
    assert_int_equal(s.column, column);
    assert_int_equal(s.end_line, end_line);
    assert_int_equal(place_line(p), line);
}

static void spots_of_a_file(void **state)
{
    (void)state;
    struct source s = file_of("a/b.py", SV("one\r\n  two three\r\nfour"));
    assert_spot(place_of(&s, "three"), 2, 7, 2);
    assert_spot(place_of(&s, "two three\r\nfo"), 2, 3, 3);
    assert_spot((struct place){&s, 999, 1000}, 3, 5, 3);
    assert_spot((struct place){NULL, 0, 0}, 1, 1, 1);
}

static void lines_of_a_block_are_lines_of_its_host(void **state)
{
    (void)state;
    struct source host = file_of("compose.yml", SV("a:\n  command: |\n    set -e\n    curl $URL\n  b: 1\n"));
    struct source *s = source_embed(&arena, &host, sv_find(host.text, SV("    set")), SV("set -e\ncurl $URL\n"),
                                    EMBED_LINES, "command");
    assert_spot(place_of(s, "$URL"), 4, 10, 4);
    assert_null(spot_of(place_of(s, "$URL")).field.p);
    assert_spot((struct place){s, s->text.n, s->text.n}, 5, 1, 5);
}

static void lines_of_a_string_count_inside_it(void **state)
{
    (void)state;
    struct source host = file_of("app-compose.json", SV("{\n \"docker_compose_file\": \"a:\\n  b: \\\"c\\\"\"}"));
    size_t at = sv_find(host.text, SV("\"a:"));
    struct source *compose = source_embed(&arena, &host, at, SV("a:\n  b: \"c\""), EMBED_STRING, "docker_compose_file");
    struct spot spot = spot_of(place_of(compose, "b:"));
    assert_int_equal(spot.line, 2);
    assert_int_equal(spot.column, 25);
    assert_int_equal(spot.field_line, 2);
    assert_true(sv_eq(spot.field, SV("docker_compose_file")));

    struct source *inner = source_embed(&arena, compose, sv_find(compose->text, SV("\"c\"")), SV("c"), EMBED_STRING,
                                        "command");
    spot = spot_of(place_of(inner, "c"));
    assert_true(sv_eq(spot.field, SV("docker_compose_file")));
    assert_int_equal(spot.field_line, 2);
    assert_int_equal(spot.line, 2);
}

static void places_have_a_total_order(void **state)
{
    (void)state;
    struct source a = file_of("a", SV("xx\nyy zz")), b = file_of("b", SV("x"));
    struct source *in = source_embed(&arena, &a, 3, SV("yy zz"), EMBED_STRING, "run");
    struct place rising[] = {{NULL, 0, 0}, {&a, 0, 0}, {&a, 0, 1}, {&a, 3, 4}, {in, 0, 1}, {in, 3, 4}, {&a, 4, 5}, {&b, 0, 0}};
    size_t n = sizeof rising / sizeof *rising;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int c = place_cmp(rising[i], rising[j]);
            assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
        }
}

static void paths_are_joined_inside_the_root(void **state)
{
    (void)state;
    static const struct { const char *dir, *relative, *joined; } rows[] = {
        {"a/b", "../c", "a/c"}, {"a/b", "./c//d", "a/b/c/d"}, {"", "c", "c"},   {"a", "..", ""},
        {"a", "../..", NULL},   {"", "../x", NULL},           {"a", "/etc", NULL}, {"a/b", "", "a/b"},
        {"a", "..x/y", "a/..x/y"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sv got = path_join(&arena, sv_from(rows[i].dir), sv_from(rows[i].relative));
        assert_int_equal(got.p == NULL, rows[i].joined == NULL);
        assert_true(sv_eq(got, sv_from(rows[i].joined)));
    }
    assert_true(path_is_below(SV("a/b"), SV("a")) && path_is_below(SV("a"), SV("a")) && path_is_below(SV("x"), SV("")));
    assert_false(path_is_below(SV("ab"), SV("a")));
    assert_true(sv_eq(path_base(SV("a/b.c")), SV("b.c")) && sv_eq(path_base(SV("b")), SV("b")));
    assert_true(sv_eq(path_dir(SV("a/b/c")), SV("a/b")) && sv_eq(path_dir(SV("b")), SV("")));
}

static void every_word_has_a_name(void **state)
{
    (void)state;
    for (int l = LANG_NONE + 1; l < LANG_COUNT; l++)
        assert_int_equal(lang_from_name(sv_from(lang_name((enum lang)l))), l);
    assert_int_equal(lang_from_name(SV("none")), LANG_NONE);
    for (int k = SOURCE_OTHER; k <= SOURCE_EVIDENCE; k++)
        assert_non_null(source_kind_name((enum source_kind)k));
    for (int s = SCOPE_PROD; s <= SCOPE_DOC; s++)
        assert_non_null(scope_name((enum scope)s));
}

/* Whatever is known of the text beforehand, the answer is that of a search. */
static void questions_about_words_are_answered_as_by_a_search(void **state)
{
    (void)state;
    static const char *const parts[] = {"verify", "_quote", "Quote", "x", "\n", "tdx", "REPORT", "data", "\xC3\xA4", "0", " = "};
    char text[400] = "", word[64];
    unsigned seed = 7, held = 0, asked = 0;
    for (int round = 0; round < 300; round++) {
        size_t n = 0;
        struct source s = file_of("a.py", SV_NONE);
        s.arena = round % 3 == 0 ? NULL : &arena;
        while (n + 8 < (size_t)round + 9 && n + 8 < sizeof text)
            n += strlen(strcpy(text + n, parts[(seed = seed * 1103515245u + 12345u) >> 16 & 7]));
        s.text = sv_copy(&arena, (sv){text, n});
        for (int k = 0; k < 12; k++, asked++) {
            strcpy(word, parts[(seed = seed * 1103515245u + 12345u) >> 16 & 7]);
            strcat(word, parts[k % 11]);
            sv asks = sv_copy(&arena, sv_from(word));
            assert_int_equal(source_has(&s, asks), sv_has(s.text, asks));
            assert_int_equal(source_ihas(&s, asks), sv_ihas(s.text, asks));
            assert_int_equal(source_ihas(&s, asks), sv_ihas(s.text, asks)); /* what was found out is remembered */
            held += source_ihas(&s, asks);
            const char *const words[] = {"verify_quotequote", asks.p, NULL};
            struct gram_words list = gram_words_of(&arena, words);
            assert_int_equal(source_says_of(&s, &list), sv_ihas(s.text, sv_from(words[0])) || sv_ihas(s.text, asks));
        }
    }
    assert_true(held > 100 && held < asked - 100);
}

static int release(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spots_of_a_file),
        cmocka_unit_test(lines_of_a_block_are_lines_of_its_host),
        cmocka_unit_test(lines_of_a_string_count_inside_it),
        cmocka_unit_test(places_have_a_total_order),
        cmocka_unit_test(paths_are_joined_inside_the_root),
        cmocka_unit_test(every_word_has_a_name),
        cmocka_unit_test(questions_about_words_are_answered_as_by_a_search),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
