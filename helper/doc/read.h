/* Readers: text to trees. Each records what it could not read in repo->diags and goes on. */
#ifndef READ_H
#define READ_H

#include "doc/node.h"
#include "input/repo.h"

/* NULL when nothing could be read; diags then names the line. Duplicate keys are an error of the
 * document, as in compose-go; the rest of the file is not used. */
struct doc *read_yaml(struct repo *r, const struct source *src);
/* Strict: no trailing bytes, no duplicate keys (case matters), no NUL; BOM and invalid UTF-8 are errors.
 * JSON with comments (tsconfig, devcontainer) is for the caller to avoid. */
struct doc *read_json(struct repo *r, const struct source *src);

/* ---- Dockerfiles ------------------------------------------------------------------------- */
struct docker_flag { sv name, value; struct docker_flag *next; }; /* --from=…, --mount=…, --chmod=… */

/* The text of a here-document, as written. */
struct docker_heredoc {
    sv name;                    /* without quotes */
    const struct source *text;  /* "heredoc"; the leading tabs that `<<-` removes are still there */
    bool quoted;                /* <<'EOF': nothing is expanded */
    struct docker_heredoc *next;
};

struct instruction {
    sv keyword;         /* upper case: FROM, RUN, COPY, ARG, ENV … */
    sv args;            /* joined continuation lines as written, flags removed */
    struct docker_flag *flags;
    struct place place; /* whole instruction, heredoc included */
    struct place args_place;
    /* RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD in shell form, RUN heredoc: the shell text, its field
     * the keyword in lower case, its lines those of the file; else NULL. The body of a heredoc that
     * starts with #! names its interpreter by `lang`. */
    const struct source *script;
    struct docker_heredoc *heredocs; /* RUN, COPY, ADD */
    size_t stage;       /* 0-based; instructions before the first FROM carry 0 too */
    bool exec_form;     /* JSON array */
    char escape;        /* of its file: backslash, or what `# escape=` says */
    const struct piece *pieces; /* where args stand in the source; for instruction_span */
    size_t n_pieces;
};

struct stage {
    sv name;                       /* AS name, lower case as docker compares; SV_NONE where unnamed */
    sv image;                      /* as written */
    sv resolved;                   /* ARG defaults substituted; still holds "$" where unresolved */
    sv platform;
    const struct instruction *from;
    const struct stage *base;      /* an earlier stage it builds on, else NULL */
    size_t index;
};

struct dockerfile {
    const struct source *src;
    VEC(struct instruction) instructions;
    VEC(struct stage) stages;
    sv syntax; /* "# syntax=" directive */
};

/* Never partial for what BuildKit refuses only later: unknown keywords are kept. NULL when the text is
 * above LIMIT_TREE_BYTES. An unterminated heredoc and a FROM without an image are diags. */
struct dockerfile *read_dockerfile(struct repo *r, const struct source *src);
/* Place of the bytes [from, to) of `args`. */
struct place instruction_span(const struct instruction *i, size_t from, size_t to);
/* KEY=VALUE pairs of ENV, ARG and LABEL, also in the old form "ENV KEY VALUE"; calls back per pair with
 * the pair's place. Quotes are removed from the value, variables stay as written. */
void instruction_pairs(struct arena *a, const struct instruction *i,
                       void (*each)(void *ctx, sv key, sv value, bool has_value, struct place), void *ctx);

/* ---- Shell -------------------------------------------------------------------------------- */
struct word {
    sv text;   /* quotes removed where that is decidable; expansions kept as written */
    sv raw;    /* as written */
    struct place place;
    bool quoted;  /* any part was quoted */
    bool expands; /* holds $… or `…` */
};

struct assign { sv name, value; struct place place; struct assign *next; };

