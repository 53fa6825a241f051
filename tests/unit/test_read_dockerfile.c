#include "tree_test.h"

#include "base/limits.h"

/* A whole file on one line per instruction: stage KEYWORD [--flags] args. */
static void put_file(struct buf *out, const struct dockerfile *d)
{
    for (size_t i = 0; i < d->instructions.n; i++) {
        const struct instruction *in = d->instructions.at[i];
        buf_printf(out, "%zu %.*s", in->stage, SV_ARG(in->keyword));
        for (const struct docker_flag *f = in->flags; f != NULL; f = f->next)
            buf_printf(out, " {%.*s=%.*s}", SV_ARG(f->name), SV_ARG(f->value));
        if (in->exec_form)
            buf_puts(out, " exec");
        for (const struct docker_heredoc *h = in->heredocs; h != NULL; h = h->next)
            buf_printf(out, " %.*s%s(%.*s)", SV_ARG(h->name), h->quoted ? "'" : "", SV_ARG(h->text->text));
        buf_printf(out, " <%.*s>\n", SV_ARG(in->args));
    }
}

static void instructions_come_out_as_buildkit_sees_them(void **state)
{
    (void)state;
    static const struct { const char *text, *file; } table[] = {
        {"", ""},
        {"# only a comment\n\n", ""},
        {"FROM a\nrun echo  x \nCMD [\"a\", \"b\"]\n", "0 FROM <a>\n0 RUN <echo  x>\n0 CMD exec <[\"a\", \"b\"]>\n"},
        {"FROM a AS x\nFROM b\nCOPY --from=x --chown=\"1:1\" /a /b\n",
         "0 FROM <a AS x>\n1 FROM <b>\n1 COPY {from=x} {chown=1:1} </a /b>\n"},
        {"RUN a && \\\n  # dropped\n\n  b \\  \n  c\nRUN d", "0 RUN <a &&   b   c>\n0 RUN <d>\n"},
        {"  RUN \\\n  a\r\nRUN b\r\n", "0 RUN <a>\n0 RUN <b>\n"},
        {"RUN a \\\\\nRUN b\n", "0 RUN <a \\\\>\n0 RUN <b>\n"},
        {"RUN a \\", "0 RUN <a>\n"},
        {"# escape=`\nRUN a `\n b\nRUN c \\\nRUN d\n", "0 RUN <a  b>\n0 RUN <c \\>\n0 RUN <d>\n"},
        {"RUN x\n# escape=`\nRUN a `\n", "0 RUN <x>\n0 RUN <a `>\n"},
        {"RUN <<EOF\na\nb\nEOF\nRUN c\n", "0 RUN EOF(a\nb\n) <<<EOF>\n0 RUN <c>\n"},
        {"RUN <<-\"EOF\"\n\ta\n\tEOF\nRUN c\n", "0 RUN EOF'(\ta\n) <<<-\"EOF\">\n0 RUN <c>\n"},
        {"COPY <<A <<'B' /x/\n1\nA\n2\nB\n", "0 COPY A(1\n) B'(2\n) <<<A <<'B' /x/>\n"},
        {"RUN echo \"<<EOF\"\nRUN cat <<<x\nRUN a << b\n", "0 RUN <echo \"<<EOF\">\n0 RUN <cat <<<x>\n0 RUN <a << b>\n"},
        {"ENV a=<<EOF\nRUN x\n", "0 ENV <a=<<EOF>\n0 RUN <x>\n"},
        {"RUN cat <<A <<B", "0 RUN A() <cat <<A <<B>\n"},
        {"RUN <<EOF\nnever ends\n", "0 RUN EOF(never ends\n) <<<EOF>\n"},
        {"RUN --mount=type=cache,target=/x --network=none make -- --y\n",
         "0 RUN {mount=type=cache,target=/x} {network=none} <make -- --y>\n"},
        {"CMD [\"a\", 1]\nCMD [a]\nENTRYPOINT [ \"x\" ]\nRUN [\"y\"\nSHELL [\"sh\"]\n",
         "0 CMD <[\"a\", 1]>\n0 CMD <[a]>\n0 ENTRYPOINT exec <[ \"x\" ]>\n0 RUN <[\"y\">\n0 SHELL exec <[\"sh\"]>\n"},
        {"HEALTHCHECK --interval=5s CMD [\"curl\"]\nHEALTHCHECK NONE\n",
         "0 HEALTHCHECK {interval=5s} exec <CMD [\"curl\"]>\n0 HEALTHCHECK <NONE>\n"},
        {"ONBUILD RUN <<E\nx\nE\nEXPOSE 80\n", "0 ONBUILD E(x\n) <RUN <<E>\n0 EXPOSE <80>\n"},
        {"\xEF\xBB\xBF# escape=`\nRUN a `\nb\n", "0 RUN <a b>\n"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].text));
        struct dockerfile *d = read_dockerfile(&b.repo, &b.src);
        assert_non_null(d);
        file_is_sound(d);
        struct buf out = {0};
        put_file(&out, d);
        buf_putc(&out, '\0');
        assert_string_equal(out.p, table[i].file);
        buf_free(&out);
        bench_close(&b);
    }
}

