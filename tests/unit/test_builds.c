#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "check/fetch.h"
#include "check/provenance.h"

struct world {
    struct arena arena;
    struct repo repo;
    struct facts facts;
    struct buf text;
};

static void add_file(struct world *w, const char *path, enum source_kind kind, enum lang lang)
{
    struct source *s = vec_new(&w->arena, &w->repo.files, struct source);
    s->path = sv_from(path);
    s->text = sv_copy(&w->arena, buf_view(&w->text));
    s->lines = lines_of(&w->arena, s->text);
    s->kind = kind;
    s->lang = lang;
}

static void collect(struct world *w)
{
    w->facts.arena = w->repo.arena = &w->arena;
    w->facts.repo = &w->repo;
    facts_from_build(&w->facts);
    facts_from_scripts(&w->facts);
}

static void release(struct world *w)
{
    buf_free(&w->text);
    arena_free(&w->arena);
}

static bool limit_was_met(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->repo.limits.n; i++)
        if (sv_eq(w->repo.limits.at[i]->message, sv_from(name)))
            return true;
    return false;
}

static void globs(void **state)
{
    (void)state;
    static const struct { const char *pattern, *path; bool matches; } rows[] = {
        {"src/**", "src/a/b.py", true},      {"src/**", "src", true}, {"a/**", "b/c", false},        {"src/*", "src/a/b.py", false},
        {"**/Dockerfile", "Dockerfile", true}, {"**/Dockerfile", "a/b/Dockerfile", true}, {"*.md", "docs/a.md", false},
        {"a/**/z", "a/z", true},             {"a/**/z", "a/b/c/z", true},    {"a/**/z", "a/b/c/y", false},
        {"p?ckage*.json", "package-lock.json", true}, {"**", "any/thing", true}, {"", "a", false},
        {"**/a/**/b", "x/a/y/a/c/b", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (glob_matches(sv_from(rows[i].pattern), sv_from(rows[i].path)) != rows[i].matches)
            fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].path);
}

/* Many `**` and `*` must not multiply. */
static void globs_end_soon(void **state)
{
    (void)state;
    struct world w = {0};
    struct buf path = {0};
    for (int i = 0; i < 60; i++) {
        buf_puts(&w.text, "**/a*a*a*a/");
        buf_puts(&path, "aaaaaaaaaaaaaaaaaaaaaaaa/");
    }
    buf_puts(&path, "b");
    assert_false(glob_matches(buf_view(&w.text), buf_view(&path)));
    buf_free(&path);
    release(&w);
}

static void copied_words_are_counted(void **state)
{
    (void)state;
    struct world w = {0};
    buf_puts(&w.text, "FROM scratch\nCOPY");
    for (int i = 0; i < 1000; i++)
        buf_printf(&w.text, " file%d", i);
    buf_puts(&w.text, " /app/\n");
    for (int i = 0; i < LIMIT_COPIED_WORDS / 1000 + 1; i++)
        buf_puts(&w.text, "RUN npm install\n");
    add_file(&w, "Dockerfile", SOURCE_DOCKERFILE, LANG_DOCKERFILE);
    collect(&w);
    struct check_run c = {.facts = &w.facts, .arena = &w.arena};
    struct fetching x = fetching_begin(&c);
    struct fetch f;
    for (size_t i = 0; i < w.facts.runs.n; i++)
        fetch_of(&x, w.facts.runs.at[i], &f);
    assert_true(limit_was_met(&w, "copied-words"));
    release(&w);
}

static void image_builds_are_capped(void **state)
{
    (void)state;
    struct world w = {0};
    struct image_builds builds = {0};
    for (int i = 0; i < LIMIT_IMAGE_BUILDS + 5; i++)
        buf_puts(&w.text, "docker build .\n");
    add_file(&w, "build.sh", SOURCE_SCRIPT, LANG_SHELL);
    collect(&w);
    image_builds_of(&w.facts, &w.arena, &builds);
    assert_int_equal(builds.all.n, LIMIT_IMAGE_BUILDS);
    assert_true(limit_was_met(&w, "image-builds"));
    release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globs),
        cmocka_unit_test(globs_end_soon),
        cmocka_unit_test(copied_words_are_counted),
        cmocka_unit_test(image_builds_are_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
