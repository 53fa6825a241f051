#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "doc/read.h"
#include "rule/scan.h"

/* A catalogue, a repository and their hits, made by hand: the matcher without the loader. */
struct bench {
    struct arena arena;
    struct catalogue catalogue;
    struct repo repo;
    struct hits hits;
};

static void begin(struct bench *b)
{
    *b = (struct bench){0};
    b->catalogue.arena = b->catalogue.regexes.arena = b->repo.arena = &b->arena;
}

static void end(struct bench *b)
{
    catalogue_free(&b->catalogue);
    arena_free(&b->arena);
}

static struct pattern *add_rule(struct bench *b, const char *id, const char *literal, const char *regex)
{
    struct rule *r = vec_new(&b->arena, &b->catalogue.rules, struct rule);
    r->id = sv_from(id);
    struct pattern *p = vec_new(&b->arena, &r->patterns, struct pattern);
    p->rule = r;
    p->literals = arena_array(&b->arena, sv, 1);
    p->literals[0] = sv_from(literal);
    p->n_literals = 1;
    p->compiled = regex_new(&b->catalogue.regexes, sv_from(regex), false);
    return p;
}

static struct source *add_file(struct bench *b, const char *path, sv text)
{
    struct source *s = vec_new(&b->arena, &b->repo.files, struct source);
    *s = (struct source){.path = sv_from(path), .text = text, .kind = SOURCE_CODE};
    s->lines = lines_of(&b->arena, text);
    return s;
}

static void run(struct bench *b)
{
    b->catalogue.scanner = scanner_new(&b->catalogue);
    match_all(&b->repo, &b->catalogue, &b->hits);
}

static sv hit_text(const struct hit *h)
{
    return sv_sub(h->place.src->text, h->place.start, h->place.end);
}

/* The same set of hits as a search of every line with the regex alone. */
static void lanes_find_what_a_plain_search_finds(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    add_rule(&b, "a", "foobar", "\\bfoobar\\d*");
    add_rule(&b, "b", "bar", "bar\\d+");
    add_rule(&b, "c", "oba", "[fo]+oba");
    static const char *const words[] = {"foobar", "bar7", "fo\n", "o", "barfoobar12\n", "\n", "foo", "ba", "r1 "};
    unsigned seed = 1;
    size_t expected = 0;
    for (size_t f = 0; f < 40; f++) {
        char text[6000];
        size_t n = 0, want = (f * 397) % 5000, found[3] = {0};
        while (n < want) {
            seed = seed * 1103515245u + 12345u;
            const char *w = words[(seed >> 16) % 9];
            memcpy(text + n, w, strlen(w));
            n += strlen(w);
        }
        sv all = sv_copy(&b.arena, (sv){text, n}), rest = all;
        char path[] = {'f', (char)('a' + f / 10), (char)('0' + f % 10), 0};
        add_file(&b, sv_copy(&b.arena, sv_from(path)).p, all);
        while (rest.p != NULL) {
            sv line = sv_line(&rest);
            for (size_t i = 0; i < b.catalogue.rules.n; i++) {
                struct regex_match m;
                struct regex *r = b.catalogue.rules.at[i]->patterns.at[0]->compiled;
                for (size_t at = 0; regex_find(r, line, at, &m) == REGEX_YES; at = m.end[0])
                    found[i]++;
            }
        }
        for (size_t i = 0; i < 3; i++)
            expected += found[i] < LIMIT_HITS_PER_RULE_FILE ? found[i] : LIMIT_HITS_PER_RULE_FILE;
    }
    run(&b);
    assert_true(expected > 1000);
    assert_int_equal(b.hits.all.n, expected);
    for (size_t i = 1; i < b.hits.all.n; i++)
        assert_true(sv_cmp(b.hits.all.at[i - 1]->place.src->path, b.hits.all.at[i]->place.src->path) < 0 ||
                    b.hits.all.at[i - 1]->place.start <= b.hits.all.at[i]->place.start);
    end(&b);
}

static void a_line_has_several_hits_and_groups(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    add_rule(&b, "env", "env.", "env\\.(?<NAME>\\w+)");
    add_file(&b, "x", SV("none\r\nenv.A + ENV.b + env.C\r\n"));
    run(&b);
    assert_int_equal(b.hits.all.n, 2);
    assert_true(sv_eq(hit_text(b.hits.all.at[0]), SV("env.A")));
    assert_true(sv_eq(hit_group(b.hits.all.at[1], "NAME"), SV("C")));
    assert_null(hit_group(b.hits.all.at[1], "OTHER").p);
    assert_int_equal(line_at(&b.repo.files.at[0]->lines, b.hits.all.at[1]->place.start), 2);
    end(&b);
}