static void from_resolves_its_arguments(void **state)
{
    (void)state;
    static const struct { const char *text, *resolved; } table[] = {
        {"FROM alpine", "alpine"},
        {"ARG V=3.1\nFROM alpine:$V", "alpine:3.1"},
        {"ARG V=3.1\nFROM alpine:${V}-x", "alpine:3.1-x"},
        {"ARG V='3.1'\nARG W=\"${V}.2\"\nFROM \"alpine:$W\"", "alpine:3.1.2"},
        {"ARG V\nFROM alpine:$V", "alpine:$V"},
        {"FROM alpine:${V}", "alpine:${V}"},
        {"FROM alpine:${V:-1}", "alpine:1"},
        {"ARG V=\nFROM alpine:${V:-1}${V-2}x", "alpine:1x"},
        {"ARG V=2\nFROM alpine${V:+:$V}${U:+no}", "alpine:2"},
        {"FROM ${A:-${B:-x}}", "x"},
        {"ARG V=$U\nFROM a:$V", "a:$V"},
        {"ARG V=1 W=2\nFROM a:$V$W", "a:12"},
        {"ARG V=1\nARG V=2\nFROM a:$V", "a:2"},
        {"ARG V=1\nFROM x\nARG V=9\nFROM a:$V", "a:1"},
        {"ARG V=1\nFROM a:\\$V", "a:$V"},
        {"ARG V=1.2\nFROM a:${V%.*}", "a:${V%.*}"},
        {"FROM a:${V", "a:${V"},
        {"FROM a:$", "a:$"},
        {"FROM ${}", "${}"},
        {"FROM", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].text));
        struct dockerfile *d = read_dockerfile(&b.repo, &b.src);
        assert_non_null(d);
        file_is_sound(d);
        sv resolved = d->stages.at[d->stages.n - 1]->resolved;
        assert_int_equal(resolved.n, strlen(table[i].resolved));
        assert_true(sv_eq(resolved, sv_from(table[i].resolved)));
        bench_close(&b);
    }
}

static void stages_know_their_base(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, SV("# syntax = docker/dockerfile:1\nARG B=base\nFROM --platform=$BUILDPLATFORM img AS Base\n"
                      "FROM bAsE as two\nFROM ${B}\nFROM later\nFROM x AS later\nFROM 0\n"));
    struct dockerfile *d = read_dockerfile(&b.repo, &b.src);
    assert_true(sv_eq(d->syntax, SV("docker/dockerfile:1")));
    assert_int_equal(d->stages.n, 6);
    assert_true(sv_eq(d->stages.at[0]->name, SV("base")));
    assert_true(sv_eq(d->stages.at[0]->platform, SV("$BUILDPLATFORM")));
    assert_ptr_equal(d->stages.at[1]->base, d->stages.at[0]);
    assert_ptr_equal(d->stages.at[2]->base, d->stages.at[0]);
    assert_null(d->stages.at[3]->base);
    assert_null(d->stages.at[5]->base);
    assert_int_equal(d->stages.at[5]->index, 5);
    assert_true(sv_eq(d->stages.at[5]->from->args, SV("0")));
    bench_close(&b);
}

