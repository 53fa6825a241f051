/* Stand-ins until the stages below land their own; weak, so that theirs win. */
#include "fact/fact.h"
#define WEAK __attribute__((weak))
WEAK struct source *source_embed(struct arena *a, const struct source *host, size_t offset, sv text, enum embed how, const char *field)
{
    struct source *s = arena_new(a, struct source);
    *s = (struct source){.path = host->path, .text = text, .lines = lines_of(a, text), .embed = how, .host = host, .host_offset = offset, .field = sv_from(field)};
    return s;
}
WEAK struct spot spot_of(struct arena *a, struct place p) { (void)a; return (struct spot){p.src->path, place_line(p), 1, place_line(p), SV_NONE, SV_NONE, 0}; }
WEAK enum lang lang_from_name(sv name) { (void)name; return LANG_NONE; }
WEAK struct doc *read_yaml(struct repo *r, const struct source *src) { (void)r; (void)src; return NULL; }
WEAK const struct node *node_get(const struct node *map, const char *key) { (void)map; (void)key; return NULL; }
WEAK sv node_text(const struct node *n) { (void)n; return SV_NONE; }
WEAK bool node_true(const struct node *n) { (void)n; return false; }
WEAK bool node_false(const struct node *n) { (void)n; return false; }
WEAK size_t node_count(const struct node *n) { (void)n; return 0; }
WEAK sv node_get_text(const struct node *n, const char *k) { (void)n; (void)k; return SV_NONE; }
WEAK struct source *node_source(struct arena *a, const struct node *n, const char *f) { (void)a; (void)n; (void)f; return NULL; }
WEAK struct place node_span(const struct node *n, size_t from, size_t to) { (void)from; (void)to; return n->place; }
WEAK sv path_base(sv p) { return p; }
WEAK sv path_dir(sv p) { return p; }
WEAK sv path_join(struct arena *a, sv d, sv r) { (void)a; (void)d; (void)r; return SV_NONE; }
WEAK struct doc *read_json(struct repo *r, const struct source *s) { (void)r; (void)s; return NULL; }
WEAK struct dockerfile *read_dockerfile(struct repo *r, const struct source *src) { (void)r; (void)src; return NULL; }
