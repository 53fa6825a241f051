/* One entry per parser: any bytes must give places inside their text, and end. The fuzzer drives one
 * (FUZZ_TARGET), the unit test replays the corpus through all. */
#ifndef TARGETS_H
#define TARGETS_H

#include <assert.h>
#include <string.h>

#include "doc/read.h"
#include "doc/read_program.h"
#include "fact/fact.h"

static void fuzz_place(struct repo *r, struct place p)
{
    assert(p.src != NULL && p.start <= p.end && p.end <= p.src->text.n);
    struct spot spot = spot_of(r->arena, p);
    assert(spot.line >= 1 && spot.column >= 1 && spot.end_line >= spot.line && utf8_valid(spot.snippet));
}

static void fuzz_node(struct repo *r, const struct node *n)
{
    fuzz_place(r, n->place);
    for node_each (child, n) {
        assert(child->parent == n);
        fuzz_node(r, child);
    }
}

static void fuzz_yaml(struct repo *r, struct source *s)
{
    for (struct doc *d = read_yaml(r, s); d != NULL; d = d->next)
        fuzz_node(r, d->root);
}

static void fuzz_json(struct repo *r, struct source *s)
{
    struct doc *d = read_json(r, s);
    if (d != NULL)
        fuzz_node(r, d->root);
}

static void fuzz_dockerfile(struct repo *r, struct source *s)
{
    struct dockerfile *d = read_dockerfile(r, s);
    for (size_t i = 0; d != NULL && i < d->instructions.n; i++)
        fuzz_place(r, d->instructions.at[i]->place);
}

static void fuzz_shell(struct repo *r, struct source *s)
{
    struct shell *shell = read_shell(r, s);
    for (size_t i = 0; shell != NULL && i < shell->commands.n; i++) {
        const struct command *c = shell->commands.at[i];
        fuzz_place(r, c->place);
        for (size_t k = 0; k < c->n; k++)
            fuzz_place(r, c->words[k].place);
    }
}

/* The first byte chooses the language. */
static void fuzz_code(struct repo *r, struct source *s)
{
    s->lang = s->text.n == 0 ? LANG_PYTHON : (enum lang)((unsigned char)s->text.p[0] % LANG_COUNT);
    const struct tokens *t = read_tokens(r, s);
    for (size_t i = 0, end = 0; t != NULL && i < t->n; i++) {
        assert(t->at[i].start >= end && t->at[i].text.p == s->text.p + t->at[i].start);
        end = t->at[i].start + t->at[i].text.n;
        assert(end <= s->text.n);
    }
    read_program(r, s);
}

static void fuzz_interp(struct repo *r, struct source *s)
{
    struct interp in = {.valid = false};
    struct image_ref image = {.ref = s->text};
    interp_parse(r->arena, s->text, &in);
    for (size_t i = 0; i < in.vars.n; i++)
        assert(in.vars.at[i]->start <= in.vars.at[i]->end && in.vars.at[i]->end <= s->text.n);
    image_parse(r->arena, s->text, &image);
}

static const struct fuzz_target {
    const char *name;
    void (*run)(struct repo *r, struct source *s);
} fuzz_targets[] = {
    {"yaml", fuzz_yaml},   {"json", fuzz_json}, {"dockerfile", fuzz_dockerfile},
    {"shell", fuzz_shell}, {"code", fuzz_code}, {"interp", fuzz_interp},
};

static void fuzz_run(const struct fuzz_target *t, const char *bytes, size_t n)
{
    struct arena arena = {0};
    struct repo repo = {.arena = &arena};
    struct source *s = arena_new(&arena, struct source);
    s->path = SV("input");
    s->text = sv_copy(&arena, (sv){bytes, n});
    s->lines = lines_of(&arena, s->text);
    t->run(&repo, s);
    arena_free(&arena);
}

#endif
