/* Whom a connection in the code reaches: services of the same compose by what the compose sets, or somebody outside. */
#include "check/code.h"
#include "check/lookup.h"

/* The name that keeps what is made at the token: `client = httpx.Client(…)`, const agent = new Agent(…). */
static sv kept_as(const struct program *p, size_t token)
{
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = &p->assigns.at[i];
        bool keyword = a->at != 0 && (program_is(p, a->at - 1, "(") || program_is(p, a->at - 1, ",") || program_is(p, a->at - 1, "{"));
        if (!keyword && a->value <= token && token < a->value_end)
            return a->target;
    }
    return SV_NONE;
}

/* The variable is read there, or its value used, under the name it was stored in at the latest. */
static bool reads_in(const struct program *p, const struct env_read *r, size_t from, size_t to)
{
    bool reached = begins_in(p, r->place, from, to) || (r->field.n != 0 && program_mentions(p, from, to, r->field));
    for (size_t i = 0; !reached && i < r->uses.n; i++)
        reached = begins_in(p, *r->uses.at[i], from, to);
    return reached;
}

/* In the function around the token, or in a call on or with what it keeps. */
static bool is_reached(const struct program *p, size_t token, sv kept, const struct env_read *r)
{
    const struct block *f = program_function_at(p, token);
    size_t from = f == NULL ? program_statement_start(p, token) : f->body, to = f == NULL ? program_statement_end(p, token) : f->body_end;
    if (reads_in(p, r, from, to))
        return true;
    for (size_t i = 0; kept.n != 0 && i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (program_mentions(p, k->from, k->close, kept) && reads_in(p, r, k->from, k->close))
            return true;
    }
    return false;
}

/* What the deployed compose files that own the program make of the variable. */
struct peers { size_t inside, outside; };

static void weigh(const struct check_run *c, const struct env_read *r, struct peers *out)
{
    const struct facts *f = c->facts;
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *d = f->deployments.at[i];
        if (!d->deployed || !deployment_owns(f, d, r->place.src->path))
            continue;
        size_t set = 0;
        for (size_t k = 0; k < f->env_sets.n; k++) {
            const struct env_set *s = f->env_sets.at[k];
            if (s->service->deployment != d || !sv_eq(s->name, r->name))
                continue;
            bool inside = s->state == ENV_LITERAL && s->value.n != 0 && is_in_cvm(d, sv_unquote(s->value));
            *(inside ? &out->inside : &out->outside) += 1;
            set++;
        }
        if (set == 0 && r->fallback.n != 0)
            *(is_in_cvm(d, r->fallback) ? &out->inside : &out->outside) += 1;
    }
}

static bool names_host_outside(const struct program *p, size_t token)
{
    size_t from, to;
    function_range(p, token, &from, &to);
    for (size_t i = from; i < to; i++) {
        sv text = p->at[i].kind == TOKEN_STRING ? program_string(p, i) : SV_NONE;
        if (sv_starts(text, SV("https://")) && sv_find_char(address_host(text), '.') != SV_NOT_FOUND)
            return true;
    }
    return false;
}

bool connects_inside(struct check_run *c, const struct program *p, size_t token)
{
    struct peers peers = {0};
    sv kept = kept_as(p, token);
    if (runs_outside(c->facts, p->src) || names_host_outside(p, token))
        return false;
    const struct reads_here *reads = reads_within(c, p->src);
    for (size_t i = 0; i < reads->all.n; i++) {
        const struct env_read *r = *reads->all.at[i];
        if (r->kind == KIND_ENDPOINT && r->place.src == p->src && is_reached(p, token, kept, r))
            weigh(c, r, &peers);
    }
    return peers.inside != 0 && peers.outside == 0;
}
