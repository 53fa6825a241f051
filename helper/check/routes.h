/* Where requests come in, who may send them, and which values their callers choose. */
#ifndef CHECK_ROUTES_H
#define CHECK_ROUTES_H

#include "check/code.h"

enum guard {
    GUARD_NONE,    /* nothing in the handler, in its program or around asks who calls */
    GUARD_UNKNOWN, /* other files of the app hold checks that may stand in front */
    GUARD_SOME,
};

/* A span of tokens that a request may reach: the handler, and functions of the same program that it calls. */
struct reached {
    size_t from, to;
    const struct block *function; /* NULL for a branch of a chain */
    const struct call *via;       /* the call that leads here; NULL for the handler itself */
    size_t caller;                /* index of the span `via` stands in */
};
enum { REACHED_SPANS = 16 };

struct route {
    const struct program *program; /* of the handler */
    const struct program *table;   /* where the path stands: the same, or a file that lists the routes of others */
    sv path;               /* "/records" as written */
    size_t at;             /* token of the path, in `table` */
    size_t body, body_end; /* the handler */
    size_t head, head_end; /* in `table`: what stands around the path, decorators, middleware in front of the handler */
    const struct block *function; /* the handler; NULL for `if (req.url === '/x')` */
    bool writes;           /* POST, PUT, PATCH or DELETE */
    bool unregistered;     /* a handler by its parameters; path is its name */
    enum guard guard;
    struct reached spans[REACHED_SPANS]; /* the handler is the first */
    size_t n_spans;
};
struct routes { VEC(struct route) all; };

/* Calls back for each route, when all programs were looked at and all checks have said what they look for. Routes of Express,
 * Fastify, Hono, FastAPI, Flask, aiohttp, Starlette, axum, actix, gin, net/http, chains of `req.url === '/x'`, and exports of
 * Next and Vercel. Services of a compose that publish no port while others do are left out: nobody outside reaches them. */
void each_route(struct check_run *c, void (*look)(struct check_run *c, const struct route *r));
/* Calls back at once for each route of one program; who may call it is not looked at. */
void routes_within(struct check_run *c, const struct program *p, void (*look)(struct check_run *c, const struct route *r));

/* The tokens hold a value the caller chose: parts of the request, parameters of the handler, and what was
 * made from them, `depth` assignments deep. What an authentication returned is not the caller's choice. */
bool from_caller(const struct route *r, size_t span, size_t from, size_t to, int depth);
/* Somebody is asked who they are: words of a check on callers in the range. */
bool asks_who(struct check_run *c, const struct program *p, size_t from, size_t to);
/* The first call in what the route reaches for which `want` holds; its span in *span. NULL where none. */
const struct call *route_call(const struct route *r, bool (*want)(const struct route *r, size_t span, const struct call *k), size_t *span);
struct place route_place(const struct route *r);

#endif
