/* What the readers of environment variables share: a program as a flat row of atoms, and the
 * tables that hold for the whole repository. Only fact/reads_*.c and from_source.c include it. */
#ifndef READS_H
#define READS_H

#include <string.h>

#include "fact/fact.h"

/* One piece of a program. Comments and line ends are gone; punctuation is one character each, so
 * that a reader need not know which operators the lexer joins. */
struct atom { /* small: a large repository has millions */
    uint32_t start;            /* offset in the source */
    uint32_t partner;          /* of a bracket: index of the other one; otherwise the own index */
    unsigned n : 28;           /* bytes: no file has more than LIMIT_FILE_BYTES */
    enum token_kind kind : 4;  /* WORD, NUMBER, STRING or PUNCT */
};

/* What gives access to the environment: `os.environ.get (`, `process.env [`; `open` is the bracket. */
struct access { size_t from, open; const char *idiom; };
struct accesses { VEC(struct access) list; };

struct code {
    struct facts *facts;
    const struct source *src;
    const char *text; /* of the source */
    const struct atom *at;
    size_t n;
    const uint32_t *heads; /* the words with `(`, `[`, `<` or `?` behind: only they can be called, or asked for an entry */
    size_t n_heads;
    const struct accesses *accesses;   /* filled by reads_access.c on first use */
    const struct functions *functions; /* by code_functions */
};

/* False where the language has no lexer. */
bool code_open(struct facts *f, const struct source *src, struct code *out);

static inline size_t code_start(const struct code *c, size_t i) { return c->at[i].start; }
size_t code_at(const struct code *c, size_t offset); /* index of the first atom that ends behind it */
size_t code_head(const struct code *c, size_t i);    /* number of the first head at `i` or behind */
/* The next atom from `from` on that is the word, c->n without: for words that few files say often. */
size_t code_next_word(const struct code *c, size_t from, sv word);
static inline sv code_text(const struct code *c, size_t i) /* as written; SV_NONE behind the end */
{
    return i < c->n ? (sv){c->text + c->at[i].start, c->at[i].n} : SV_NONE;
}
static inline bool code_is(const struct code *c, size_t i, const char *text)
{
    if (i >= c->n || c->at[i].kind == TOKEN_STRING)
        return false;
    sv atom = code_text(c, i); /* its first byte answers most questions */
    return atom.n != 0 && atom.p[0] == text[0] && sv_eq(atom, sv_from(text));
}

/* The byte of a sign; 0 for words, numbers and strings, and behind the end. */
static inline char code_sign(const struct code *c, size_t i)
{
    return i < c->n && c->at[i].kind == TOKEN_PUNCT ? c->text[c->at[i].start] : 0;
}

/* The first atom of its line: none begins on it before. */
static inline bool code_first(const struct code *c, size_t i)
{
    return i == 0 || memchr(c->text + code_start(c, i - 1), '\n', code_start(c, i) - code_start(c, i - 1)) != NULL;
}

static inline bool code_is_word(const struct code *c, size_t i)
{
    return i < c->n && c->at[i].kind == TOKEN_WORD;
}
/* Content of a string literal without quotes; SV_NONE for anything else. */
sv code_string(const struct code *c, size_t i);
/* Index behind the bracket pair that opens at `i`; i + 1 where `i` opens none. */
size_t code_behind(const struct code *c, size_t i);
/* The comma of the list [from, close) that ends the item at `from`, or `close`. */
size_t code_item_end(const struct code *c, size_t from, size_t close);
/* Column of the first atom of the line that holds `i`: how Python says what belongs together. */
size_t code_indent(const struct code *c, size_t i);
/* First index of the line behind the block that the statement at `i` opens by indentation. */
size_t code_indent_end(const struct code *c, size_t i);
struct place code_place(const struct code *c, size_t from, size_t to); /* atoms from..to, `to` included */
/* Source text of the atoms [from, to), trimmed; a lone string literal without its quotes. */
sv code_value(const struct code *c, size_t from, size_t to);

/* `a.b?.c`, `a::b`, `a->b` from the word at `i`: the names joined by dots, and the index behind. */
sv code_chain(const struct code *c, size_t i, size_t *behind);
/* `i` is a word that continues no chain. */
bool code_starts_chain(const struct code *c, size_t i);
size_t code_chain_start(const struct code *c, size_t i); /* the word that begins the chain of the word at `i` */
/* The value of `keyword=…` (Python, C#) or `keyword: …` (JavaScript, Kotlin) in the list
 * [from, close): index of its first atom, SV_NOT_FOUND where absent. *end is its end. */
size_t code_keyword(const struct code *c, size_t from, size_t close, const char *keyword, size_t *end);
/* The file holds the word anywhere outside comments. */
bool code_mentions(const struct code *c, const char *word);

/* A function with a name, as far as the shape of the text tells. */
struct function {
    sv name;
    size_t open, close;      /* brackets of the parameters */
    size_t from, to;         /* atoms of the body: [from, to) */
};
/* The function whose header begins at `i`. */
bool code_function(const struct code *c, size_t i, struct function *out);
struct functions { VEC(struct function) all; };
const struct functions *code_functions(const struct code *c); /* all of the program, in order; found on first use */

