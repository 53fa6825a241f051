#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "doc/read.h"

static const struct tokens *lex(struct repo *r, enum lang lang, sv text)
{
    struct source *s = arena_new(r->arena, struct source);
    *s = (struct source){.path = SV("x"), .text = text, .kind = SOURCE_CODE, .lang = lang};
    s->lines = lines_of(r->arena, s->text);
    return read_tokens(r, s);
}

/* "w:if s:'a' c:# x n": comments where they stand, also those that a program keeps apart. */
static sv show(struct arena *a, const struct tokens *t)
{
    struct buf b = {0};
    static const char letters[] = "wnscpN";
    for (size_t i = 0, comments = 0; i + comments < t->n + t->n_comments;) {
        bool comment = comments < t->n_comments && (i == t->n || t->comments[comments].start < t->at[i].start);
        const struct token *k = comment ? &t->comments[comments++] : &t->at[i++];
        if (i + comments != 1)
            buf_putc(&b, ' ');
        buf_putc(&b, letters[k->kind]);
        if (k->kind != TOKEN_NEWLINE)
            buf_printf(&b, ":%.*s", SV_ARG(token_text(t->src, k)));
    }
    sv copy = sv_copy(a, buf_view(&b));
    buf_free(&b);
    return copy;
}

static void languages_give_their_tokens(void **state)
{
    (void)state;
    static const struct { enum lang lang; const char *text, *tokens; } rows[] = {
        {LANG_PYTHON, "x = f'{a}' # c\n", "w:x p:= s:f'{a}' c:# c N"},
        {LANG_PYTHON, "a(b,\n c)\nd \\\n e", "w:a p:( w:b p:, w:c p:) N w:d w:e"},
        {LANG_PYTHON, "'''a\n'b'\n''' + rb\"x\\\"\"", "s:'''a\n'b'\n''' p:+ s:rb\"x\\\"\""},
        {LANG_PYTHON, "'open\nx", "s:'open N w:x"},
        {LANG_PYTHON, "bar = brb", "w:bar p:= w:brb"},
        {LANG_JAVASCRIPT, "a = b / c / d", "w:a p:= w:b p:/ w:c p:/ w:d"},
        {LANG_JAVASCRIPT, "a = /[/'\"]x/gi; // y", "w:a p:= s:/[/'\"]x/gi p:; c:// y"},
        {LANG_JAVASCRIPT, "return /it's/.test(s)", "w:return s:/it's/ p:. w:test p:( w:s p:)"},
        {LANG_JAVASCRIPT, "`a ${b + `c ${d}`} e`", "s:`a ${ w:b p:+ s:`c ${ w:d s:}` s:} e`"},
        {LANG_JAVASCRIPT, "`${ {a:{}} }`;x", "s:`${ p:{ w:a p:: p:{ p:} p:} s:}` p:; w:x"},
        {LANG_JAVASCRIPT, "`\\${a}`", "s:`\\${a}`"},
        {LANG_JAVASCRIPT, "x ?\?= a?.b ?? /* c */ 1.5e3", "w:x p:?\?= w:a p:?. w:b p:?? c:/* c */ n:1.5e3"},
        {LANG_TYPESCRIPT, "<b>x</b> + '/'", "p:< w:b p:> w:x p:< p:/ w:b p:> p:+ s:'/'"},
        {LANG_JAVASCRIPT, "a = /x\n'b'", "w:a p:= p:/ w:x N s:'b'"},
        {LANG_RUST, "'a: 'b' b'\\n' '\\u{1F600}' &'static", "w:'a p:: s:'b' s:b'\\n' s:'\\u{1F600}' p:& w:'static"},
        {LANG_RUST, "r#\"a\"b\"# br\"\\\" r#type", "s:r#\"a\"b\"# s:br\"\\\" w:r p:# w:type"},
        {LANG_RUST, "/* a /* b */ c */ d // e", "c:/* a /* b */ c */ w:d c:// e"},
        {LANG_GO, "`a\n\\` 'x' '\\''", "s:`a\n\\` s:'x' s:'\\''"},
        {LANG_GO, "x := <-c", "w:x p::= p:<- w:c"},
        {LANG_SHELL, "a#b # c", "w:a p:# w:b c:# c"},
        {LANG_SHELL, "echo \"a $(cat \"$f\") b\"", "w:echo s:\"a $( w:cat s:\"$f\" s:) b\""},
        {LANG_SHELL, "cat <<'E' >x\na # 'b\nE\nls", "w:cat p:<<'E' p:> w:x N s:a # 'b\n p:E w:ls"},
        {LANG_SHELL, "cat <<-E\n\tx\n\tE\ny", "w:cat p:<<-E N s:\tx\n p:\tE w:y"},
        {LANG_SHELL, "cat <<A <<B\n1\nA\n2\nB\nz", "w:cat p:<<A p:<<B N s:1\n p:A s:2\n p:B w:z"},
        {LANG_SHELL, "x=$((1<<2)); echo it\\'s", "w:x p:= p:$ p:( p:( n:1 p:< p:< n:2 p:) p:) p:; w:echo w:it p:\\' w:s"},
        {LANG_SHELL, "$'a\\'b' ${#x} <<< y", "s:$'a\\'b' p:$ p:{ p:# w:x p:} p:<<< w:y"},
        {LANG_JAVA, "\"\"\"\na \"b\"\n\"\"\" 'c'", "s:\"\"\"\na \"b\"\n\"\"\" s:'c'"},
        {LANG_KOTLIN, "\"a ${f(\"b\")} c\"", "s:\"a ${ w:f p:( s:\"b\" p:) s:} c\""},
        {LANG_CSHARP, "@\"a\"\"b\\\" + $\"{{x}} {y}\"", "s:@\"a\"\"b\\\" p:+ s:$\"{{x}} { w:y s:}\""},
        {LANG_SWIFT, "\"a \\(b(c)) d\"", "s:\"a \\( w:b p:( w:c p:) s:) d\""},
        {LANG_C, "'\\'' \"a\\\"b\" // c\\", "s:'\\'' s:\"a\\\"b\" c:// c\\"},
        {LANG_CPP, "R\"x(a)\" )x\" b", "s:R\"x(a)\" )x\" w:b"},
        {LANG_SOLIDITY, "address a; /// n", "w:address w:a p:; c:/// n"},
        {LANG_PHP, "<b>it's</b><?php $a = 'x'; # c\n?>'", "s:<b>it's</b> p:< p:? w:php w:$a p:= s:'x' p:; c:# c N s:?>'"},
        {LANG_RUBY, "x = <<~E\n a\n E\n%w[a b] + \"#{c}\"", "w:x p:= p:<<~E N s: a\n p: E s:%w[a b] p:+ s:\"#{ w:c s:}\""},
        {LANG_ELIXIR, "~s(a (b) c) # d", "s:~s(a (b) c) c:# d"},
        {LANG_NIX, "''a ''$ b'' + \"${c}\"", "s:''a ''$ b'' p:+ s:\"${ w:c s:}\""},
        {LANG_TOML, "a = 'x#' # c", "w:a p:= s:'x#' c:# c"},
        {LANG_INI, "A=it's ; c\nB=x#y", "w:A p:= w:it p:' w:s c:; c N w:B p:= w:x p:# w:y"},
        {LANG_YAML, "a: 'it''s' # c\nb: don't", "w:a p:: s:'it''s' c:# c N w:b p:: w:don p:' w:t"},
        {LANG_DOCKERFILE, "# c\nRUN a # b", "c:# c N w:RUN w:a p:# w:b"},
        {LANG_HTML, "<!-- x --><script>'a'</script>it's", "c:<!-- x --> p:< w:script p:> s:'a' p:< p:/ w:script p:> w:it p:' w:s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        sv got = show(&a, lex(&r, rows[i].lang, sv_from(rows[i].text)));
        if (!sv_eq(got, sv_from(rows[i].tokens)))
            fail_msg("%d: %s\n  got  %.*s\n  want %s", (int)rows[i].lang, rows[i].text, SV_ARG(got), rows[i].tokens);
        arena_free(&a);
    }
}

/* The lexer looks at eight bytes at once: each byte that ends or goes on a word or a string stands at each of the eight places. */
static void ends_are_found_at_every_place(void **state)
{
    (void)state;
    static const struct { enum lang lang; const char *before, *end, *tokens; } rows[] = {
        {LANG_PYTHON, "aZ09_\xC3\xA9", "-tail_behind", "w:%s p:- w:tail_behind"},
        {LANG_PYTHON, "aZ09_", "@tail_behind", "w:%s p:@ w:tail_behind"},
        {LANG_PYTHON, "aZ09_", "`tail_behind", "w:%s p:` w:tail_behind"},
        {LANG_PYTHON, "aZ09_", "[tail_behind", "w:%s p:[ w:tail_behind"},
        {LANG_PYTHON, "aZ09_", "{tail_behind", "w:%s p:{ w:tail_behind"},
        {LANG_PYTHON, "aZ09_", "/tail_behind", "w:%s p:/ w:tail_behind"},
        {LANG_PYTHON, "aZ09_", ":tail_behind", "w:%s p:: w:tail_behind"},
        {LANG_JAVASCRIPT, "aZ09_", "$b.tail_behind", "w:%s$b p:. w:tail_behind"},
        {LANG_JAVASCRIPT, "'a {#\xC3\xA9", "' tail_behind", "s:%s' w:tail_behind"},
        {LANG_JAVASCRIPT, "'a {#", "\\' b' tail_behind", "s:%s\\' b' w:tail_behind"},
        {LANG_JAVASCRIPT, "'a {#", "\ntail_behind", "s:%s N w:tail_behind"},
        {LANG_JAVASCRIPT, "`a {#\n", "${ tail_behind }` z", "s:%s${ w:tail_behind s:}` w:z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t more = 0; more < 20; more++) {
            struct arena a = {0};
            struct repo r = {.arena = &a};
            char begin[64];
            snprintf(begin, sizeof begin, "%s%.*s", rows[i].before, (int)more, "xxxxxxxxxxxxxxxxxxxx");
            sv percent = sv_from(strstr(rows[i].tokens, "%s"));
            sv text = sv_printf(&a, "%s%s", begin, rows[i].end);
            sv wanted = sv_printf(&a, "%.*s%s%s", (int)(percent.p - rows[i].tokens), rows[i].tokens, begin, percent.p + 2);
            sv got = show(&a, lex(&r, rows[i].lang, text));
            if (!sv_eq(got, wanted))
                fail_msg("%.*s: %.*s", SV_ARG(text), SV_ARG(got));
            arena_free(&a);
        }
}

static void scope_tells_code_from_text(void **state)
{
    (void)state;
    /* the byte behind ^ is asked */
    static const struct { enum lang lang; const char *text; enum byte_scope scope; } rows[] = {
        {LANG_PYTHON, "a ^b", IN_CODE},
        {LANG_PYTHON, "# ^b", IN_COMMENT},
        {LANG_PYTHON, "'^b'", IN_STRING},
        {LANG_PYTHON, "f'{^b}'", IN_CODE},
        {LANG_PYTHON, "f'{{^b}}'", IN_STRING},
        {LANG_PYTHON, "'{^b}'", IN_STRING},
        {LANG_JAVASCRIPT, "`x ^y ${z}`", IN_STRING},
        {LANG_JAVASCRIPT, "`x ${^y}`", IN_CODE},
        {LANG_JAVASCRIPT, "`x ${y} ^z`", IN_STRING},
        {LANG_JAVASCRIPT, "/a^b/", IN_STRING},
        {LANG_SHELL, "\"x $(^y)\"", IN_CODE},
        {LANG_SHELL, "\"x $y ^z\"", IN_STRING},
        {LANG_HTML, "<script>// ^x\n</script>", IN_COMMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        sv text = sv_from(rows[i].text);
        size_t mark = sv_find_char(text, '^');
        sv without = sv_concat(&a, sv_sub(text, 0, mark), sv_sub(text, mark + 1, text.n));
        if (scope_at(lex(&r, rows[i].lang, without), mark) != rows[i].scope)
            fail_msg("%s", rows[i].text);
        arena_free(&a);
    }
}

static void strings_lose_their_quotes(void **state)
{
    (void)state;
    static const struct { enum lang lang; const char *text, *content; } rows[] = {
        {LANG_PYTHON, "rb'ab'", "ab"},
        {LANG_PYTHON, "\"\"\"a\"b\"\"\"", "a\"b"},
        {LANG_PYTHON, "''", ""},
        {LANG_PYTHON, "'open", "open"},
        {LANG_PYTHON, "'", ""},
        {LANG_RUST, "r##\"a#\"##", "a#"},
        {LANG_JAVASCRIPT, "`a ${", "a "},
        {LANG_JAVASCRIPT, "'}'", "}"},
        {LANG_NIX, "''ab''", "ab"},
        {LANG_CSHARP, "@\"x\"", "x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        const struct tokens *t = lex(&r, rows[i].lang, sv_from(rows[i].text));
        sv got = token_string(t->src, &t->at[0]);
        if (!sv_eq(got, sv_from(rows[i].content)))
            fail_msg("%s: %.*s", rows[i].text, SV_ARG(got));
        arena_free(&a);
    }
}

static void tokens_are_found_by_their_place(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo r = {.arena = &a};
    const struct tokens *t = lex(&r, LANG_JAVASCRIPT, SV("f(`${x}`, [y]) ) z"));
    assert_int_equal(t->n, 12);
    assert_int_equal(token_at(t, 3), 2);
    assert_int_equal(token_at(t, 1000), t->n);
    assert_ptr_equal(t, read_tokens(&r, t->src));
    assert_null(lex(&r, LANG_MARKDOWN, SV("x")));
    arena_free(&a);
}

/* Any bytes: tokens lie in the text, in order, and never overlap. */
static void hostile_bytes_are_only_bytes(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\"", "'", "`", "${", "}", "$(", ")", "/*", "*/", "\\", "\n", "<<E\n", "r#\"", "/", "[",
                                         "<script>", "\xFF\x80", "'''", "%w[", "~s(", "?>", "<?", "#", "f\"{", "=begin\n", "a1", ""};
    enum { N = sizeof pieces / sizeof *pieces };
    unsigned seed = 1;
    for (int round = 0; round < 100; round++) {
        struct arena a = {0};
        struct repo r = {.arena = &a};
        struct buf b = {0};
        for (int k = 0; k < 40; k++) {
            seed = seed * 1103515245u + 12345u;
            buf_puts(&b, pieces[(seed >> 16) % N]);
            if ((seed >> 8) % 50 == 0)
                buf_putc(&b, '\0');
        }
        sv text = sv_copy(&a, buf_view(&b));
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            const struct tokens *t = lex(&r, (enum lang)lang, text);
            size_t end = 0;
            for (size_t i = 0; t != NULL && i < t->n; i++) {
                assert_true(t->at[i].start >= end && t->at[i].start + token_length(&t->at[i]) <= text.n);
                end = t->at[i].start + token_length(&t->at[i]);
                assert_true(end <= text.n && token_length(&t->at[i]) != 0);
                if (t->at[i].kind == TOKEN_STRING)
                    (void)token_string(t->src, &t->at[i]);
            }
            for (size_t i = 0; t != NULL && i < text.n; i++)
                (void)scope_at(t, i);
        }
        buf_free(&b);
        arena_free(&a);
    }
}

/* Openings that never close must not be searched again from each of them. */
static void repeated_openings_take_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {"/[", "r#\"", "`${", "\"$(", "<<E ", "(((", "<script ", "~s(", "'", "f'{", "/*"};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        struct buf b = {0};
        while (b.n < 20000)
            buf_puts(&b, pieces[k]);
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            struct arena a = {0};
            struct repo r = {.arena = &a};
            const struct tokens *t = lex(&r, (enum lang)lang, buf_view(&b));
            assert_true(t == NULL || t->n <= b.n);
            arena_free(&a);
        }
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(languages_give_their_tokens),
        cmocka_unit_test(ends_are_found_at_every_place),
        cmocka_unit_test(scope_tells_code_from_text),
        cmocka_unit_test(strings_lose_their_quotes),
        cmocka_unit_test(tokens_are_found_by_their_place),
        cmocka_unit_test(hostile_bytes_are_only_bytes),
        cmocka_unit_test(repeated_openings_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
