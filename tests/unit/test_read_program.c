#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "doc/read_program.h"

static const struct tokens *tokens_of(struct repo *r, enum lang lang, sv text)
{
    struct source *s = arena_new(r->arena, struct source);
    *s = (struct source){.path = SV("x"), .text = text, .kind = SOURCE_CODE, .lang = lang};
    s->lines = lines_of(r->arena, s->text);
    return read_tokens(r, s);
}

static const struct program *program_of(struct repo *r, enum lang lang, sv text) { return read_program(r, tokens_of(r, lang, text)->src); }

/* "function f(a, b){body} > if" per line: kind, name, parameters, first token of the body, what it follows */
static sv show_blocks(struct arena *a, const struct program *c)
{
    static const char *const kinds[] = {"other", "function", "type", "if", "else", "try", "catch", "finally", "loop", "arm"};
    struct buf b = {0};
    for (size_t i = 0; i < c->blocks.n; i++) {
        const struct block *k = c->blocks.at[i];
        buf_printf(&b, "%s%s", i == 0 ? "" : "\n", kinds[k->kind]);
        if (k->name.n != 0)
            buf_printf(&b, " %.*s", SV_ARG(k->name));
        if (k->params_end > k->params)
            buf_printf(&b, "(%.*s)", SV_ARG(program_text(c, k->params, k->params_end)));
        buf_printf(&b, " {%.*s}", SV_ARG(sv_trim(program_text(c, k->body, k->body_end))));
        if (k->parent != NULL)
            buf_printf(&b, " in %s", kinds[k->parent->kind]);
        if (k->follows != NULL)
            buf_printf(&b, " after %s", kinds[k->follows->kind]);
    }
    sv copy = sv_copy(a, buf_view(&b));
    buf_free(&b);
    return copy;
}

