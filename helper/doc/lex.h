/* The lexer engine behind read_tokens: one loop, a table per language, and a few hooks for what a
 * table cannot say. Only read_tokens.c and lex_*.c include this. */
#ifndef LEX_H
#define LEX_H

#include "doc/read.h"

/* A kind of string. Where `code_open` occurs inside, code follows until the matching `code_close`:
 * the string becomes two tokens with the tokens of that code between them. */
struct string_form {
    const char *open, *close;
    char escape;             /* takes the next byte with it; 0 where there is none */
    bool lines;              /* may span lines; otherwise its line ends it */
    const char *close_again; /* the closing quote followed by one of these bytes closes nothing */
    const char *code_open;   /* NULL where nothing is interpolated */
    char code_close;
};

enum backslash { BACKSLASH_PUNCT, BACKSLASH_JOINS_LINES, BACKSLASH_QUOTES };

struct lexer;
struct language {
    const char *line_comments[2];
    enum { COMMENT_ANYWHERE, COMMENT_AT_WORD, COMMENT_AT_LINE } comments_begin;
    const char *block_open, *block_close;
    bool block_nests;
    enum backslash backslash;
    bool brackets_join_lines;    /* no NEWLINE tokens inside brackets (Python) */
    const char *word_bytes;      /* bytes of words besides letters, digits, _ and non-ASCII */
    const struct string_form *strings; /* longest opening first; ends with open == NULL */
    bool (*special)(struct lexer *x);  /* asked before strings, words and operators; true: it took some bytes */
    const char *special_at;            /* the bytes at which it may take something; NULL: any */
};

enum { LEX_NESTING = 64, LEX_HEREDOCS = 8 };

struct lex_frame {
    const struct string_form *form;
    size_t nested;  /* brackets of the closing kind open inside */
    unsigned depth; /* to restore behind the code */
};

struct heredoc { sv name; bool indented; };

/* What a byte may begin in the language at hand; MAY_JOIN: it stands in an operator of several bytes. */
enum {
    MAY_WORD = 1, MAY_NUMBER = 2, MAY_COMMENT = 4, MAY_SPECIAL = 8, MAY_STRING = 16, MAY_JOIN = 32, MAY_BLANK = 64,
    MAY_LINE = 128, /* a line end, or the backslash before one */
    MAY_BRACKET = 256,
};

struct lexer {
    struct arena *arena;
    const struct language *lang;
    enum lang which;
    unsigned short may[256];
    sv text; /* the whole source; lexing ends at text.n */
    size_t at;
    unsigned depth;
    struct token *out, *next;     /* the tokens */
    struct token *comment, *end;  /* those apart, last one first: they gather at the other end */
    bool program;  /* comments apart, brackets paired, line ends inside lists left out */
    uint32_t open; /* the innermost bracket without partner, plus one; its `match` names the one around it */
    struct lex_frame frames[LEX_NESTING];
    size_t n_frames;
    struct heredoc heredocs[LEX_HEREDOCS]; /* announced on this line */
    size_t n_heredocs;
    size_t no_regex_before; /* a regex that did not end on its line: none is tried again on it */
};

const struct language *lex_language(enum lang l); /* NULL where there is no lexer */

/* For the hooks. */
char lex_peek(const struct lexer *x, size_t ahead); /* 0 behind the end */
bool lex_sees(const struct lexer *x, const char *s);
/* Emits [at, end) and goes there: to the row of tokens, or to that of comments. */
void lex_emit(struct lexer *x, enum token_kind kind, size_t end);
/* A string from `at`, whose content begins at `content`. */
void lex_string(struct lexer *x, const struct string_form *form, size_t content);
/* True where an operand may begin: a `/` here is a regular expression and no division. */
bool lex_expects_operand(const struct lexer *x);
void lex_heredoc_announce(struct lexer *x, sv name, bool indented);

bool lex_special_python(struct lexer *x);
bool lex_special_javascript(struct lexer *x);
bool lex_special_rust(struct lexer *x);
bool lex_special_shell(struct lexer *x);
bool lex_special_cpp(struct lexer *x);
bool lex_special_ruby(struct lexer *x);
bool lex_special_elixir(struct lexer *x);
bool lex_special_php(struct lexer *x);
bool lex_special_quotes_at_value(struct lexer *x); /* YAML, ini: a quote inside a word is a letter */

#endif
