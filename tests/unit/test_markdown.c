#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/markdown.h"
#include "rule/embedded.h"

static void assert_buf(struct buf *b, const char *expected)
{
    buf_putc(b, '\0');
    assert_string_equal(b->p, expected);
    buf_free(b);
}

static void code_spans_outlast_what_they_hold(void **state)
{
    (void)state;
    struct buf b = {0};
    md_code(&b, "plain");
    assert_buf(&b, "`plain`");
    b = (struct buf){0};
    md_code(&b, "a`b``c");
    assert_buf(&b, "```a`b``c```");
    b = (struct buf){0};
    md_code(&b, "`a|b");
    assert_buf(&b, "`` `a|b ``");
    b = (struct buf){0};
    md_code(&b, "");
    assert_buf(&b, "` `");
}

static void text_opens_nothing(void **state)
{
    (void)state;
    static const struct { const char *text, *expected; } cases[] = {
        {"the operator sets it.", "the operator sets it."},
        {"LLM_BASE_URL is read at src/a.py.", "`LLM_BASE_URL` is read at `src/a.py`."},
        {"see ![x](https://evil/p.png) now", "see `![x](https://evil/p.png)` now"},
        {"set `a b: c`, not ${X}.", "set `a b: c`, not `${X}`."},
        {"a ``b ` c`` d ` e_f", "a ``b ` c`` d `` ` `` `e_f`"},
        {"calls f.x() (see a_b) by '@tag'", "calls f.x() (see `a_b`) by `@tag`"},
        {"<img src=x> www.evil.example @someone", "`<img` `src=x>` `www.evil.example` `@someone`"},
        {"(\"${VAR:-x}\")", "(`${VAR:-x}`)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = {0};
        md_text(&b, cases[i].text);
        assert_buf(&b, cases[i].expected);
    }
}

static void a_cell_cannot_be_ended(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 2; i++) {
        size_t cell = md_cell(&b);
        md_code(&b, "a|b");
        md_cell_end(&b, cell);
    }
    assert_buf(&b, "| `a\\|b` | `a\\|b` |");
}

/* The template and the program cannot drift apart: every mark has one who fills it, and the other way round. */
static void every_mark_is_filled(void **state)
{
    (void)state;
    sv text = {embedded_templates[0].bytes, embedded_templates[0].n};
    size_t marks = 0;
    for (size_t at = 0; (at = sv_find_at(text, SV("<!-- FILL: "), at)) != SV_NOT_FOUND; marks++) {
        at += strlen("<!-- FILL: ");
        sv name = sv_sub(text, at, sv_find_at(text, SV(" -->"), at));
        if (!report_fills(name))
            fail_msg("nobody fills %.*s", SV_ARG(name));
    }
    assert_int_equal(marks, 15);
    assert_false(report_fills(SV("no-such-part")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_spans_outlast_what_they_hold),
        cmocka_unit_test(text_opens_nothing),
        cmocka_unit_test(a_cell_cannot_be_ended),
        cmocka_unit_test(every_mark_is_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