static void filters_hold(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    add_rule(&b, "a-kind", "token", "token")->kinds = 1u << SOURCE_DOC;
    add_rule(&b, "b-lang", "token", "token")->langs = 1u << LANG_GO;
    struct pattern *unless = add_rule(&b, "c-unless", "token", "token");
    unless->unless = regex_new(&b.catalogue.regexes, SV("example"), false);
    add_rule(&b, "d-vendored", "token", "token")->vendored = true;
    add_rule(&b, "e-comment", "token", "\\s*token")->scopes = 1u << IN_COMMENT;
    struct source *s = add_file(&b, "a.py", SV("token = 1\n#  token example\n"));
    s->lang = LANG_PYTHON;
    s = add_file(&b, "b.go", SV("token\n"));
    s->vendored = true;
    s->lang = LANG_GO;
    run(&b);
    assert_int_equal(b.hits.all.n, 5);
    assert_true(sv_eq(b.hits.all.at[0]->pattern->rule->id, SV("c-unless")));
    assert_int_equal(b.hits.all.at[0]->place.start, 0);
    assert_true(sv_eq(b.hits.all.at[1]->pattern->rule->id, SV("d-vendored")));
    assert_true(sv_eq(b.hits.all.at[2]->pattern->rule->id, SV("e-comment")));
    assert_true(sv_eq(b.hits.all.at[3]->pattern->rule->id, SV("d-vendored")));
    assert_true(sv_eq(b.hits.all.at[4]->pattern->rule->id, SV("d-vendored")));
    assert_true(sv_eq(b.hits.all.at[4]->place.src->path, SV("b.go")));
    end(&b);
}

static void the_first_pattern_of_a_rule_speaks(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct pattern *exact = add_rule(&b, "env", "getenv", "getenv\\((?<NAME>\\w+)\\)");
    struct pattern *loose = vec_new(&b.arena, &b.catalogue.rules.at[0]->patterns, struct pattern);
    *loose = *exact;
    loose->literals = arena_array(&b.arena, sv, 1);
    loose->literals[0] = SV("get");
    loose->compiled = regex_new(&b.catalogue.regexes, SV("getenv"), false);
    add_file(&b, "x", SV("getenv(A)\ngetenv\n"));
    run(&b);
    assert_int_equal(b.hits.all.n, 2);
    assert_ptr_equal(b.hits.all.at[0]->pattern, exact);
    assert_ptr_equal(b.hits.all.at[1]->pattern, loose);
    end(&b);
}

static void hidden_characters_do_not_hide(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    add_rule(&b, "env", "getenv", "getenv\\((?<NAME>\\w+)\\)");
    add_file(&b, "x", SV("get\xE2\x80\x8B" "env(A\xC2\xAD" "B) getenv(C)\ngetenv(D)\n"));
    run(&b);
    assert_int_equal(b.hits.all.n, 3);
    assert_true(sv_eq(hit_group(b.hits.all.at[0], "NAME"), SV("AB")));
    assert_int_equal(b.hits.all.at[0]->place.start, 0);
    assert_int_equal(b.hits.all.at[0]->place.end, 15);
    assert_true(sv_eq(hit_group(b.hits.all.at[1], "NAME"), SV("C")));
    assert_int_equal(b.hits.all.at[1]->place.start, 16);
    end(&b);
}

static bool has_limit(const struct repo *r, const char *text)
{
    for (size_t i = 0; i < r->limits.n; i++)
        if (sv_has(r->limits.at[i]->message, sv_from(text)))
            return true;
    return false;
}

static void limits_are_recorded(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    add_rule(&b, "slow", "aaaa", "(a|aa)+(a|aa)+(a|aa)+[bc]$");
    add_rule(&b, "word", "word", "word");
    char *text = arena_array(&b.arena, char, LIMIT_LINE_BYTES * 3);
    memset(text, ' ', LIMIT_LINE_BYTES * 3);
    memcpy(text + LIMIT_LINE_BYTES * 2 + 10, "word", 4);
    add_file(&b, "long", (sv){text, LIMIT_LINE_BYTES * 3});
    sv many = SV("word\n");
    while (many.n < 5 * (LIMIT_HITS_PER_RULE_FILE + 3))
        many = sv_concat(&b.arena, many, SV("word\n"));
    add_file(&b, "many", many);
    char *slow = arena_array(&b.arena, char, 4000);
    memset(slow, 'a', 4000);
    add_file(&b, "slow", (sv){slow, 4000});
    run(&b);
    assert_int_equal(b.hits.all.n, 1 + LIMIT_HITS_PER_RULE_FILE);
    assert_int_equal(b.hits.all.at[0]->place.start, LIMIT_LINE_BYTES * 2 + 10);
    assert_true(has_limit(&b.repo, "line-bytes"));
    assert_true(has_limit(&b.repo, "hits-per-rule-file: word, 3 more"));
    assert_true(has_limit(&b.repo, "regex-matches: slow"));
    end(&b);
}

static void embedded_texts_are_matched(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    add_rule(&b, "word", "word", "word$");
    b.catalogue.scanner = scanner_new(&b.catalogue);
    struct source s = {.path = SV("host"), .text = SV("x\nWORD word")};
    s.lines = lines_of(&b.arena, s.text);
    match_source(&b.repo, &b.catalogue, &s, &b.hits);
    assert_int_equal(b.hits.all.n, 1);
    assert_int_equal(b.hits.all.at[0]->place.start, 7);
    assert_ptr_equal(b.hits.all.at[0]->place.src, &s);
    end(&b);
}

static void no_rules_match_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    add_file(&b, "x", SV("text \xE2\x80\x8B\n"));
    add_file(&b, "empty", SV_NONE);
    run(&b);
    assert_int_equal(b.hits.all.n, 0);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_find_what_a_plain_search_finds),
        cmocka_unit_test(a_line_has_several_hits_and_groups),
        cmocka_unit_test(filters_hold),
        cmocka_unit_test(the_first_pattern_of_a_rule_speaks),
        cmocka_unit_test(hidden_characters_do_not_hide),
        cmocka_unit_test(limits_are_recorded),
        cmocka_unit_test(embedded_texts_are_matched),
        cmocka_unit_test(no_rules_match_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
