#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sv.h"
#include "base/text.h"

static void cut_splits_at_the_first_separator(void **state)
{
    (void)state;
    sv rest = SV("a=b=c");
    assert_true(sv_eq(sv_cut(&rest, '='), SV("a")));
    assert_true(sv_eq(rest, SV("b=c")));
    sv_cut(&rest, '=');
    assert_true(sv_eq(sv_cut(&rest, '='), SV("c")));
    assert_null(rest.p);
}

static void find_sees_the_last_possible_place(void **state)
{
    (void)state;
    assert_int_equal(sv_find(SV("xxabc"), SV("abc")), 2);
    assert_int_equal(sv_find(SV("aab"), SV("ab")), 1);
    assert_true(sv_find(SV("ab"), SV("abc")) == SV_NOT_FOUND);
    assert_true(sv_ihas(SV("Known ISSUE"), SV("known issue")));
}

static size_t first_place(sv s, sv needle, bool any_case, size_t from)
{
    for (size_t i = from; i + needle.n <= s.n; i++)
        if (any_case ? sv_istarts(sv_sub(s, i, s.n), needle) : sv_starts(sv_sub(s, i, s.n), needle))
            return i;
    return SV_NOT_FOUND;
}

/* Short and long texts are searched in two ways, from the rarest byte of the word. */
static void find_sees_the_first_place(void **state)
{
    (void)state;
    static const char letters[] = "aAeExX_q";
    char text[300], word[5];
    unsigned seed = 1;
    for (int round = 0; round < 4000; round++) {
        size_t n = (size_t)round % sizeof text, w = 1 + (size_t)round % sizeof word;
        for (size_t i = 0; i < n; i++)
            text[i] = letters[(seed = seed * 1103515245u + 12345u) >> 16 & 7];
        for (size_t i = 0; i < w; i++)
            word[i] = letters[(seed = seed * 1103515245u + 12345u) >> 16 & 7];
        size_t from = n == 0 ? 0 : (size_t)round / 7 % n;
        assert_true(sv_ifind((sv){text, n}, (sv){word, w}) == first_place((sv){text, n}, (sv){word, w}, true, 0));
        assert_true(sv_find_at((sv){text, n}, (sv){word, w}, from) == first_place((sv){text, n}, (sv){word, w}, false, from));
    }
}

static void what_is_given_back_is_handed_out_again_as_zeros(void **state)
{
    (void)state;
    struct arena a = {0};
    char *long_array = arena_array(&a, char, 1000);
    long_array[0] = 'x';
    size_t before = a.total;
    arena_give_back(&a, long_array + 10, long_array + 1000);
    assert_int_equal(a.total, before - 990);
    char *next = arena_array(&a, char, 100);
    assert_true(next >= long_array + 10 && next < long_array + 1000);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(next[i], 0);
    arena_give_back(&a, long_array, long_array + 10); /* no longer the last: nothing happens */
    assert_int_equal(long_array[0], 'x');
    assert_true(arena_new(&a, char) > next);
    arena_free(&a);
}

static void an_array_grows_where_it_is(void **state)
{
    (void)state;
    struct arena a = {0};
    ARRAY(unsigned) row = {0};
    array_end(&a, &row); /* nothing to give back */
    *array_new(&a, &row) = 0;
    const unsigned *first = row.at;
    for (unsigned i = 1; i < 1000; i++)
        *array_new(&a, &row) = i;
    assert_ptr_equal(row.at, first);
    char *behind = arena_array(&a, char, 1); /* from here on it has to move */
    size_t room = row.cap;
    for (unsigned i = 1000; i < 3000; i++)
        *array_new(&a, &row) = i;
    assert_true(row.at != first && room < row.cap);
    size_t before = a.total, unused = row.cap - row.n;
    array_end(&a, &row);
    assert_int_equal(a.total, before - unused * sizeof *row.at);
    for (unsigned i = 0; i < 3000; i++)
        assert_int_equal(row.at[i], i);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(first[i], i);
    assert_int_equal(*behind, 0);
    arena_free(&a);
}

/* Blocks double, and from 4 MB on they begin at a large page of the system. */
static void an_arena_of_many_megabytes_is_zeros(void **state)
{
    (void)state;
    enum { ARRAYS = 12, WORDS = 300000 };
    struct arena a = {0};
    uint64_t *before = NULL;
    for (size_t k = 0; k < ARRAYS; k++) {
        size_t words = (size_t)WORDS << k % 3;
        uint64_t *at = arena_array(&a, uint64_t, words);
        assert_int_equal((uintptr_t)at % _Alignof(uint64_t), 0);
        for (size_t i = 0; i < words; i += 61) {
            assert_true(at[i] == 0);
            at[i] = k + 1;
        }
        assert_true(before == NULL || before[0] == k);
        before = at;
    }
    arena_free(&a);
    assert_null(a.blocks);
}

static void lines_and_columns_count_code_points(void **state)
{
    (void)state;
    struct arena a = {0};
    sv text = SV("one\r\n\xC3\xA4\xE2\x82\xACx\n");
    struct lines l = lines_of(&a, text);
    assert_int_equal(l.n, 3);
    assert_int_equal(line_at(&l, 4), 1);
    assert_int_equal(line_at(&l, 5), 2);
    assert_int_equal(column_at(&l, text, 10), 3);
    assert_true(sv_eq(line_text(&l, text, 1), SV("one")));
    assert_true(sv_eq(line_text(&l, text, 3), SV("")));
    arena_free(&a);
}

static void utf8_goes_there_and_back(void **state)
{
    (void)state;
    static const unsigned points[] = {0, 'a', 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        char bytes[4];
        size_t size, n = utf8_encode(points[i], bytes);
        assert_int_equal(utf8_decode((sv){bytes, n}, &size), points[i]);
        assert_int_equal(size, n);
    }
}

static void hostile_text_is_shown_and_not_obeyed(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_true(sv_eq(text_clean(&a, SV("  a\t\tb \x1B[2Jc\n")), SV("a b \\u{001B}[2Jc")));
    assert_true(sv_eq(text_escape(&a, SV("x\xE2\x80\xAEy\xFFz")), SV("x\\u{202E}y\xEF\xBF\xBDz")));
    assert_true(sv_eq(text_escape(&a, SV("\xED\xA0\x80")), SV("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")));
    char many[1000];
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = 'x';
    assert_true(text_clean(&a, (sv){many, sizeof many}).n <= 200);
    arena_free(&a);
}

static void code_points_survive_encoding(void **state)
{
    (void)state;
    static const unsigned points[] = {0x24, 0xAD, 0x7FF, 0x800, 0x200B, 0xFEFF, 0x10000, 0xE0041, 0x10FFFF};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        char bytes[4];
        size_t n = utf8_encode(points[i], bytes), size;
        assert_int_equal(utf8_decode((sv){bytes, n}, &size), points[i]);
        assert_int_equal(size, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_splits_at_the_first_separator),
        cmocka_unit_test(find_sees_the_last_possible_place),
        cmocka_unit_test(find_sees_the_first_place),
        cmocka_unit_test(what_is_given_back_is_handed_out_again_as_zeros),
        cmocka_unit_test(an_array_grows_where_it_is),
        cmocka_unit_test(an_arena_of_many_megabytes_is_zeros),
        cmocka_unit_test(lines_and_columns_count_code_points),
        cmocka_unit_test(utf8_goes_there_and_back),
        cmocka_unit_test(hostile_text_is_shown_and_not_obeyed),
        cmocka_unit_test(code_points_survive_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
