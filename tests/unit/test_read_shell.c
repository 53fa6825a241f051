#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/buf.h"
#include "doc/read.h"

static struct shell *read_text(struct repo *r, sv text)
{
    struct source *s = arena_new(r->arena, struct source);
    *s = (struct source){.path = SV("run.sh"), .text = text, .kind = SOURCE_SCRIPT, .lang = LANG_SHELL};
    s->lines = lines_of(r->arena, s->text);
    return read_shell(r, s);
}

static size_t index_of(const struct shell *s, const struct command *c)
{
    for (size_t i = 0; i < s->commands.n; i++)
        if (s->commands.at[i] == c)
            return i;
    return 99;
}

static void show_links(struct buf *b, const struct shell *s, const struct command *c)
{
    if (c->redirect_in.p != NULL)
        buf_printf(b, " <%.*s", SV_ARG(c->redirect_in));
    if (c->redirect_out.p != NULL)
        buf_printf(b, " >%.*s", SV_ARG(c->redirect_out));
    if (c->heredoc.p != NULL)
        buf_printf(b, " <<%s(%.*s)", c->heredoc_quoted ? "'" : "", SV_ARG(c->heredoc));
    if (c->pipe_to != NULL)
        buf_printf(b, " |%zu", index_of(s, c->pipe_to));
    if (c->and_then != NULL)
        buf_printf(b, " &&%zu", index_of(s, c->and_then));
    if (c->or_else != NULL)
        buf_printf(b, " ||%zu", index_of(s, c->or_else));
    if (c->background)
        buf_puts(b, " &");
}

/* "0 ?f:X=1 prog <arg> …" one command a line */
static sv show(struct arena *a, const struct shell *s)
{
    struct buf b = {0};
    for (size_t i = 0; i < s->commands.n; i++) {
        const struct command *c = s->commands.at[i];
        if (i != 0)
            buf_putc(&b, '\n');
        if (c->function.n != 0)
            buf_printf(&b, "%.*s: ", SV_ARG(c->function));
        buf_puts(&b, c->in_condition ? "?" : "");
        buf_puts(&b, c->negated ? "!" : "");
        for (const struct assign *x = c->assigns; x != NULL; x = x->next)
            buf_printf(&b, "%.*s={%.*s} ", SV_ARG(x->name), SV_ARG(x->value));
        for (size_t k = 0; k < c->n; k++)
            buf_printf(&b, "%s<%.*s>%s%s", k == 0 ? "" : " ", SV_ARG(c->words[k].text), c->words[k].quoted ? "q" : "",
                       c->words[k].expands ? "$" : "");
        show_links(&b, s, c);
    }
    sv copy = sv_copy(a, buf_view(&b));
    buf_free(&b);
    return copy;
}

