/* A source is a text with an origin: a file of the repository, or a document that another
 * source carries inside it (a compose file in app-compose.json, a script in a RUN line). */
#ifndef SOURCE_H
#define SOURCE_H

#include "base/grams.h"
#include "base/text.h"

struct tokens;
struct program;

enum source_kind {
    SOURCE_OTHER,       /* text nobody parses; pattern rules still see it */
    SOURCE_COMPOSE,     /* Docker Compose YAML, by name or by a `services:` mapping */
    SOURCE_APP_COMPOSE, /* app-compose.json, tcb_info, SDK info() or the 8090 page */
    SOURCE_DOCKERFILE,
    SOURCE_WORKFLOW, /* .github/workflows, action.yml, other CI systems' YAML */
    SOURCE_CODE,     /* a program: see `lang` */
    SOURCE_SCRIPT,   /* shell */
    SOURCE_MANIFEST, /* package.json, pyproject.toml, requirements*.txt, Cargo.toml, go.mod … */
    SOURCE_LOCK,     /* lock files of package managers */
    SOURCE_ENV,      /* .env and its examples */
    SOURCE_CONFIG,   /* other YAML, JSON, TOML, ini, nginx, Caddyfile, templates */
    SOURCE_DOC,      /* Markdown and other prose */
    SOURCE_EVIDENCE, /* saved quotes and event logs */
};

enum lang {
    LANG_NONE, LANG_PYTHON, LANG_JAVASCRIPT, LANG_TYPESCRIPT, LANG_RUST, LANG_GO, LANG_SHELL,
    LANG_JAVA, LANG_KOTLIN, LANG_CSHARP, LANG_RUBY, LANG_PHP, LANG_ELIXIR, LANG_SWIFT, LANG_C,
    LANG_CPP, LANG_SOLIDITY, LANG_NIX, LANG_YAML, LANG_JSON, LANG_TOML, LANG_INI, LANG_DOCKERFILE,
    LANG_HTML, LANG_MARKDOWN, LANG_COUNT
};

/* Where a text takes effect. Findings outside PROD are lowered or dropped by the checks. */
enum scope {
    SCOPE_PROD,
    SCOPE_TEST, /* tests, fixtures, mocks by path or by the language's test markers */
    SCOPE_DEV,  /* dev, local, example files and developer tools */
    SCOPE_CI,   /* workflows and what only they call */
    SCOPE_DOC,
};

/* Properties of a text that hide it from readers or tools. The text is examined all the same. */
enum oddity {
    ODD_NUL,          /* a NUL byte in a file whose name says text */
    ODD_UTF16,        /* UTF-16 or UTF-32 with a byte order mark; `text` is the UTF-8 of it */
    ODD_UTF8_BOM,     /* a UTF-8 byte order mark; `text` begins behind it */
    ODD_INVALID_UTF8, /* overlong forms included */
    ODD_LONE_CR,      /* a carriage return that old tools show as a line end and parsers do not */
    ODD_LONG_LINE,    /* above LIMIT_LINE_BYTES */
    ODD_INVISIBLE,    /* bidirectional controls, tag characters, zero-width characters inside a word */
    ODD_COUNT
};

enum embed {
    EMBED_NONE,   /* a file */
    EMBED_LINES,  /* line n here is line host_line + n - 1 of the host (block scalar, heredoc, RUN) */
    EMBED_STRING, /* lines count inside the decoded string; the host has one place for all of it */
};

struct source {
    sv path; /* relative to the target, '/' between parts; embedded: the host's path */
    sv text; /* lives as long as the run */
    enum source_kind kind;
    enum lang lang;
    enum scope scope;
    struct lines lines;
    const struct tokens *tokens; /* filled by read_tokens on first use */
    const struct program *program; /* filled by read_program on first use */
    struct arena *arena;   /* for the two below; NULL: nothing is kept */
    struct grams *grams;   /* filled on the first question about its words */
    struct answer *answers; /* of such questions so far */
    size_t tests_at;               /* Rust: where its unit tests begin, SV_NOT_FOUND without; 0: not looked for yet */
    unsigned oddities;        /* bit per enum oddity */
    size_t odd_at[ODD_COUNT]; /* offset of the first one of each kind that is set */
    bool vendored; /* third-party code kept in the tree (vendor/, node_modules/, dist bundles) */

    enum embed embed;
    const struct source *host; /* NULL for a file */
    size_t host_offset;        /* where the string or block begins in the host */
    sv field;                  /* what carries it: "docker_compose_file", "run", "command" … */
};

/* A span of a source. `end` is one behind the last byte and may equal `start`. */
struct place {
    const struct source *src;
    size_t start, end;
};

/* A place as people read it. */
struct spot {
    sv path;
    size_t line, column, end_line; /* 1-based, in the file */
    sv field;                      /* embedded: SV_NONE where the place is in a file's own text */
    size_t field_line;             /* embedded: the line inside that string */
};

struct spot spot_of(struct place p);
size_t place_line(struct place p); /* 1-based line in the file */
/* Orders by path, then offset in the file, then offset in the embedded text. */
int place_cmp(struct place a, struct place b);

/* An embedded source; `offset` is in the host's text. kind and lang are the caller's to set. */
struct source *source_embed(struct arena *a, const struct source *host, size_t offset, sv text,
                            enum embed how, const char *field);

/* The whole text holds the word, which must live as long as the run. Cheap where it does not, and asked once. */
bool source_has(const struct source *s, sv word);
bool source_ihas(const struct source *s, sv word); /* letter case ignored */
/* It holds one of the words, letter case ignored. The list ends with NULL. */
bool source_says(const struct source *s, const char *const *words);
bool source_says_of(const struct source *s, const struct gram_words *words); /* the same of many texts */

const char *source_kind_name(enum source_kind k);
const char *lang_name(enum lang l); /* lower case: "python" */
const char *scope_name(enum scope s);
enum lang lang_from_name(sv name); /* LANG_NONE where unknown */

/* The part of the path behind the last '/', and the part before it ("" at the root). */
sv path_base(sv path);
sv path_dir(sv path);
/* "a/b" + "../c" -> "a/c"; SV_NONE when it would leave the root or is absolute. */
sv path_join(struct arena *a, sv dir, sv relative);
bool path_is_below(sv path, sv dir); /* dir "" holds everything */

#endif