static void blocks_are_seen_in_each_language(void **state)
{
    (void)state;
    static const struct { enum lang lang; const char *text, *blocks; } rows[] = {
        {LANG_PYTHON, "def f(a, b=1):\n  if a: x\n  elif b:\n    y\n  else:\n    z\nw",
         "function f(a, b=1) {if a: x\n  elif b:\n    y\n  else:\n    z}\nif {x} in function\nif {y} in function after if\nelse {z} in function after if"},
        {LANG_PYTHON, "try:\n  a\nexcept E as e:\n  pass\nclass C:\n  @get('/')\n  async def g(self):\n    return {'a': 1,\n 'b': 2}\n",
         "try {a}\ncatch {pass} after try\ntype C {@get('/')\n  async def g(self):\n    return {'a': 1,\n 'b': 2}}\nfunction g(self) {return {'a': 1,\n 'b': 2}} in type"},
        {LANG_PYTHON, "if (lambda x: x)(1):\n\tb\n", "if {b}"},
        {LANG_JAVASCRIPT, "async function f(a) { if (a) { b } else if (c) { d } else { e } }",
         "function f(a) {if (a) { b } else if (c) { d } else { e }}\nif {b} in function\nif {d} in function after if\nelse {e} in function after if"},
        {LANG_JAVASCRIPT, "const g = async (x, y) => { try { a } catch (e) { b } }",
         "function g(x, y) {try { a } catch (e) { b }}\ntry {a} in function\ncatch {b} in function after try"},
        {LANG_JAVASCRIPT, "app.get('/x', auth, (req, res) => { const o = { a: 1 }; if (q) return 1; });",
         "function(req, res) {const o = { a: 1 }; if (q) return 1;}\nif {return 1} in function"},
        {LANG_JAVASCRIPT, "const r = { '/k': async () => ({ k: v }), m(a) { b } }", "function /k {({ k: v })}\nfunction m(a) {b}"},
        {LANG_TYPESCRIPT, "class A { private async m(x: string): Promise<{a: B}> { c } }", "type A {private async m(x: string): Promise<{a: B}> { c }}\nfunction m(x: string) {c} in type"},
        {LANG_RUST, "impl A { async fn f(&self, d: [u8; 64]) -> Result<Map<K, V>, E> { c } }", "type A {async fn f(&self, d: [u8; 64]) -> Result<Map<K, V>, E> { c }}\nfunction f(&self, d: [u8; 64]) {c} in type"},
        {LANG_TYPESCRIPT, "function f(a: A): Promise<Map<string, X>> { c }", "function f(a: A) {c}"},
        {LANG_RUST, "impl A for B { pub async fn f(&self) -> Result<()> { let x = match y { Ok(v) => v, Err(e) => { z } }; if let Some(S { a }) = b { c } } }",
         "type A {pub async fn f(&self) -> Result<()> { let x = match y { Ok(v) => v, Err(e) => { z } }; if let Some(S { a }) = b { c } }}\n"
         "function f(&self) {let x = match y { Ok(v) => v, Err(e) => { z } }; if let Some(S { a }) = b { c }} in type\n"
         "other {Ok(v) => v, Err(e) => { z }} in function\narm {v} in other\narm {z} in other\nif {c} in function"},
        {LANG_GO, "func (s *S) F(a int) error {\n\tx := T{A: 1}\n\tif err := g(); err != nil {\n\t\treturn err\n\t}\n}",
         "function F(a int) {x := T{A: 1}\n\tif err := g(); err != nil {\n\t\treturn err\n\t}}\nif {return err} in function"},
        {LANG_SHELL, "f() {\n if [ a ]; then b; elif c; then d\n else e; fi\n}\nfor x in y; do z; done",
         "function f {if [ a ]; then b; elif c; then d\n else e; fi}\nif {b;} in function\nif {d} in function after if\nelse {e;} in function after if\nloop {z;}"},
        {LANG_HTML, "<p>it's</p><script>function f() { if (a) { b } }</script>", "function f {if (a) { b }}\nif {b} in function"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        sv got = show_blocks(&a, program_of(&r, rows[i].lang, sv_from(rows[i].text)));
        if (!sv_eq(got, sv_from(rows[i].blocks)))
            fail_msg("%s\n--- got\n%.*s\n--- want\n%s", rows[i].text, SV_ARG(got), rows[i].blocks);
        arena_free(&a);
    }
}

static void calls_and_assignments_are_seen(void **state)
{
    (void)state;
    static const struct { enum lang lang; const char *text, *chains, *assigns; } rows[] = {
        {LANG_PYTHON, "x = a.b(1, c(2)).d()\nself.y: int = f\nif x == g(): pass", "a.b a.b(1, c(2)).d c g", "x=a.b(1, c(2)).d() y=f"},
        {LANG_JAVASCRIPT, "init().catch(e => f())", "f init init().catch", ""},
        {LANG_RUST, "#[error(\"x\")] fn a() { g() }", "g", ""},
        {LANG_JAVASCRIPT, "const { key: k, chain } = await client.getKey('/a')\nx?.y(z)\nif (b) {}", "client.getKey x?.y", "k=await client.getKey('/a') chain=await client.getKey('/a')"},
        {LANG_JAVASCRIPT, "const q = await fetch(u)\n  .then(r => r.json())\nnext()", "fetch fetch(u)\n  .then next r.json", "q=await fetch(u)\n  .then(r => r.json())"},
        {LANG_TYPESCRIPT, "let a: Map<string, B> = new Map<string, B>()", "Map<string, B>", "a=new Map<string, B>()"},
        {LANG_RUST, "let _ = verify::<T>(&q)?.check(); println!(\"{}\", x);", "println! verify::<T> verify::<T>(&q)?.check", "_=verify::<T>(&q)?.check()"},
        {LANG_TYPESCRIPT, "interface A {\n  getQuote(data: string): Promise<Q>\n}\nconst x = ok ? f(1) : g(2)", "f g", "x=ok ? f(1) : g(2)"},
        {LANG_RUST, "let (a, mut b) = f(); if let Some(x) = y { }", "Some f", "a=f() b=f() x=y { }"},
        {LANG_PYTHON, "a, b = f(c, d=1)", "f", "b=f(c, d=1) a=f(c, d=1)"},
        {LANG_GO, "q, err := c.GetQuote(ctx, data)\nw = q", "c.GetQuote", "err=c.GetQuote(ctx, data) q=c.GetQuote(ctx, data) w=q"},
        {LANG_GO, "type Q interface {\n\tQuote(d []byte) (string, error)\n}\nfunc (s *S) Quote(d []byte) (string, error) {\n\treturn f(d)\n}", "f", ""},
        {LANG_GO, "const (\n\tA = \"a\"\n\tB int = 2\n)\nf(x)", "f", "A=\"a\" B=2"},
        {LANG_PYTHON, "def f(a): return g(a)\nd['k'] = 1", "g", "k=1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        const struct program *c = program_of(&r, rows[i].lang, sv_from(rows[i].text));
        sv chains = SV(""), assigns = SV("");
        for (size_t k = 0; k < c->calls.n; k++)
            for (size_t at = k + 1; at < c->calls.n; at++)
                if (sv_cmp(c->calls.at[at].chain, c->calls.at[k].chain) < 0) {
                    struct call swap = c->calls.at[at];
                    c->calls.at[at] = c->calls.at[k], c->calls.at[k] = swap;
                }
        for (size_t k = 0; k < c->calls.n; k++)
            chains = sv_printf(&a, "%.*s%s%.*s", SV_ARG(chains), k == 0 ? "" : " ", SV_ARG(c->calls.at[k].chain));
        for (size_t k = 0; k < c->assigns.n; k++)
            assigns = sv_printf(&a, "%.*s%s%.*s=%.*s", SV_ARG(assigns), k == 0 ? "" : " ", SV_ARG(c->assigns.at[k].target),
                                SV_ARG(program_text(c, c->assigns.at[k].value, c->assigns.at[k].value_end)));
        if (!sv_eq(chains, sv_from(rows[i].chains)) || !sv_eq(assigns, sv_from(rows[i].assigns)))
            fail_msg("%s\n got  %.*s | %.*s\n want %s | %s", rows[i].text, SV_ARG(chains), SV_ARG(assigns), rows[i].chains, rows[i].assigns);
        arena_free(&a);
    }
}

static void questions_have_answers(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo r = {.arena = &a};
    const struct program *c = program_of(&r, LANG_PYTHON, SV("K = 'x'\ndef f(q):\n  if q:\n    log(f'{q} ok')\n  else:\n    raise E\n  g(1, [2, 3], key=K)\n"));
    const struct call *log = &c->calls.at[0], *g = &c->calls.at[1];
    assert_true(sv_eq(program_function_at(c, log->open)->name, SV("f")));
    assert_true(program_mentions(c, log->open, log->close, SV("q")) && !program_mentions(c, log->open, log->close, SV("ok")));
    assert_true(program_says(c, log->open, log->close, "OK"));
    size_t from, to;
    assert_true(program_argument(c, g, 1, &from, &to) && sv_eq(program_text(c, from, to), SV("[2, 3]")));
    assert_true(program_named_argument(c, g, "key", &from, &to) && sv_eq(program_text(c, from, to), SV("K")));
    assert_false(program_argument(c, g, 3, &from, &to));
    assert_true(sv_eq(program_text(c, program_assigned(c, SV("K"), from)->value, program_assigned(c, SV("K"), from)->value_end), SV("'x'")));
    assert_false(program_leaves(c, c->blocks.at[1]->body, c->blocks.at[1]->body_end));
    assert_true(program_leaves(c, c->blocks.at[2]->body, c->blocks.at[2]->body_end));
    arena_free(&a);
}

/* One row serves both: what stood in a comment is known as that, and a line end in a list is none. */
static void tokens_serve_lexer_and_program(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo r = {.arena = &a};
    const struct tokens *t = tokens_of(&r, LANG_JAVASCRIPT, SV("f(a, /* b\n */ c\n)\n// d\ng()"));
    const struct program *p = read_program(&r, t->src);
    assert_ptr_equal(p->at, t->at);
    assert_int_equal(t->n, 10); /* f ( a , c ) N g ( ) */
    assert_int_equal(p->n, 10);
    assert_int_equal(token_length(&p->at[p->n]), 0);
    assert_int_equal(p->n_comments, 2);
    assert_true(sv_eq(token_text(p->src, &p->comments[0]), SV("/* b\n */")) && sv_eq(token_text(p->src, &p->comments[1]), SV("// d")));
    assert_int_equal(scope_at(t, 0), IN_CODE);
    assert_int_equal(scope_at(t, 8), IN_COMMENT);
    assert_int_equal(scope_at(t, 14), IN_CODE);
    assert_int_equal(scope_at(t, 20), IN_COMMENT);
    assert_int_equal(scope_at(t, 23), IN_CODE);
    arena_free(&a);
}

/* Each bracket with its partner, counted from one; 0 where it has none. */
static void brackets_know_their_partners(void **state)
{
    (void)state;
    static const struct { const char *text; size_t partners[8]; } rows[] = {
        {"([{}])", {6, 5, 4, 3, 2, 1}}, {"(]{)", {4, 0, 0, 1}},  {"((", {0, 0}},           {"{(})", {3, 0, 1, 0}},
        {")(}[]", {0, 0, 0, 5, 4}},     {"({[(}", {0, 5, 0, 0, 2}}, {"(){[}", {2, 1, 5, 0, 3}},
        {"([[[)", {5, 0, 0, 0, 1}}, {"([[[[)", {0, 0, 0, 0, 0, 0}}, /* too many strays: it closes none */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        const struct program *p = program_of(&r, LANG_JAVASCRIPT, sv_from(rows[i].text));
        assert_int_equal(p->n, strlen(rows[i].text));
        for (size_t k = 0; k < p->n; k++)
            assert_int_equal(program_match(p, k), rows[i].partners[k] - 1);
        arena_free(&a);
    }
}

/* Of a page its scripts are the program, with the brackets of each. */
static void pages_give_their_scripts(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo r = {.arena = &a};
    const struct tokens *t = tokens_of(&r, LANG_HTML, SV("<p>f(x)</p><script>g({ // y\n})</script><b>h()</b><script>i()</script>"));
    const struct program *p = read_program(&r, t->src);
    assert_true(t->n > p->n);
    assert_true(sv_eq(program_text(p, 0, p->n), SV("g({ // y\n})</script><b>h()</b><script>i()")));
    assert_int_equal(p->calls.n, 2); /* g, i */
    assert_int_equal(p->n_comments, 1);
    arena_free(&a);
}

static void hostile_bytes_end(void **state)
{
    (void)state;
    static const char *const pieces[] = {"(", ")", "{", "}", "[", "]", "if ", "else ", "def f", ":", "\n", "\n  ", "=>", "=", ",", ";", ".", "x",
                                         "const {", "fn ", "then\n", "fi\n", "case x in ", "<", ">", "!", "?.", "'s'", "@", "::", "func (", "|"};
    enum { N = sizeof pieces / sizeof *pieces };
    unsigned seed = 3;
    for (int round = 0; round < 600; round++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        struct buf b = {0};
        for (int k = 0; k < 80; k++) {
            seed = seed * 1103515245u + 12345u;
            buf_puts(&b, pieces[(seed >> 16) % N]);
        }
        sv text = sv_copy(&a, buf_view(&b));
        static const enum lang langs[] = {LANG_PYTHON, LANG_TYPESCRIPT, LANG_RUST, LANG_GO, LANG_SHELL, LANG_HTML};
        for (size_t l = 0; l < sizeof langs / sizeof *langs; l++) {
            const struct program *c = program_of(&r, langs[l], text);
            for (size_t i = 0; i < c->blocks.n; i++)
                assert_true(c->blocks.at[i]->body <= c->n + 1 && c->blocks.at[i]->body_end <= c->n);
            for (size_t i = 0; i < c->calls.n; i++) {
                size_t from, to;
                for (size_t k = 0; k < 4; k++)
                    if (program_argument(c, &c->calls.at[i], k, &from, &to))
                        assert_true(from < to && to <= c->calls.at[i].close);
            }
            for (size_t i = 0; i < c->n; i++)
                (void)program_function_at(c, i);
        }
        buf_free(&b);
        arena_free(&a);
    }
}

static void repeated_openings_take_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {"(", "{", "a = ", "a.", "x => ", "if (", "if x:\n", "f(", "else ", "a<", "then\n"};
    static const enum lang langs[] = {LANG_PYTHON, LANG_TYPESCRIPT, LANG_RUST, LANG_GO, LANG_SHELL};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        struct buf b = {0};
        while (b.n < 20000)
            buf_puts(&b, pieces[k]);
        for (size_t l = 0; l < sizeof langs / sizeof *langs; l++) {
            struct arena a = {0};
            struct repo r = {.arena = &a};
            assert_true(program_of(&r, langs[l], buf_view(&b))->n <= b.n);
            arena_free(&a);
        }
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_seen_in_each_language),
        cmocka_unit_test(calls_and_assignments_are_seen),
        cmocka_unit_test(questions_have_answers),
        cmocka_unit_test(tokens_serve_lexer_and_program), cmocka_unit_test(brackets_know_their_partners), cmocka_unit_test(pages_give_their_scripts),
        cmocka_unit_test(hostile_bytes_end),
        cmocka_unit_test(repeated_openings_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
