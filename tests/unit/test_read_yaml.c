#include "tree_test.h"

#include "base/limits.h"

static void trees_come_out_as_written(void **state)
{
    (void)state;
    static const struct { const char *yaml, *tree; } table[] = {
        {"", "~"},
        {"# nothing\n", "~"},
        {"a: 1\nb: [x, 'y z']\n", "{a: '1', b: ['x', 'y z']}"},
        {"a:\nb: ~\nc: null\nd: Null\ne: NULL\nf: ''\ng: \"~\"\nh: !!str ~\n",
         "{a: ~, b: ~, c: ~, d: ~, e: ~, f: '', g: '~', h: !!str '~'}"},
        {"- a\n-\n- - b\n", "['a', ~, ['b']]"},
        {"ports: !reset []\nenv: !override {A: b}\nx: !reset null\n", "{ports: !reset [], env: !override {A: 'b'}, x: !reset ~}"},
        {"a: &x {k: v}\nb: *x\n", "{a: {k: 'v'}, ^b: {^k: 'v'}}"},
        {"x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\n",
         "{x: {a: '1', b: '2'}, y: {b: '3', c: '4'}, z: {a: '0', ^b: '2', ^c: '4'}}"},
        {"a: {<<: {k: v}, k: own}\n", "{a: {k: 'own'}}"},
        {"x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y, c: 3}\n",
         "{x: {a: '1'}, y: {b: '2', ^a: '1'}, z: {c: '3', ^b: '2', ^a: '1'}}"},
        {"a: {'<<': {k: v}}\n", "{a: {<<: {k: 'v'}}}"},
        {"- &a one\n- &a two\n- *a\n", "['one', 'two', ^'two']"},
        {"&k key: v\nother: *k\n", "{key: 'v', ^other: 'key'}"},
        {"{{ x }}: v\n", "{{{ x }}: 'v'}"},
        {"a: |\n  one\n  two\nb: >-\n  folded\n  text\n", "{a: 'one\ntwo\n', b: 'folded text'}"},
        {"\xEF\xBB\xBF" "a: b\n", "{a: 'b'}"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].yaml));
        struct doc *d = read_yaml(&b.repo, &b.src);
        assert_non_null(d);
        tree_is_sound(d->root);
        tree_equals(d->root, table[i].tree);
        bench_close(&b);
    }
}

static void broken_documents_give_nothing(void **state)
{
    (void)state;
    static const struct { const char *yaml; size_t read; } table[] = {
        {"a: [1, 2\n", 0},
        {"a: \"b\n", 0},
        {"a: 'b\n", 0},
        {"a: b\n c: d\n", 0},
        {"a: 1\nb: 2\na: 3\n", 0},
        {"a: 1\n\"a\": 2\n", 0},
        {"a: {<<: {k: v}, <<: {k: w}}\n", 0},
        {"a: *nowhere\n", 0},
        {"a: &x [*x]\n", 0},
        {"a: &x {<<: *x}\n", 0},
        {"a: {<<: text}\n", 0},
        {"a: {<<: [text]}\n", 0},
        {"a: 1\n---\nb: [\n", 1},
        {"a: 1\n---\nb: 2\n---\nc: {d: 1, d: 2}\n", 2},
        {"a: &x 1\n---\nb: *x\n", 1},
        {"a: \xFF\n", 0},
        {"a: \x01\n", 0},
        {"%YAML 3.0\n---\na: b\n", 0},
        {"\t- a\n", 0},
        {"a: !x!y z\n", 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].yaml));
        size_t read = 0;
        for (struct doc *d = read_yaml(&b.repo, &b.src); d != NULL; d = d->next, read++) {
            assert_int_equal(d->index, read);
            tree_is_sound(d->root);
        }
        assert_int_equal(read, table[i].read);
        bench_close(&b);
    }
}

