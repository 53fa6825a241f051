/* What the checks on programs share: which programs count, and the words of attestation. */
#ifndef CHECK_CODE_H
#define CHECK_CODE_H

#include "check/check.h"
#include "doc/read_program.h"

/* Every program of the repository and those embedded in other files, tests, documents and third-party
 * code left out. `about`: words of which the text must hold one (letter case ignored); ends
 * with NULL; NULL = any. */
struct programs { VEC(const struct program) all; };
const struct programs *programs_of(struct check_run *c, const char *const *about); /* made once for each list, which is static */
/* Those whose text holds the name; it lives as long as the run. */
const struct programs *programs_naming(struct check_run *c, sv name);
/* Calls back for each of programs_of, when all checks have said what they look for: by then the looks of all checks follow each
 * other in one program, which is near by as long as they last. */
void each_program(struct check_run *c, const char *const *about, void (*look)(struct check_run *c, const struct program *p));

/* Those of the words, a static list, that the program's text may hold: few, most often none, and what is not among them is in none of
 * its tokens. For loops over tokens and calls. */
const char *const *words_within(struct check_run *c, const struct program *p, const char *const *words);

/* The same for a question that is asked once of a long range: `within` holds as many as the list. */
void take_words_within(const struct program *p, const char *const *words, const char **within);

/* One of 256 marks for each of its calls, of the ends and the length of its name, letter case ignored: most have none of those of a list. */
const unsigned char *call_marks(struct check_run *c, const struct program *p);
unsigned mark_of(sv name);
/* The letters of each name, one bit for both cases and some other bytes. */
const uint32_t *call_letters(struct check_run *c, const struct program *p);
uint32_t letters_of(sv name);

/* source_says of a static list, which many programs are asked for. */
bool program_speaks_of(struct check_run *c, const struct program *p, const char *const *words);

/* The program in `s` when it counts; NULL otherwise. */
const struct program *program_in_use(struct check_run *c, const struct source *s, const char *const *about);

extern const char *const tee_names[];
bool is_about_tee(struct check_run *c, const struct program *p); /* a "quote" is evidence there, and no price */

/* Words are looked for in identifiers and strings of the range, letter case ignored. The list ends with NULL. */
bool says_any(const struct program *p, size_t from, size_t to, const char *const *words);
size_t find_any(const struct program *p, size_t from, size_t to, const char *const *words);
bool text_has_any(sv text, const char *const *words);
/* By where the words stand in the text, since most tokens hold none of them: for (struct walk w = walk_words(p, words); next_word(&w);) … w.at */
enum { WALK_WORDS = 24 };
enum walked { WALK_WHOLE, WALK_NAMES, WALK_WITHIN };
struct walk { const struct program *program; struct tokens row; enum walked what; size_t at, end, n; struct { sv word; size_t next; } words[WALK_WORDS]; };
struct walk walk_words(const struct program *p, const char *const *words);  /* tokens that are one of the words as written, and no strings */
struct walk walk_names(const struct program *p, const char *const *words);  /* the same, and strings that say no more */
struct walk walk_within(const struct program *p, const char *const *words); /* all tokens that hold one, letter case ignored */
struct walk walk_comments(const struct program *p, const char *const *words); /* the same of comments: p->comments[w.at] */
bool next_word(struct walk *w);
const struct call *next_call(struct walk *w); /* the next call whose name is such a token, or NULL */
/* Its code or strings do: comments and docstrings promise, they do nothing. */
bool code_says(const struct program *p, const char *const *words);
/* A word of the name, as people read it: "key" in publicKey and SIGN_KEY, not in keyword or kvKeys. */
bool name_has_part(sv name, const char *const *parts);
const struct block *function_named(const struct program *p, sv name); /* the first one, or NULL */
bool defines_any(const struct program *p, const char *const *words); /* a function whose name holds one */
bool begins_in(const struct program *p, struct place place, size_t from, size_t to); /* begins within the tokens */
bool is_any(sv name, const char *const *words); /* it is one of the words, letter case ignored */
bool call_named(const struct call *k, const char *const *words); /* the same of its name */
/* Those of a program, of a static list of names: for (struct calls w = calls_named(c, p, names); (k = next_named(&w)) != NULL;) */
struct calls { const struct program *program; const char *const *names; const unsigned char *called; uint64_t marks[4]; bool as_written; size_t next; };
struct calls calls_named(struct check_run *c, const struct program *p, const char *const *names);
struct calls calls_written(struct check_run *c, const struct program *p, const char *const *names); /* letter case counts */
const struct call *next_named(struct calls *w);
/* Those whose name holds one of them, letter case ignored: for (struct holding w = calls_holding(c, p, words); (k = next_holding(&w)) != NULL;) */
enum { HOLDING_WORDS = 8 };
struct holding { const struct program *program; const char *const *words; const uint32_t *called; uint32_t letters[HOLDING_WORDS]; size_t n, next; };
struct holding calls_holding(struct check_run *c, const struct program *p, const char *const *words);
const struct call *next_holding(struct holding *w);
bool call_names(const struct call *k, const char *const *words); /* the name holds one of them */

/* ---- compare.c ---- */
/* a == b, a !== b, a in b, compare_digest(a, b), a.equals(b), assert_eq!(a, b), [ "$a" = "$b" ]: the operands. */
struct comparison { size_t at, left, left_end, right, right_end; };
void each_comparison(const struct program *p, size_t from, size_t to,
                     bool (*look)(const struct program *p, const struct comparison *c, void *ctx), void *ctx);