/* One simple command. Control structures are flattened; `block` tells nesting apart. */
struct command {
    struct word *words; /* words[0] is the program: sudo, env, exec, time, nohup, timeout … and their options are skipped */
    size_t n;
    struct assign *assigns;   /* X=1 before the program, or alone */
    sv redirect_in, redirect_out; /* last file names of descriptors 0 and 1, SV_NONE where none */
    sv heredoc;               /* body of <<EOF, as written */
    struct place heredoc_place;
    bool heredoc_quoted;      /* <<'EOF': no expansion */
    struct command *pipe_to;  /* cmd | next */
    struct command *and_then; /* cmd && next */
    struct command *or_else;  /* cmd || next */
    bool background, negated, in_condition; /* `if cmd`, `while cmd`, `! cmd` */
    sv function;              /* name of the function it stands in, SV_NONE at top level */
    struct place place;
};

struct shell {
    const struct source *src;
    VEC(struct command) commands; /* in order of appearance; those inside $(…), backticks and `sh -c "…"` behind the command they stand in */
    bool errexit;                 /* set -e / set -o errexit / #!/bin/sh -e */
};

struct shell *read_shell(struct repo *r, const struct source *src);
sv command_name(const struct command *c);                     /* base name of words[0], SV_NONE without */
bool command_has(const struct command *c, const char *word);  /* an argument equal to `word` */
/* Value of an option: "--flag v", "--flag=v"; SV_NONE where absent. */
sv command_option(const struct command *c, const char *flag);

/* ---- Code --------------------------------------------------------------------------------- */
enum token_kind { TOKEN_WORD, TOKEN_NUMBER, TOKEN_STRING, TOKEN_COMMENT, TOKEN_PUNCT, TOKEN_NEWLINE };

struct token { /* small: a large repository has millions */
    uint32_t start;          /* in the text of its source */
    uint32_t value : 26;     /* bytes: a source is no longer than LIMIT_FILE_BYTES; for program_match, where `bracket` is set */
    enum token_kind kind : 3;
    uint32_t mark : 1;       /* `(`, `{`, `}`, `=`, `=>` or `:=`: blocks, calls and assignments turn on them */
    uint32_t bracket : 1;
};
enum { TOKEN_VALUE = (1 << 26) - 1 }; /* the most that fits */

static inline size_t token_length(const struct token *t) { return t->bracket ? 1 : t->value; }
/* As written; strings with their quotes and prefixes. */
static inline sv token_text(const struct source *src, const struct token *t) { return (sv){src->text.p + t->start, token_length(t)}; }

enum byte_scope { IN_CODE, IN_COMMENT, IN_STRING };

/* Total: any bytes give tokens; an unterminated string ends with its line (or the file, for multi-line
 * forms). Where read_program reads the language, comments are on their own, brackets know their partners
 * and line ends inside lists are left out: one row of tokens serves both. */
struct tokens {
    const struct source *src;
    const struct token *at; /* one more, an empty one, stands behind the last */
    size_t n;
    const struct token *comments;
    size_t n_comments;
};

const struct tokens *read_tokens(struct repo *r, const struct source *src); /* cached per source; NULL for languages without a lexer */
/* The scripts of a page alone, as a program: what its text says is none. Not cached. */
const struct tokens *read_page_scripts(struct repo *r, const struct source *page);
/* What read_program reads the language as (a page as JavaScript); LANG_NONE where it reads none. */
enum lang program_language(enum lang l);
enum byte_scope scope_at(const struct tokens *t, size_t offset);
/* The bracket at row[i] holds statements, one a line: { … }, and Go's `const ( A = 1 … )`, `var ( … )`. */
bool bracket_holds_lines(sv text, const struct token *row, size_t i, enum lang lang);
/* Content of a string as written: quotes and prefix removed, escapes as they are. */
sv string_content(sv text);
static inline sv token_string(const struct source *src, const struct token *t) { return string_content(token_text(src, t)); }
/* Index of the token at or after `offset`; t->n at the end. */
size_t token_at(const struct tokens *t, size_t offset);

#endif