/* The span of the first occurrence of `word` in the value at `path`, as raw text of the file. */
static void spans_name_the_bytes_of_the_file(void **state)
{
    (void)state;
    static const struct { const char *yaml, *word, *raw; size_t offset; } table[] = {
        {"v: say ${X} now\n", "${X}", "${X}", 7},
        {"v: 'say ${X}'\n", "${X}", "${X}", 8},
        {"v: 'it''s ${X}'\n", "${X}", "${X}", 10},
        {"v: 'it''s ${X}'\n", "'", "''", 6},
        {"v: \"a\\tb ${X}\"\n", "${X}", "${X}", 9},
        {"v: \"a\\tb ${X}\"\n", "\t", "\\t", 5},
        {"v: \"\\u00e4\\N\\x41 ${X}\"\n", "${X}", "${X}", 17},
        {"v: \"a \\\n   b ${X}\"\n", "${X}", "${X}", 13},
        {"v: one\n  two ${X}\n", "${X}", "${X}", 13},
        {"v: one\n  two ${X}\n", "e t", "e\n  t", 5},
        {"v: &a !t plain ${X} # ${X}\n", "${X}", "${X}", 15},
        {"v: |\n  one\n\n   two ${X}\n", "${X}", "${X}", 19},
        {"v: |-\n\n\n    ${X}\n", "${X}", "${X}", 12},
        {"v: |2 # c\n    a\n  ${X}\n", "${X}", "${X}", 18},
        {"v: >\n  one\n  two ${X}\n\n  three\n", "${X}", "${X}", 17},
        {"v: >\n  one\n\n    two\n  ${X}\n", "${X}", "${X}", 22},
        {"v: |\r\n  one\r\n  ${X}\r\n", "${X}", "${X}", 15},
        {"u: 'a\xE2\x80\xA8 b'\nv: \xE2\x82\xAC ${X}\n", "${X}", "${X}", 19},
        {"\xEF\xBB\xBFv: \xC3\xA4 ${X}\n", "${X}", "${X}", 9},
        {"x: &x ${X}\nv: *x\n", "${X}", "${X}", 6},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].yaml));
        struct doc *d = read_yaml(&b.repo, &b.src);
        assert_non_null(d);
        tree_is_sound(d->root);
        const struct node *v = node_get(d->root, "v");
        size_t at = sv_find(v->text, sv_from(table[i].word));
        assert_true(at != SV_NOT_FOUND);
        struct place p = node_span(v, at, at + strlen(table[i].word));
        assert_int_equal(p.start, table[i].offset);
        assert_true(sv_eq(sv_sub(b.src.text, p.start, p.end), sv_from(table[i].raw)));
        bench_close(&b);
    }
}

static void places_cover_values_and_keys(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, SV("top:\n  'k': \"v\"   # note\n  list: [a, b] # c\n  map:\n    - x: y\n\n# end\nz: *a\n"));
    b.src.text.n -= strlen("z: *a\n");
    struct doc *d = read_yaml(&b.repo, &b.src);
    static const struct { const char *path, *key, *value; } table[] = {
        {"top.k", "'k'", "\"v\""},
        {"top.list", "list", "[a, b]"},
        {"top.map", "map", "- x: y"},
        {"top", "top", "'k': \"v\"   # note\n  list: [a, b] # c\n  map:\n    - x: y"},
    };
    assert_non_null(d);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct node *n = node_path(d->root, table[i].path);
        assert_true(sv_eq(sv_sub(b.src.text, n->place.start, n->place.end), sv_from(table[i].value)));
        assert_true(sv_eq(sv_sub(b.src.text, n->key_place.start, n->key_place.end), sv_from(table[i].key)));
    }
    assert_true(sv_eq(node_route(&b.arena, node_get(node_path(d->root, "top.map")->child, "x")), SV("top.map[0].x")));
    bench_close(&b);
}

static void an_alias_stands_where_it_is_written(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, SV("a: &x {k: v}\nb: *x\n"));
    struct doc *d = read_yaml(&b.repo, &b.src);
    const struct node *alias = node_get(d->root, "b");
    assert_true(sv_eq(sv_sub(b.src.text, alias->place.start, alias->place.end), SV("*x")));
    assert_int_equal(node_get(alias, "k")->place.start, node_path(d->root, "a.k")->place.start);
    assert_true(sv_eq(node_route(&b.arena, node_get(alias, "k")), SV("b.k")));
    bench_close(&b);
}