/* ---- tables of the repository ------------------------------------------------------------ */
struct constant { sv name, value; const struct source *src; enum lang lang; };
struct wrapper {
    sv name;
    enum lang lang;
    const struct source *src;
    size_t name_at, other_at, fallback_at; /* which argument; SV_NOT_FOUND where it takes none.
                                            * `other_at`: a second name, as in secret("KEY_FILE", "KEY") */
    bool required;               /* it fails without a value */
    const struct wrapper *next;  /* of those whose name has the same hash, found before */
};
enum { WRAPPER_BUCKETS = 64 };
/* `base`: what the file calls BaseSettings. */
struct settings_class { sv name, base; const struct source *src; const struct code *code; size_t at; bool settings; };

struct go_struct { sv name; const struct code *code; size_t open; }; /* `{` of its body */

/* f(process.env): the parameter number `argument` of `name` stands for the environment. */
struct handed { sv name; size_t argument; enum lang lang; };

struct reading {
    struct facts *facts;
    const struct source **sources; /* programs: files by path, then embedded ones */
    const struct code **opened;    /* of each source; NULL where nobody looked yet */
    bool *listed;                  /* stands in `codes` */
    size_t n;
    VEC(struct code) codes;        /* those opened because they may read variables */
    VEC(struct constant) constants;
    VEC(struct wrapper) wrappers;
    const struct wrapper *wrapper_named[WRAPPER_BUCKETS]; /* the last one of each hash */
    uint64_t wrapper_shapes;       /* first byte and length of their names: most words differ */
    VEC(struct settings_class) classes; /* Python */
    VEC(struct handed) handed;
    VEC(struct go_struct) structs;
    bool has_dynaconf; /* some Python file makes such an object */
};

size_t reads_number(const struct reading *p, const struct source *s); /* index into sources; SV_NOT_FOUND where it is no program */
/* The atoms of a source, made on first use; NULL where it is no program. */
const struct code *reads_open(struct reading *p, const struct source *s);

/* The words, for source_says_of. */
struct gram_words reads_words(struct arena *a, const sv *words, size_t n);

/* JavaScript and TypeScript are one language here, as are C and C++, Java and Kotlin. */
enum lang reads_family(enum lang l);

/* A row for the atoms from..to (both included). `name` is copied where it must be. */
struct env_read *reads_add(const struct code *c, sv name, size_t from, size_t to, const char *idiom);
/* Spring reads `llm.base-url` from LLM_BASEURL and, as before version 2, from LLM_BASE_URL (`legacy`). */
sv reads_spring_name(struct arena *a, sv key, bool legacy);
/* May stand for a variable of the environment: an identifier, not too long. */
bool reads_is_name(sv name);
/* Default, field and whether it is required, from what stands around the expression [from, to]. */
void reads_complete(const struct code *c, struct env_read *r, size_t from, size_t to);
/* Literal, or a constant of this file, or one the repository defines once. */
sv reads_literal(const struct reading *p, const struct code *c, size_t i);

/* The chain at `i` only looks like the environment: the `environ` of a request, a method called getenv. */
bool reads_is_foreign(const struct code *c, size_t i);

void reads_collect_constants(struct reading *p);
/* Wrappers of the codes from number `from` on; true when there are new ones. */
bool reads_collect_wrappers(struct reading *p, size_t from);
/* Functions that are called with the whole environment, and what they call it: the k-th name in the file, SV_NONE behind the last. */
void reads_collect_handed(struct reading *p);
bool reads_may_be_handed(const struct reading *p, const struct source *s); /* the file names one of these functions */
sv reads_handed(const struct reading *p, const struct code *c, size_t i);
void reads_by_access(struct reading *p, const struct code *c);
void reads_by_wrapper(struct reading *p, const struct code *c);
void reads_collect_classes(struct reading *p);      /* reads_settings.c */
void reads_python_settings(struct reading *p, const struct code *c);
void reads_python(struct reading *p, const struct code *c);
void reads_javascript(struct reading *p, const struct code *c);
void reads_go(struct reading *p);                   /* all Go programs together: structs and viper cross files */
void reads_go_structs(struct reading *p);           /* reads_go_structs.c */
sv go_tag(sv tag, const char *key);                 /* the value of `key` in a struct tag; SV_NONE where absent */
/* The keys, in lower case and joined by dots, of the struct that the expression at `argument` names. */
typedef void (*go_key)(void *ctx, sv key, sv field, struct place place, const struct code *c);
void reads_go_keys(struct reading *p, const struct code *c, size_t argument, const char *tag, sv path, go_key each, void *ctx);
void reads_rust(struct reading *p, const struct code *c);
void reads_others(const struct code *c);            /* C#, Elixir, Java, PHP, Ruby, Swift */
void reads_shell(struct facts *f, const struct source *const *sources, size_t n);
void reads_follow(struct reading *p);               /* reads_uses.c: uses, kind */
void reads_library(struct reading *p);              /* reads_library.c: library_reads */
void reads_config(struct facts *f);                 /* reads_config.c */
void reads_files(struct reading *p);                /* reads_files.c: file_mounts, and rows of their paths */
void reads_part_files(struct facts *f);             /* … which leave env_reads for file_reads */
void reads_outside(struct reading *p);              /* reads_outside.c: hosts, contracts, attestation */

/* chains.c: which of its words a file holds, asked once for all addresses in it. */
struct chains { const struct source *src; uint32_t hosts, words; bool numbered; };
void chains_of(const struct source *s, struct chains *out);
/* The chain named on the line of the address, on one of the four above or the two below; SV_NONE where none is. */
sv chain_near(const struct chains *c, size_t offset);
sv chain_of_file(const struct chains *c); /* the one that its numbers and hosts speak of; SV_NONE where they name several */

#endif