static void scripts_keep_the_lines_of_the_file(void **state)
{
    (void)state;
    static const struct { const char *text, *script, *field; size_t line; enum lang lang; } table[] = {
        {"FROM a\nRUN x && last\n", "x && last", "run", 2, LANG_SHELL},
        {"RUN a \\\n  # c\n\n b && last\n", "a \\\n\\\n\\\n b && last", "run", 4, LANG_SHELL},
        {"RUN --mount=type=ssh \\\n  last\n", "last", "run", 2, LANG_SHELL},
        {"# escape=`\nRUN a ` \r\n  last\r\n", "a \\\n  last", "run", 3, LANG_SHELL},
        {"RUN <<EOF\none\nlast\nEOF\n", "one\nlast\n", "run", 3, LANG_SHELL},
        {"RUN <<-'E'\n\tone\n\tlast\n\tE\n", "\tone\n\tlast\n", "run", 3, LANG_SHELL},
        {"RUN <<E\n#!/usr/bin/env python3\nlast\nE\n", "#!/usr/bin/env python3\nlast\n", "run", 3, LANG_PYTHON},
        {"RUN cat <<E > /x && \\\n y\nlast\nE\n", "cat <<E > /x && \\\n y\nlast\nE", "run", 3, LANG_SHELL},
        {"CMD exec last\n", "exec last", "cmd", 1, LANG_SHELL},
        {"HEALTHCHECK --retries=2 \\\n CMD last -f\n", "last -f", "healthcheck", 2, LANG_SHELL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].text));
        struct dockerfile *d = read_dockerfile(&b.repo, &b.src);
        file_is_sound(d);
        const struct source *s = d->instructions.at[d->instructions.n - 1]->script;
        assert_non_null(s);
        assert_int_equal(s->embed, EMBED_LINES);
        assert_int_equal(s->text.n, strlen(table[i].script));
        assert_true(sv_eq(s->text, sv_from(table[i].script)));
        assert_true(sv_eq(s->field, sv_from(table[i].field)));
        assert_int_equal(s->lang, table[i].lang);
        size_t line = line_at(&s->lines, sv_find(s->text, SV("last")));
        assert_int_equal(line_at(&b.src.lines, s->host_offset) + line - 1, table[i].line);
        bench_close(&b);
    }
}

static void put_pair(void *ctx, sv key, sv value, bool has_value, struct place p)
{
    struct buf *out = ctx;
    buf_printf(out, "%.*s%s%.*s@%zu ", SV_ARG(key), has_value ? "=" : "", SV_ARG(value), p.start);
    place_is_inside(p);
}

static void pairs_of_env_arg_and_label(void **state)
{
    (void)state;
    static const struct { const char *text, *pairs; } table[] = {
        {"ENV A=1 B=\"two words\" C='$x' D=a\\ b", "A=1@4 B=two words@8 C=$x@22 D=a b@29 "},
        {"ENV KEY some value $X", "KEY=some value $X@4 "},
        {"ENV KEY", "KEY@4 "},
        {"ENV A=1 \\\n  # no\n    B=${C:-2}", "A=1@4 B=${C:-2}@21 "},
        {"ARG A B=1 C=", "A@4 B=1@6 C=@10 "},
        {"LABEL \"a.b\"=\"x=y\" c=d", "a.b=x=y@6 c=d@18 "},
        {"ENV A=\"x\\\"y\\z\"", "A=x\"y\\z@4 "},
        {"ENV", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].text));
        struct dockerfile *d = read_dockerfile(&b.repo, &b.src);
        struct buf out = {0};
        instruction_pairs(&b.arena, d->instructions.at[0], put_pair, &out);
        buf_putc(&out, '\0');
        assert_string_equal(out.p, table[i].pairs);
        buf_free(&out);
        bench_close(&b);
    }
}

