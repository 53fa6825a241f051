/* tests/idioms.yaml: for each way in which a language reads its environment, programs that do and programs that
 * only look like it, through the real reader. Every idiom below has both, and the address of what defines it. */
#include "doc/read.h"
#include "reads_test.h"

#include <stdio.h>

static const char *const idioms[] = {
    "os.environ", "os.getenv", "pydantic-settings", "pydantic-settings env_prefix", "pydantic-settings alias",
    "pydantic-settings env_nested_delimiter", "pydantic-settings case", "decouple", "environs", "django-environ", "dynaconf", "click", "typer",
    "process.env", "process.env by index", "process.env destructuring", "import.meta.env", "Deno.env", "Bun.env", "envalid", "zod",
    "t3-env", "convict", "dotenv",
    "os.Getenv", "os.LookupEnv", "envconfig", "env struct tags", "viper", "koanf", "kong",
    "std::env::var", "std::env::var_os", "env! and option_env!", "clap env", "envy", "config", "figment", "serde default", "impl Default",
    "System.getenv", "@Value", "application.yml", "application.properties", "Kotlin",
    "C#", "Ruby", "PHP", "Elixir", "Swift", "C", "C++", "shell", "vm.env", "Nix",
    "wrapper in Python", "wrapper in JavaScript", "wrapper in Go", "wrapper in Rust", "wrapper in others",
    "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "AWS_*", "HTTPS_PROXY", "SENTRY_DSN", "DSTACK_SIMULATOR_ENDPOINT",
    "TAPPD_SIMULATOR_ENDPOINT", "DATABASE_URL", "RUST_LOG",
};
enum { IDIOMS = sizeof idioms / sizeof *idioms, FILES = 6 };

static char *whole_file(const char *path)
{
    enum { MOST = 1 << 20 };
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = malloc(MOST);
    assert_non_null(text);
    size_t n = fread(text, 1, MOST - 1, f);
    fclose(f);
    text[n] = '\0';
    return text;
}

/* "LINE NAME", "=default" where there is one, "!" where the program fails without it; several files: the path in front. */
static void show_rows(const struct env_read *const *rows, size_t n, bool paths, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (paths)
            buf_printf(out, "%.*s:", SV_ARG(rows[i]->place.src->path));
        buf_printf(out, "%zu %.*s", place_line(rows[i]->place), SV_ARG(rows[i]->name));
        if (rows[i]->has_fallback)
            buf_printf(out, "=%.*s", SV_ARG(rows[i]->fallback));
        buf_puts(out, rows[i]->required ? "!\n" : "\n");
    }
}

/* {text} in the file that the idiom names, {files: {path: text}} for several; a plain text is {text}. */
static size_t files_of(const struct node *idiom, const struct node *example, struct file *files, struct arena *a)
{
    size_t n = 0;
    for node_each(e, node_get(example, "files"))
        if (n < FILES)
            files[n++] = (struct file){arena_copy(a, e->key.p, e->key.n), arena_copy(a, e->text.p, e->text.n)};
    if (n != 0)
        return n;
    sv path = node_get_text(idiom, "file"), text = example->kind == NODE_SCALAR ? example->text : node_get_text(example, "text");
    files[0] = (struct file){arena_copy(a, path.p, path.n), arena_copy(a, text.p, text.n)};
    return 1;
}

static bool as_expected(const struct node *idiom, const struct node *example, bool implicit, sv expect)
{
    struct arena a = {0};
    struct repo r;
    struct facts f;
    struct buf out = {0};
    struct file files[FILES + 1] = {{NULL, NULL}};
    size_t n = files_of(idiom, example, files, &a);
    collect(&f, &r, &a, files, n);
    if (implicit)
        show_rows((const struct env_read *const *)f.library_reads.at, f.library_reads.n, n > 1, &out);
    else
        show_rows((const struct env_read *const *)f.env_reads.at, f.env_reads.n, n > 1, &out);
    bool same = sv_eq((sv){out.p, out.n}, expect);
    if (!same)
        print_error("%.*s, tests/idioms.yaml:%zu:\n--- expected\n%.*s--- got\n%.*s", SV_ARG(node_get_text(idiom, "idiom")),
                    place_line(example->place), SV_ARG(expect), (int)out.n, out.p);
    buf_free(&out);
    arena_free(&a);
    return same;
}

/* How many examples of an idiom are not read as it says. */
static size_t wrong_examples(const struct node *idiom)
{
    size_t wrong = 0;
    bool implicit = node_true(node_get(idiom, "implicit"));
    for node_each(e, node_get(idiom, "catches")) {
        assert_true(node_get_text(e, "reads").n != 0);
        wrong += !as_expected(idiom, e, implicit, node_get_text(e, "reads"));
    }
    for node_each(e, node_get(idiom, "spares"))
        wrong += !as_expected(idiom, e, implicit, SV(""));
    return wrong;
}

static void examples_are_read(void **state)
{
    (void)state;
    struct arena a = {0};
    struct repo r = {.arena = &a};
    char *text = whole_file("tests/idioms.yaml");
    struct source src = {.path = SV("tests/idioms.yaml"), .text = sv_from(text)};
    src.lines = lines_of(&a, src.text);
    classify(&src);
    const struct doc *doc = read_yaml(&r, &src);
    for (size_t i = 0; i < r.diags.n; i++)
        print_error("tests/idioms.yaml:%zu: %s\n", r.diags.at[i]->line, r.diags.at[i]->message.p);
    assert_non_null(doc);
    size_t wrong = 0;
    bool seen[IDIOMS] = {false};
    for node_each(idiom, doc->root) {
        sv name = node_get_text(idiom, "idiom");
        size_t k = 0;
        while (k < IDIOMS && !sv_eq(name, sv_from(idioms[k])))
            k++;
        if (k == IDIOMS || seen[k])
            print_error("tests/idioms.yaml: %.*s is %s\n", SV_ARG(name), k == IDIOMS ? "not in the list of this test" : "there twice");
        assert_true(k < IDIOMS && !seen[k]);
        seen[k] = true;
        bool complete = sv_starts(node_get_text(idiom, "docs"), SV("https://")) && node_count(node_get(idiom, "catches")) != 0 &&
                        node_count(node_get(idiom, "spares")) != 0;
        if (!complete)
            print_error("tests/idioms.yaml: %.*s lacks docs, catches or spares\n", SV_ARG(name));
        wrong += wrong_examples(idiom) + (complete ? 0 : 1);
    }
    for (size_t k = 0; k < IDIOMS; k++)
        if (!seen[k]) {
            print_error("tests/idioms.yaml has no %s\n", idioms[k]);
            wrong++;
        }
    assert_int_equal(wrong, 0);
    free(text);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples_are_read)};
    return cmocka_run_group_tests(tests, load, unload);
}