static void scripts_become_commands(void **state)
{
    (void)state;
    static const struct { const char *text, *commands; } rows[] = {
        {"a b 'c d' \"e $f\" g\\ h", "<a> <b> <c d>q <e $f>q$ <g h>q"},
        {"X=1 Y='a b' prog; Z=2", "X={1} Y={a b} <prog>\nZ={2} "},
        {"a | b && c || d & e", "<a> |1\n<b> &&2\n<c> ||3\n<d> &\n<e>"},
        {"a \\\n  b # c\nd#e", "<a> <b>\n<d#e>"},
        {"sudo -u app -E env A=1 timeout 5 /bin/prog x", "A={1} </bin/prog> <x>"},
        {"command -v curl; command ls; exec nginx -g x", "<command> <-v> <curl>\n<ls>\n<nginx> <-g> <x>"},
        {"a >x 2>y <z; b &>all; c 2>&1 >>d", "<a> <z >x\n<b> >all\n<c> >d"},
        {"if ! a; then b; elif c; then d; else e; fi", "?!<a>\n<b>\n?<c>\n<d>\n<e>"},
        {"while read x; do b; done < in", "?<read> <x>\n<b>\n <in"},
        {"for x in 1 $(ls); do echo $x; done", "<ls>\n<echo> <$x>$"},
        {"for ((i=0; i<3; i++)); do a; done", "<a>"},
        {"case $1 in\n a|b) x ;;\n (*) y ; z ;;\nesac; w", "<x>\n<y>\n<z>\n<w>"},
        {"case a in b) case c in d) e;; esac;; f) g;; esac", "<e>\n<g>"},
        {"f() { a; { b; }; }\nfunction g { c; }\nd", "f: <a>\nf: <b>\ng: <c>\n<d>"},
        {"f() ( a )\nb", "f: <a>\n<b>"},
        {"x=$(a | b) c \"$(d \"e\")\" `f`", "x={$(a | b)} <c> <$(d \"e\")>q$ <`f`>$\n<a> |2\n<b>\n<d> <e>q\n<f>"},
        {"(a; b $(c)) && d", "<a>\n<b> <$(c)>$ &&3\n<c>\n<d>"},
        {"cat <<E >o\nx $(y)\nE\nz", "<cat> >o <<(x $(y)\n)\n<y>\n<z>"},
        {"cat <<'E' | sh\nx $(y)\nE", "<cat> <<'(x $(y)\n) |1\n<sh>"},
        {"cat <<-E\n\ta\n\tE\nb <<< c", "<cat> <<(\ta\n)\n<b>"},
        {"a=(1 2 $(b)) ; c+=(d)", "a={(1 2 $(b))} \n<b>\nc={(d)} "},
        {"[[ a == b && -f c ]] || d; [ x ]", "<[[> <a> <==> <b> <&&> <-f> <c> <]]> ||1\n<d>\n<[> <x> <]>"},
        {"sh -c 'a; b'; bash -ec \"c $x\"", "<sh> <-c> <a; b>q\n<a>\n<b>\n<bash> <-ec> <c $x>q$\n<c> <$x>$"},
        {"echo ${x:-\"}\"} ${y:-$(a)}", "<echo> <${x:-\"}\"}>q$ <${y:-$(a)}>$\n<a>"},
        {"diff <(a) >(b)", "<diff> <<(a)>$ <>(b)>$\n<a>\n<b>"},
        {"((x=1)); a=$((1<<2)); b", "a={$((1<<2))} \n<b>"},
        {"3<f a; echo 5 $'x'", "<a>\n<echo> <5> <x>q"},
        {"", ""},
        {"# only", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        sv got = show(&a, read_text(&r, sv_from(rows[i].text)));
        if (!sv_eq(got, sv_from(rows[i].commands)))
            fail_msg("%s\n--- got\n%.*s\n--- want\n%s", rows[i].text, SV_ARG(got), rows[i].commands);
        arena_free(&a);
    }
}

static void errexit_is_seen(void **state)
{
    (void)state;
    static const struct { const char *text; bool errexit; } rows[] = {
        {"set -e", true}, {"set -euo pipefail", true}, {"set -o errexit", true}, {"#!/bin/sh -e\n", true},
        {"#!/bin/sh\nset -u", false}, {"set +e", false}, {"set -- -x", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        if (read_text(&r, sv_from(rows[i].text))->errexit != rows[i].errexit)
            fail_msg("%s", rows[i].text);
        arena_free(&a);
    }
}

static void places_are_exact(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo r = {.arena = &a};
    sv text = SV("x; docker  run \"a b\" <<E\nbody\nE\n");
    const struct command *c = read_text(&r, text)->commands.at[1];
    assert_true(sv_eq(sv_sub(text, c->words[2].place.start, c->words[2].place.end), SV("\"a b\"")));
    assert_true(sv_eq(sv_sub(text, c->heredoc_place.start, c->heredoc_place.end), SV("body\n")));
    assert_int_equal(c->place.start, 3);
    assert_true(sv_eq(sv_sub(text, c->place.start, c->place.end), SV("docker  run \"a b\" <<E")));
    arena_free(&a);
}

static void commands_answer_questions(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo r = {.arena = &a};
    const struct command *c = read_text(&r, SV("/usr/bin/docker run --name=x --tag y -d --last"))->commands.at[0];
    assert_true(sv_eq(command_name(c), SV("docker")));
    assert_true(command_has(c, "-d") && !command_has(c, "docker"));
    assert_true(sv_eq(command_option(c, "--name"), SV("x")));
    assert_true(sv_eq(command_option(c, "--tag"), SV("y")));
    assert_true(command_option(c, "--last").p == NULL && command_option(c, "--na").p == NULL);
    arena_free(&a);
}

static void hostile_bytes_end(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\"", "'", "`", "$(", "${", "((", "(", ")", "}", "{ ", "\\", "\n", "<<E ", "\nE\n", "case x in ", "esac ",
                                         ";;", "|", "&", "if ", "f() ", "a=(", "[[ ", "]] ", "#", " ", "sh -c '", "x", "2>", "\xFF"};
    enum { N = sizeof pieces / sizeof *pieces };
    unsigned seed = 7;
    for (int round = 0; round < 3000; round++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        struct buf b = {0};
        for (int k = 0; k < 60; k++) {
            seed = seed * 1103515245u + 12345u;
            buf_puts(&b, pieces[(seed >> 16) % N]);
        }
        sv text = sv_copy(&a, buf_view(&b));
        const struct shell *s = read_text(&r, text);
        for (size_t i = 0; i < s->commands.n; i++) {
            const struct command *c = s->commands.at[i];
            if (c->place.start > c->place.end || c->place.end > text.n)
                fail_msg("%zu..%zu of %zu: %.*s", c->place.start, c->place.end, text.n, SV_ARG(text));
            for (size_t k = 0; k < c->n; k++)
                assert_true(c->words[k].place.end <= text.n);
        }
        buf_free(&b);
        arena_free(&a);
    }
}

static void nesting_ends_and_says_so(void **state)
{
    (void)state;
    struct arena a = {0};
    for (int depth = LIMIT_SHELL_DEPTH / 2; depth <= LIMIT_SHELL_DEPTH * 2; depth += LIMIT_SHELL_DEPTH * 3 / 2) {
        struct repo r = {.arena = &a};
        struct buf b = {0};
        for (int i = 0; i < depth; i++)
            buf_puts(&b, "( ");
        buf_puts(&b, "innermost");
        for (int i = 0; i < depth; i++)
            buf_puts(&b, " )");
        (void)read_text(&r, sv_copy(&a, buf_view(&b)));
        assert_int_equal(r.limits.n != 0, depth > LIMIT_SHELL_DEPTH);
        buf_free(&b);
    }
    arena_free(&a);
}

static void repeated_openings_take_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {"$(", "\"$(", "`", "((", "( ", "${", "<<E ", "a <<E\n", "case x in ", "'", "a=(", "sh -c '", "f() ", "{ ", "[[ "};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        struct buf b = {0};
        while (b.n < 100000)
            buf_puts(&b, pieces[k]);
        assert_true(read_text(&r, sv_copy(&a, buf_view(&b)))->commands.n <= b.n);
        buf_free(&b);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_become_commands),
        cmocka_unit_test(errexit_is_seen),
        cmocka_unit_test(places_are_exact),
        cmocka_unit_test(commands_answer_questions),
        cmocka_unit_test(hostile_bytes_end),
        cmocka_unit_test(nesting_ends_and_says_so),
        cmocka_unit_test(repeated_openings_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