/* dockerfile_inline in a compose file: places lie in the embedded text, lines in the file. */
static void an_inline_dockerfile_reads_like_a_file(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, SV("services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM x\n        RUN one \\\n"
                      "          && two\n"));
    struct doc *d = read_yaml(&b.repo, &b.src);
    struct source *text = node_source(&b.arena, node_path(d->root, "services.a.build.dockerfile_inline"), "dockerfile_inline");
    struct dockerfile *file = read_dockerfile(&b.repo, text);
    file_is_sound(file);
    assert_int_equal(file->instructions.n, 2);
    const struct instruction *run = file->instructions.at[1];
    assert_ptr_equal(run->script->host, text);
    assert_int_equal(place_line(run->place), 6);
    assert_int_equal(place_line((struct place){run->script, run->script->text.n, run->script->text.n}), 7);
    bench_close(&b);
}

static void hostile_files_end_quickly(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buf bomb = {0}, many = {0};
    buf_puts(&bomb, "ARG A0=xxxxxxxxxxxxxxxx\n");
    for (int i = 1; i < 40; i++)
        buf_printf(&bomb, "ARG A%d=$A%d$A%d\n", i, i - 1, i - 1);
    buf_puts(&bomb, "FROM $A39\n");
    for (int i = 0; i < 60000; i++)
        buf_printf(&many, "FROM a AS b%d\n", i);
    const sv table[] = {
        buf_view(&bomb),
        buf_view(&many),
        repeated(&a, "ARG a=$b\n", 100000),
        sv_concat(&a, SV("FROM "), repeated(&a, "${", 500000)),
        sv_concat(&a, SV("FROM $"), repeated(&a, "a", 1000000)),
        sv_concat(&a, SV("FROM "), repeated(&a, "${a:-", 200000)),
        sv_concat(&a, SV("RUN "), repeated(&a, "<<a ", 200000)),
        sv_concat(&a, SV("RUN "), repeated(&a, "\\\n", 500000)),
        repeated(&a, "# a=b\nENV x=y\n", 70000),
        sv_concat(&a, SV("CMD "), repeated(&a, "[", 500000)),
        sv_concat(&a, SV("RUN "), repeated(&a, "\"", 500001)),
        repeated(&a, "\n", 1 << 20),
        SV("RUN a\0b\nFROM \xFF\xFE\n"),
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, table[i]);
        struct dockerfile *d = read_dockerfile(&b.repo, &b.src);
        assert_non_null(d);
        file_is_sound(d);
        assert_true(d->stages.n <= LIMIT_DOCKER_NAMES);
        for (size_t k = 0; k < d->stages.n; k++)
            assert_true(d->stages.at[k]->resolved.n <= LIMIT_DOCKER_EXPANSION_BYTES || d->stages.at[k]->resolved.p == d->stages.at[k]->image.p);
        bench_close(&b);
    }
    struct bench b;
    bench_open(&b, repeated(&a, "RUN x\n", LIMIT_TREE_BYTES / 6 + 1));
    assert_null(read_dockerfile(&b.repo, &b.src));
    bench_close(&b);
    buf_free(&bomb);
    buf_free(&many);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instructions_come_out_as_buildkit_sees_them),
        cmocka_unit_test(from_resolves_its_arguments),
        cmocka_unit_test(stages_know_their_base),
        cmocka_unit_test(scripts_keep_the_lines_of_the_file),
        cmocka_unit_test(pairs_of_env_arg_and_label),
        cmocka_unit_test(an_inline_dockerfile_reads_like_a_file),
        cmocka_unit_test(hostile_files_end_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
