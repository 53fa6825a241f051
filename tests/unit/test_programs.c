#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "check/code.h"

struct world { struct arena arena; struct repo repo; struct facts facts; struct verdicts verdicts; struct check_run first, second; struct buf seen; };

static const struct source *add(struct world *w, const char *path, enum lang lang, const char *text)
{
    struct source *s = arena_new(&w->arena, struct source);
    *s = (struct source){.path = sv_from(path), .text = sv_from(text), .kind = SOURCE_CODE, .lang = lang, .arena = &w->arena};
    s->lines = lines_of(&w->arena, s->text);
    vec_push(&w->arena, &w->repo.files, s);
    return s;
}

static struct world *new_world(void)
{
    struct world *w = test_calloc(1, sizeof *w);
    w->repo.arena = w->facts.arena = &w->arena;
    w->facts.repo = &w->repo;
    w->first = w->second = (struct check_run){.facts = &w->facts, .arena = &w->arena, .out = &w->verdicts};
    w->first.kept = w->second.kept = &w->seen;
    return w;
}

static void free_world(struct world *w)
{
    buf_free(&w->seen);
    arena_free(&w->arena);
    test_free(w);
}

static void note_first(struct check_run *c, const struct program *p) { buf_printf(c->kept, "1%.*s ", SV_ARG(p->src->path)); }
static void note_second(struct check_run *c, const struct program *p) { buf_printf(c->kept, "2%.*s ", SV_ARG(p->src->path)); }

static void looks_follow_each_other_in_one_program(void **state)
{
    (void)state;
    static const char *const attest[] = {"attest", NULL};
    struct world *w = new_world();
    add(w, "a", LANG_PYTHON, "# a text of some length, as those of programs are, about nothing\nx = 1\n");
    add(w, "b", LANG_PYTHON, "# a text of some length, as those of programs are, to ATTEST with\nx = 1\n");
    add(w, "c", LANG_MARKDOWN, "attest\n");
    add(w, "d", LANG_PYTHON, "attest()\n");
    each_program(&w->first, attest, note_first);
    each_program(&w->second, NULL, note_second);
    assert_int_equal(w->seen.n, 0); /* nothing is looked at before all have said what they look for */
    programs_look(&w->verdicts);
    buf_putc(&w->seen, '\0');
    assert_string_equal(w->seen.p, "2a 1b 2b 1d 2d ");
    free_world(w);
}

static const char *const programs[] = {
    "ok = verify(x)\nis_ok = {\"ok\": check.ok(1), 'OK': 2, \"ok \": token}\nlook = broker.ok_(ok)\n# ok\n\"\"\"ok\"\"\"\nverify_ok(f(ok)(1))\n",
    "def ok(ok, *, verify=False):\n    return self.Verify(lambda ok: ok.verifyAll(), re.VERIFY)\n",
    "ok\n", "", "x = 'ok", "verify.ok.verify()[0](ok)(verify())\n",
};
static const char *const words[] = {"ok", "verify", "VERIFY", NULL};

static bool is_word(sv text)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (sv_eq(text, sv_from(words[i])))
            return true;
    return false;
}

static void walks_find_what_a_look_at_each_token_does(void **state)
{
    (void)state;
    struct world *w = new_world();
    for (size_t k = 0; k < sizeof programs / sizeof *programs; k++) {
        const struct program *p = read_program(&w->repo, add(w, "x", LANG_PYTHON, programs[k]));
        struct walk whole = walk_words(p, words), names = walk_names(p, words), within = walk_within(p, words);
        for (size_t i = 0; i < p->n; i++) {
            bool string = p->at[i].kind == TOKEN_STRING;
            if (!string && is_word(program_token(p, i)))
                assert_true(next_word(&whole) && whole.at == i);
            if (is_word(string ? program_string(p, i) : program_token(p, i)))
                assert_true(next_word(&names) && names.at == i);
            if (text_has_any(program_token(p, i), words))
                assert_true(next_word(&within) && within.at == i);
        }
        assert_false(next_word(&whole) || next_word(&names) || next_word(&within));
    }
    free_world(w);
}

static void calls_are_found_as_by_a_look_at_each(void **state)
{
    (void)state;
    struct world *w = new_world();
    for (size_t k = 0; k < sizeof programs / sizeof *programs; k++) {
        const struct program *p = read_program(&w->repo, add(w, "x", LANG_PYTHON, programs[k]));
        assert_int_equal(program_speaks_of(&w->first, p, words), p->src->text.n > 0); /* from here on the index leaves words out */
        struct calls named = calls_named(&w->first, p, words), written = calls_written(&w->first, p, words);
        struct holding holding = calls_holding(&w->first, p, words);
        for (size_t i = 0; i < p->calls.n; i++) {
            const struct call *c = &p->calls.at[i];
            if (call_named(c, words))
                assert_ptr_equal(next_named(&named), c);
            if (is_word(c->name))
                assert_ptr_equal(next_named(&written), c);
            if (call_names(c, words))
                assert_ptr_equal(next_holding(&holding), c);
        }
        assert_null(next_named(&named));
        assert_null(next_named(&written));
        assert_null(next_holding(&holding));
    }
    free_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_follow_each_other_in_one_program),
        cmocka_unit_test(walks_find_what_a_look_at_each_token_does),
        cmocka_unit_test(calls_are_found_as_by_a_look_at_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
