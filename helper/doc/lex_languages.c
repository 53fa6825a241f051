/* What the languages call comments and strings. */
#include "doc/lex.h"

static const struct string_form python[] = {
    {"\"\"\"", "\"\"\"", '\\', true, NULL, NULL, 0},
    {"'''", "'''", '\\', true, NULL, NULL, 0},
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form javascript[] = {
    {"`", "`", '\\', true, NULL, "${", '}'},
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form rust[] = { /* ' is for the hook: lifetimes */
    {"\"", "\"", '\\', true, NULL, NULL, 0},
    {0},
};
static const struct string_form go[] = {
    {"`", "`", 0, true, NULL, NULL, 0},
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form shell[] = {
    {"$'", "'", '\\', true, NULL, NULL, 0},
    {"'", "'", 0, true, NULL, NULL, 0},
    {"\"", "\"", '\\', true, NULL, "$(", ')'},
    {0},
};
static const struct string_form java[] = {
    {"\"\"\"", "\"\"\"", '\\', true, NULL, NULL, 0},
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form kotlin[] = {
    {"\"\"\"", "\"\"\"", 0, true, NULL, "${", '}'},
    {"\"", "\"", '\\', false, NULL, "${", '}'},
    {"'", "'", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form csharp[] = {
    {"$@\"", "\"", 0, true, "\"", "{", '}'},
    {"@$\"", "\"", 0, true, "\"", "{", '}'},
    {"\"\"\"", "\"\"\"", 0, true, NULL, NULL, 0},
    {"@\"", "\"", 0, true, "\"", NULL, 0},
    {"$\"", "\"", '\\', false, NULL, "{", '}'},
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form swift[] = {
    {"\"\"\"", "\"\"\"", '\\', true, NULL, "\\(", ')'},
    {"#\"", "\"#", 0, false, NULL, NULL, 0},
    {"\"", "\"", '\\', false, NULL, "\\(", ')'},
    {0},
};
static const struct string_form plain_c[] = {
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form php[] = {
    {"\"", "\"", '\\', true, NULL, "{$", '}'},
    {"'", "'", '\\', true, NULL, NULL, 0},
    {0},
};
static const struct string_form ruby[] = {
    {"\"", "\"", '\\', true, NULL, "#{", '}'},
    {"'", "'", '\\', true, NULL, NULL, 0},
    {"`", "`", '\\', true, NULL, "#{", '}'},
    {0},
};
static const struct string_form elixir[] = {
    {"\"\"\"", "\"\"\"", '\\', true, NULL, "#{", '}'},
    {"\"", "\"", '\\', true, NULL, "#{", '}'},
    {"'", "'", '\\', false, NULL, "#{", '}'},
    {0},
};
static const struct string_form nix[] = {
    {"''", "''", 0, true, "$'\\", "${", '}'},
    {"\"", "\"", '\\', true, NULL, "${", '}'},
    {0},
};
static const struct string_form toml[] = {
    {"\"\"\"", "\"\"\"", '\\', true, NULL, NULL, 0},
    {"'''", "'''", 0, true, NULL, NULL, 0},
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", 0, false, NULL, NULL, 0},
    {0},
};
static const struct string_form yaml[] = {
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {"'", "'", 0, false, "'", NULL, 0},
    {0},
};
static const struct string_form json[] = {
    {"\"", "\"", '\\', false, NULL, NULL, 0},
    {0},
};
static const struct string_form none[] = {{0}};

#define C_LIKE .line_comments = {"//"}, .block_open = "/*", .block_close = "*/"

static const struct language languages[LANG_COUNT] = {
    [LANG_PYTHON] = {.line_comments = {"#"}, .backslash = BACKSLASH_JOINS_LINES, .brackets_join_lines = true,
                     .strings = python, .special = lex_special_python, .special_at = "rRbBfFuUtT"},
    [LANG_JAVASCRIPT] = {C_LIKE, .word_bytes = "$", .strings = javascript, .special = lex_special_javascript, .special_at = "/#"},
    [LANG_TYPESCRIPT] = {C_LIKE, .word_bytes = "$", .strings = javascript, .special = lex_special_javascript, .special_at = "/#"},
    [LANG_RUST] = {C_LIKE, .block_nests = true, .strings = rust, .special = lex_special_rust, .special_at = "'brc"},
    [LANG_GO] = {C_LIKE, .strings = go},
    [LANG_SHELL] = {.line_comments = {"#"}, .comments_begin = COMMENT_AT_WORD, .backslash = BACKSLASH_QUOTES,
                    .strings = shell, .special = lex_special_shell, .special_at = "<"},
    [LANG_JAVA] = {C_LIKE, .strings = java},
    [LANG_KOTLIN] = {C_LIKE, .block_nests = true, .strings = kotlin},
    [LANG_CSHARP] = {C_LIKE, .strings = csharp},
    [LANG_RUBY] = {.line_comments = {"#"}, .backslash = BACKSLASH_JOINS_LINES, .strings = ruby,
                   .special = lex_special_ruby, .special_at = "=</%"},
    [LANG_PHP] = {.line_comments = {"//", "#"}, .block_open = "/*", .block_close = "*/", .word_bytes = "$",
                  .strings = php, .special = lex_special_php},
    [LANG_ELIXIR] = {.line_comments = {"#"}, .strings = elixir, .special = lex_special_elixir, .special_at = "~"},
    [LANG_SWIFT] = {C_LIKE, .block_nests = true, .strings = swift},
    [LANG_C] = {C_LIKE, .backslash = BACKSLASH_JOINS_LINES, .strings = plain_c},
    [LANG_CPP] = {C_LIKE, .backslash = BACKSLASH_JOINS_LINES, .strings = plain_c, .special = lex_special_cpp, .special_at = "R"},
    [LANG_SOLIDITY] = {C_LIKE, .word_bytes = "$", .strings = plain_c},
    [LANG_NIX] = {.line_comments = {"#"}, .block_open = "/*", .block_close = "*/", .strings = nix},
    [LANG_YAML] = {.line_comments = {"#"}, .comments_begin = COMMENT_AT_WORD, .strings = yaml,
                   .special = lex_special_quotes_at_value, .special_at = "\"'"},
    [LANG_JSON] = {C_LIKE, .strings = json},
    [LANG_TOML] = {.line_comments = {"#"}, .strings = toml},
    [LANG_INI] = {.line_comments = {"#", ";"}, .comments_begin = COMMENT_AT_WORD, .strings = yaml,
                  .special = lex_special_quotes_at_value, .special_at = "\"'"},
    [LANG_DOCKERFILE] = {.line_comments = {"#"}, .comments_begin = COMMENT_AT_LINE,
                         .backslash = BACKSLASH_QUOTES, .strings = yaml, .special = lex_special_quotes_at_value, .special_at = "\"'"},
    [LANG_HTML] = {.block_open = "<!--", .block_close = "-->", .strings = none},
};

const struct language *lex_language(enum lang l)
{
    return (unsigned)l < LANG_COUNT && languages[l].strings != NULL ? &languages[l] : NULL;
}