static void scripts_keep_the_lines_of_the_file(void **state)
{
    (void)state;
    static const struct { const char *yaml; enum embed how; size_t last_line; } table[] = {
        {"v: |\n  one\n  two\n  last\n", EMBED_LINES, 4},
        {"v: |-\n\n  one\n\n  last\n", EMBED_LINES, 5},
        {"v: |2+\n    one\n  last\n\n", EMBED_LINES, 3},
        {"v: one last\n", EMBED_LINES, 1},
        {"v: \"one last\"\n", EMBED_LINES, 1},
        {"v: >\n  one\n  two\n\n  last\n", EMBED_STRING, 1},
        {"v: >\n  last\n", EMBED_LINES, 2},
        {"v: \"one\\nlast\"\n", EMBED_STRING, 1},
        {"w: &w |\n  one\n  last\nv: *w\n", EMBED_LINES, 3},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].yaml));
        struct doc *d = read_yaml(&b.repo, &b.src);
        assert_non_null(d);
        const struct node *v = node_get(d->root, "v");
        struct source *s = node_source(&b.arena, v, "command");
        assert_int_equal(s->embed, table[i].how);
        assert_true(sv_eq(s->text, v->text));
        size_t host_line = line_at(&b.src.lines, s->host_offset);
        size_t line = line_at(&s->lines, sv_find(s->text, SV("last")));
        if (s->embed == EMBED_LINES)
            assert_int_equal(host_line + line - 1, table[i].last_line);
        assert_null(node_source(&b.arena, d->root, "none"));
        bench_close(&b);
    }
}

static sv alias_bomb(struct arena *a)
{
    struct buf out = {0};
    buf_puts(&out, "a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (char c = 'b'; c <= 'z'; c++)
        buf_printf(&out, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1,
                   c - 1, c - 1, c - 1);
    sv text = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return text;
}

static sv numbered(struct arena *a, const char *before, const char *after, size_t n)
{
    struct buf out = {0};
    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%s%zu%s", before, i, after);
    sv text = sv_copy(a, buf_view(&out));
    buf_free(&out);
    return text;
}

static void hostile_documents_end_quickly(void **state)
{
    (void)state;
    struct arena a = {0};
    sv deep = sv_concat(&a, repeated(&a, "- ", LIMIT_TREE_DEPTH + 1), SV("x"));
    const sv table[] = {
        repeated(&a, "[", 200000),
        repeated(&a, "{a: ", 50000),
        repeated(&a, "- ", 100000),
        repeated(&a, "? ", 100000),
        deep,
        alias_bomb(&a),
        numbered(&a, "- &a", " x\n", LIMIT_ANCHORS + 1),
        numbered(&a, "%TAG !", "! tag:x\n", 50000),
        repeated(&a, "x: y # 0123456789\n", 1 << 17),
        SV("a\0b"),
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, table[i]);
        assert_null(read_yaml(&b.repo, &b.src));
        bench_close(&b);
    }
    arena_free(&a);
}

static void limits_leave_honest_documents_alone(void **state)
{
    (void)state;
    struct arena a = {0};
    const sv table[] = {
        sv_concat(&a, repeated(&a, "- ", LIMIT_TREE_DEPTH - 1), SV("x")),
        numbered(&a, "- &a", " x\n", LIMIT_ANCHORS),
        numbered(&a, "k", ": v\n", 40000),
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, table[i]);
        struct doc *d = read_yaml(&b.repo, &b.src);
        assert_non_null(d);
        tree_is_sound(d->root);
        bench_close(&b);
    }
    arena_free(&a);
}

static void booleans_are_those_of_yaml_1_1(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, SV("[true, Yes, ON, 'true', y, false, no, Off, N, maybe, ~]"));
    struct doc *d = read_yaml(&b.repo, &b.src);
    size_t i = 0;
    for node_each(n, d->root) {
        assert_int_equal(node_true(n), i < 5);
        assert_int_equal(node_false(n), i >= 5 && i < 9);
        i++;
    }
    assert_int_equal(i, 11);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_come_out_as_written),
        cmocka_unit_test(broken_documents_give_nothing),
        cmocka_unit_test(spans_name_the_bytes_of_the_file),
        cmocka_unit_test(places_cover_values_and_keys),
        cmocka_unit_test(an_alias_stands_where_it_is_written),
        cmocka_unit_test(scripts_keep_the_lines_of_the_file),
        cmocka_unit_test(hostile_documents_end_quickly),
        cmocka_unit_test(limits_leave_honest_documents_alone),
        cmocka_unit_test(booleans_are_those_of_yaml_1_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
