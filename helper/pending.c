/* Stand-ins until the stages below land their own; weak, so that theirs win. */
#include "fact/fact.h"
#define WEAK __attribute__((weak))
const char *env_state_name(enum env_state s);
WEAK const char *env_state_name(enum env_state s) { (void)s; return "literal"; }
WEAK sv hit_group(const struct hit *h, const char *name) { (void)h; (void)name; return SV_NONE; }
WEAK const char *input_kind_name(enum input_kind k) { (void)k; return "other"; }
WEAK const char *lang_name(enum lang l) { (void)l; return "none"; }
WEAK int place_cmp(struct place a, struct place b) { return sv_cmp(a.src->path, b.src->path); }
WEAK size_t place_line(struct place p) { return line_at(&p.src->lines, p.start); }
WEAK const char *rank_name(enum deploy_rank r) { (void)r; return "plain"; }
WEAK const char *scope_name(enum scope s) { (void)s; return "prod"; }
WEAK const char *source_kind_name(enum source_kind k) { (void)k; return "other"; }
WEAK struct spot spot_of(struct arena *a, struct place p) { (void)a; return (struct spot){p.src->path, place_line(p), 1, place_line(p), SV_NONE, SV_NONE, 0}; }