/* An operand is called so, or comes from something that is; the other is a value: not null, not "", not a small number. */
bool comparison_says(const struct program *p, const struct comparison *c, const char *const *words);
bool compares(const struct program *p, size_t from, size_t to, const char *const *words);
bool compares_by_name(const struct program *p, size_t from, size_t to, const char *const *words); /* not what comes from it */
/* Any comparison of content: not of a status, a length or a type, not whether something is there. */
bool compares_content(const struct program *p, size_t from, size_t to);
/* The same as compares(), or the value is handed to a function that checks: verify_nonce(nonce). */
bool checks_value(const struct program *p, size_t from, size_t to, const char *const *words);

/* ---- programs.c ---- */
/* Another program in use in the same part of the repository (its top folder, or the root) holds one of the words, which
 * are static, and `holds` is true of the whole of it. Each program is asked once. */
bool related_holds(struct check_run *c, const struct program *near, const char *const *words,
                   bool (*holds)(const struct program *p, size_t from, size_t to, const char *const *words));
/* For related_holds: its code says one of the words, wherever. */
bool mentions_any(const struct program *p, size_t from, size_t to, const char *const *words);
/* The code of this program or of a related one says one of the words. */
bool says_somewhere(struct check_run *c, const struct program *p, const char *const *words);

/* ---- reads_here.c ---- */
/* Rows of facts.env_reads, in their order. */
struct reads_here { VEC(struct env_read *const) all; };
/* Those that stand in the text or whose value is used there. */
const struct reads_here *reads_within(struct check_run *c, const struct source *s);
/* The same, and those kept in a settings field that the program names. Good until the next question. */
const struct reads_here *reads_known(struct check_run *c, const struct program *p);

extern const char *const quote_words[];    /* what evidence is called */
extern const char *const verify_words[];   /* what checking it is called */
extern const char *const attest_words[];   /* a program that deals with attestation says one of them */

bool is_log_call(const struct call *k);
extern const char *const log_names[];
/* The range holds nothing but log calls, comments and `pass`; false when it is empty. */
bool only_logs(const struct program *p, size_t from, size_t to);
/* An HTTP call: requests.get, client.post, fetch, axios …; not a dict's .get("x"). */
bool is_http_call(const struct program *p, const struct call *k);
/* The condition asks whether something is there, and nothing about its content. */
bool is_presence_test(const struct program *p, size_t from, size_t to);
/* The same with "not": what follows is done when it is missing. */
bool is_absence_test(const struct program *p, size_t from, size_t to);
/* The condition of an `if` as written, without the keyword and brackets around it. */
sv condition_text(const struct program *p, const struct block *b);
/* "verified", "✓ …", ok: true … */
bool claims_success(const struct program *p, size_t from, size_t to);
/* The tokens of the expression and of what its variables were assigned, `depth` assignments deep,
 * hold one of the words. */
bool derives_from(const struct program *p, size_t from, size_t to, const char *const *words, int depth);
bool derives_from_part(const struct program *p, size_t from, size_t to, const char *const *parts, int depth); /* by name_has_part */
/* Only literals, arithmetic on them, and hashes of them; variables followed. */
bool is_constant(const struct program *p, size_t from, size_t to, int depth);
bool is_verifier_name(sv name);                     /* verify_quote, checkAttestation; not get_attestation */
/* verdict.c: the same, of a quote, a signature, a measurement …; the name stands in the program. */
bool is_evidence_verifier(struct check_run *c, const struct program *p, sv name);
bool is_verifying_file(struct check_run *c, const struct program *p);    /* by its name, or it has a function that verifies */
/* Body of the function around `token`, or the whole program. */
void function_range(const struct program *p, size_t token, size_t *from, size_t *to);
sv function_name(const struct program *p, size_t token); /* SV_NONE outside functions */

/* ---- shell_evidence.c: what the checks of attest.c, quote.c and fallback.c say about shell ---- */
void shell_report_data_constant(struct check_run *c);
void shell_report_data_unbound(struct check_run *c);
/* The first `echo "$report_data"` of a variable called so, or SV_NOT_FOUND. */
size_t shell_prints_value(const struct program *p, const char *const *names);
void look_for_status_warned(struct check_run *c, const struct program *p);

/* devpath.c: the block stands in code that only test builds contain (Rust cfg, Go build tags). */
bool is_built_for_tests(const struct program *p, const struct block *b);

/* inside.c: what connects at the token asks services of the same compose alone, at addresses that the deployed one fixes. */
bool connects_inside(struct check_run *c, const struct program *p, size_t token);

/* stored.c: what the program writes to a database it encrypts before. */
bool encrypts_rows(struct check_run *c, const struct source *s);

/* flow.c: expected measurements are those of a development image of the OS: its own rule says so. */
bool expects_dev_image(struct check_run *c, const struct source *s);

/* handmade.c: the function that verifies a quote's signature itself, where no library or service of this part of the repository does; NULL. */
const struct block *handmade_verifier(struct check_run *c, const struct program *p);

/* quote.c: the argument that becomes report_data. */
bool report_data_of(const struct program *p, const struct call *k, size_t *from, size_t *to);

#endif
