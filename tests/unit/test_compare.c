#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check/code.h"

static void parts_of_names_are_words(void **state)
{
    (void)state;
    static const char *const key[] = {"key", NULL};
    static const struct { const char *name; bool has; } rows[] = {
        {"key", true}, {"publicKey", true}, {"public_key", true}, {"SIGN_KEY", true}, {"KeyId", true}, {"TLSKey", true}, {"keyHash", true},
        {"keys", false}, {"monkey", false}, {"keyword", false}, {"kvKeys", false}, {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(name_has_part(sv_from(rows[i].name), key), rows[i].has);
}

static const struct program *program_of(struct repo *r, enum lang lang, const char *text)
{
    struct source *s = arena_new(r->arena, struct source);
    *s = (struct source){.path = SV("x"), .text = sv_from(text), .kind = SOURCE_CODE, .lang = lang};
    s->lines = lines_of(r->arena, s->text);
    return read_program(r, s);
}

static void comparisons_are_of_values(void **state)
{
    (void)state;
    static const char *const hash[] = {"compose_hash", NULL};
    static const struct { enum lang lang; const char *text; bool compared; } rows[] = {
        {LANG_PYTHON, "if quote.compose_hash != expected: fail()", true},
        {LANG_PYTHON, "h = data['compose_hash']\nif h == expected: ok()", true},
        {LANG_PYTHON, "ok = hmac.compare_digest(compose_hash, known)", true},
        {LANG_PYTHON, "if compose_hash in known: ok()", true},
        {LANG_JAVASCRIPT, "if (compose_hash.startsWith(prefix)) ok()", true},
        {LANG_RUST, "assert_eq!(report.compose_hash, expected);", true},
        {LANG_GO, "if bytes.Equal(compose_hash, expected) { ok() }", true},
        {LANG_SHELL, "[ \"$compose_hash\" = \"$expected\" ] || exit 1", true},
        {LANG_PYTHON, "if compose_hash is None: fail()", false},
        {LANG_PYTHON, "if compose_hash == '': fail()", false},
        {LANG_PYTHON, "if event['event'] == 'compose_hash': take()", false},
        {LANG_PYTHON, "if 'compose_hash' in data: take()", false},
        {LANG_PYTHON, "names = [x for x in compose_hashes]", false},
        {LANG_JAVASCRIPT, "if (compose_hash !== null) take()", false},
        {LANG_SHELL, "compose_hash=$(sha256sum file)", false},
    };
    struct arena a = {0};
    struct repo r = {.arena = &a};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct program *p = program_of(&r, rows[i].lang, rows[i].text);
        if (compares(p, 0, p->n, hash) != rows[i].compared)
            fail_msg("%s", rows[i].text);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_names_are_words),
        cmocka_unit_test(comparisons_are_of_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
