#include "tree_test.h"

#include "base/limits.h"

static void trees_come_out_as_written(void **state)
{
    (void)state;
    static const struct { const char *json, *tree; } table[] = {
        {"{}", "{}"},
        {" [ ] ", "[]"},
        {"null\n", "~"},
        {"{\"a\": [1, -2.5e+3, true, false, null, \"x\"], \"b\": {\"c\": \"\"}}",
         "{a: ['1', '-2.5e+3', 'true', 'false', ~, 'x'], b: {c: ''}}"},
        {"\"\\u00e4\\ud83d\\ude00\\n\\/\\\"\\\\\\t\"", "'\xC3\xA4\xF0\x9F\x98\x80\n/\"\\\t'"},
        {"{\"Key\": 1, \"key\": 2}", "{Key: '1', key: '2'}"},
        {"{\"k\\u0065y\": 1}", "{key: '1'}"},
        {"0", "'0'"},
        {"[1E9, 0.0, -0]", "['1E9', '0.0', '-0']"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].json));
        struct doc *d = read_json(&b.repo, &b.src);
        assert_non_null(d);
        tree_is_sound(d->root);
        tree_equals(d->root, table[i].tree);
        bench_close(&b);
    }
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    const sv table[] = {
        SV(""), SV(" "), SV("{"), SV("["), SV("\""), SV("\"\\"), SV("\"\\u12"), SV("\"\\ud800\""), SV("\"\\ud83dx\""),
        SV("{\"a\":1,}"), SV("[1,]"), SV("[1 2]"), SV("{\"a\" 1}"), SV("{a:1}"), SV("{'a':1}"), SV("[1] x"), SV("[1][2]"),
        SV("01"), SV("-"), SV("+1"), SV("1."), SV(".5"), SV("1e"), SV("0x10"), SV("NaN"), SV("tru"), SV("nulll"),
        SV("[1]\0"), SV("\"a\0b\""), SV("\"\\u0000\""), SV("{\"\\u0000\":1}"), SV("{\"a\\u0000b\":1}"),
        SV("\xEF\xBB\xBF{}"), SV("\"\xFF\""), SV("\"\xC0\x80\""), SV("\"\xED\xA0\x80\""),
        SV("\"a\nb\""), SV("\"a\tb\""), SV("\"\x01\""), SV("\v1"), SV("[1,\f2]"),
        SV("{\"a\":1,\"a\":2}"), SV("{\"a\":1,\"\\u0061\":2}"), SV("{\"x\":{\"a\":1,\"b\":2,\"a\":3}}"),
        SV("// c\n{}"), SV("{}//"), SV("\"\\q\""), SV("\"\\x41\""),
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, table[i]);
        assert_null(read_json(&b.repo, &b.src));
        bench_close(&b);
    }
}

static void spans_name_the_bytes_of_the_file(void **state)
{
    (void)state;
    static const struct { const char *json, *word, *raw; size_t offset; } table[] = {
        {"{\"v\": \"say ${X}\"}", "${X}", "${X}", 11},
        {"{\"v\": \"a\\nb ${X}\"}", "${X}", "${X}", 12},
        {"{\"v\": \"a\\nb ${X}\"}", "\n", "\\n", 8},
        {"{\"v\": \"a\\nb ${X}\"}", "a\nb", "a\\nb", 7},
        {"{\"v\": \"\\ud83d\\ude00\\\" ${X}\"}", "${X}", "${X}", 22},
        {"{\"v\": \"\\ud83d\\ude00\\\" ${X}\"}", "\xF0\x9F\x98\x80", "\\ud83d\\ude00", 7},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, sv_from(table[i].json));
        struct doc *d = read_json(&b.repo, &b.src);
        assert_non_null(d);
        tree_is_sound(d->root);
        const struct node *v = node_get(d->root, "v");
        size_t at = sv_find(v->text, sv_from(table[i].word));
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
    bench_open(&b, SV("{\n \"k\" : \"v\",\n \"n\": [ 1 ,true]\n}\n"));
    struct doc *d = read_json(&b.repo, &b.src);
    static const struct { const char *key, *raw_key, *value; } table[] = {
        {"k", "\"k\"", "\"v\""},
        {"n", "\"n\"", "[ 1 ,true]"},
    };
    assert_non_null(d);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct node *n = node_get(d->root, table[i].key);
        assert_true(sv_eq(sv_sub(b.src.text, n->place.start, n->place.end), sv_from(table[i].value)));
        assert_true(sv_eq(sv_sub(b.src.text, n->key_place.start, n->key_place.end), sv_from(table[i].raw_key)));
    }
    assert_int_equal(place_line(node_get(d->root, "n")->place), 3);
    bench_close(&b);
}

/* A compose file inside app-compose.json: the value is a source and reads like a file. */
static void a_document_inside_a_string_reads_like_a_file(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, SV("{\n \"docker_compose_file\": \"services:\\n  a:\\n    command: |\\n      one\\n      two ${X}\\n\"\n}"));
    struct doc *d = read_json(&b.repo, &b.src);
    assert_non_null(d);
    struct source *compose = node_source(&b.arena, node_get(d->root, "docker_compose_file"), "docker_compose_file");
    assert_int_equal(compose->embed, EMBED_STRING);
    struct doc *inner = read_yaml(&b.repo, compose);
    assert_non_null(inner);
    const struct node *command = node_path(inner->root, "services.a.command");
    struct place p = node_span(command, sv_find(command->text, SV("${X}")), command->text.n - 1);
    assert_ptr_equal(p.src, compose);
    assert_true(sv_eq(sv_sub(compose->text, p.start, p.end), SV("${X}")));
    struct source *script = node_source(&b.arena, command, "command");
    assert_int_equal(script->embed, EMBED_LINES);
    assert_ptr_equal(script->host, compose);
    assert_int_equal(line_at(&compose->lines, script->host_offset), 4);
    assert_int_equal(place_line((struct place){script, 4, 5}), 2); /* one place in the file for all of the string */
    bench_close(&b);
}

static void hostile_documents_end_quickly(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buf deep = {0};
    buf_put(&deep, repeated(&a, "[", LIMIT_TREE_DEPTH + 1));
    buf_put(&deep, repeated(&a, "]", LIMIT_TREE_DEPTH + 1));
    struct buf many = {0};
    buf_puts(&many, "[0");
    buf_put(&many, repeated(&a, ",0", LIMIT_TREE_NODES - 1));
    buf_puts(&many, "]");
    const sv table[] = {
        repeated(&a, "[", 200000),
        repeated(&a, "{\"a\":", 100000),
        repeated(&a, " ", (1 << 20) + 1),
        repeated(&a, "\"\\u", 1000),
        buf_view(&deep),
        buf_view(&many),
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bench b;
        bench_open(&b, table[i]);
        assert_null(read_json(&b.repo, &b.src));
        bench_close(&b);
    }
    sv fits = sv_concat(&a, sv_concat(&a, repeated(&a, "[", LIMIT_TREE_DEPTH), SV("")), repeated(&a, "]", LIMIT_TREE_DEPTH));
    struct bench b;
    bench_open(&b, fits);
    assert_non_null(read_json(&b.repo, &b.src));
    bench_close(&b);
    buf_free(&deep);
    buf_free(&many);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_come_out_as_written),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(spans_name_the_bytes_of_the_file),
        cmocka_unit_test(places_cover_values_and_keys),
        cmocka_unit_test(a_document_inside_a_string_reads_like_a_file),
        cmocka_unit_test(hostile_documents_end_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
