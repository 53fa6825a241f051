/* A program as blocks, calls and assignments: enough structure to ask what happens after a
 * verification, without a parser per language. Built over tokens; total on any bytes, linear.
 * Python by indentation, shell by keywords, the others by braces. */
#ifndef READ_PROGRAM_H
#define READ_PROGRAM_H

#include "doc/read.h"

enum block_kind {
    BLOCK_OTHER, BLOCK_FUNCTION, BLOCK_TYPE, BLOCK_IF, BLOCK_ELSE, BLOCK_TRY, BLOCK_CATCH, BLOCK_FINALLY,
    BLOCK_LOOP, BLOCK_ARM, /* one case of a match or switch */
};

/* Ranges count tokens of struct program: [head, head_end) and [body, body_end), brackets left out. */
struct block {
    enum block_kind kind;
    sv name;                    /* functions: "handler", "/route" for a keyed one, SV_NONE; types: the name */
    size_t head, head_end;      /* the condition, the caught type, the signature; keywords included */
    size_t body, body_end;
    size_t params, params_end;  /* functions: between the parentheses; equal where there are none */
    size_t decorators;          /* Python: first token of the decorators above; SV_NOT_FOUND */
    const struct block *parent; /* NULL at top level */
    const struct block *follows; /* the `if` of an `else`, the `try` of a `catch` */
    const struct block *next;   /* the block that follows this one: its `else`, its first `catch` */
};

struct call {
    sv name;      /* last word of the callee: "get_quote"; Rust macros without "!" */
    sv chain;     /* as written: "client.get_quote" */
    uint32_t from, open, close; /* tokens: first of the chain, both parentheses */
};

struct assignment {
    sv target;    /* last word: "x" of `self.x = …` and of `const {key: x} = …` */
    sv field;     /* destructured: "key"; else SV_NONE */
    uint32_t at;  /* token of the target */
    uint32_t value, value_end;
    bool declares; /* let, const, var, :=, or any in Python at module level */
};

/* Assignments by the hash of the name, the last one first; indices into assigns plus one, 0 ends. */
struct named_before { uint32_t *last, *before, mask; };

struct program {
    const struct source *src;
    enum lang lang; /* inline scripts of HTML count as JavaScript */
    const struct token *at; /* without comments; newlines only where they may end a statement */
    size_t n;
    VEC(struct block) blocks; /* by body */
    ARRAY(struct call) calls;   /* by `open` */
    ARRAY(struct assignment) assigns; /* by `at` */
    const struct token *comments;
    size_t n_comments;
    const struct named_before *named; /* for program_assigned */
};

/* Cached per source. NULL for languages this does not read. */
const struct program *read_program(struct repo *r, const struct source *src);

/* The partner of a bracket, else SV_NOT_FOUND. */
static inline size_t program_match(const struct program *c, size_t token) { return c->at[token].bracket ? (size_t)c->at[token].value - 1 : SV_NOT_FOUND; }
const struct block *program_block_at(const struct program *c, size_t token);    /* innermost, or NULL */
const struct block *program_function_at(const struct program *c, size_t token); /* innermost function, or NULL */
/* First token behind the statement or expression at `from`. An expression ends at a comma too. */
size_t program_statement_end(const struct program *c, size_t from);
size_t program_expression_end(const struct program *c, size_t from);
size_t program_statement_start(const struct program *c, size_t token);

struct place program_place(const struct program *c, size_t from, size_t to);
static inline sv program_token(const struct program *c, size_t token) { return token_text(c->src, &c->at[token]); }
/* Its first byte. */
static inline char program_first(const struct program *c, size_t token) { return c->src->text.p[c->at[token].start]; }
static inline sv program_string(const struct program *c, size_t token) { return token_string(c->src, &c->at[token]); }
sv program_text(const struct program *c, size_t from, size_t to); /* as written */
static inline bool program_is(const struct program *c, size_t token, const char *text)
{
    if (token >= c->n || c->at[token].kind == TOKEN_STRING)
        return false;
    sv word = program_token(c, token); /* its first byte answers most questions */
    return word.n != 0 && word.p[0] == text[0] && sv_eq(word, sv_from(text));
}
/* The identifier occurs, in code or in the expressions of a Python f-string. */
bool program_mentions(const struct program *c, size_t from, size_t to, sv identifier);
/* Any identifier or string holds the text, letter case ignored. */
bool program_says(const struct program *c, size_t from, size_t to, const char *text);
/* The first such token, or SV_NOT_FOUND. */
size_t program_find(const struct program *c, size_t from, size_t to, const char *text);
/* The k-th argument (0-based) without a `name=` in front; false where there is none. */
bool program_argument(const struct program *c, const struct call *call, size_t k, size_t *from, size_t *to);
bool program_named_argument(const struct program *c, const struct call *call, const char *name, size_t *from, size_t *to);
/* The calls whose chain begins in [from, to): indices into calls. */
void program_calls_in(const struct program *c, size_t from, size_t to, size_t *first, size_t *end);
/* return, raise, throw, exit, panic, continue, break … stands in the range, nested functions left out. */
bool program_leaves(const struct program *c, size_t from, size_t to);
/* The last assignment to `name` before `token`, in its function or outside functions; NULL. */
const struct assignment *program_assigned(const struct program *c, sv name, size_t token);

#endif
