/* The data flow as a picture: what is inside the attested boundary, what crosses it, and what the
 * operator holds. Grouped and capped, because a chart of eighty boxes says nothing. */
#include "check/lookup.h"
#include "report/markdown.h"

enum { DEPLOYMENTS = 4, SERVICES = 12, HOSTS = 10, NAMES = 4, LABEL_BYTES = 44 };

/* Everything that is no letter, digit or harmless sign becomes a character code, in titles "_" because
 * codes are not read there: a label can neither end nor steer the chart. */
static void put_safe(struct buf *out, const char *text, bool title)
{
    sv s = sv_from(text);
    for (size_t i = 0, size, shown_chars = 0; i < s.n; i += size, shown_chars++) {
        unsigned c = utf8_decode(sv_sub(s, i, s.n), &size);
        if (shown_chars == LABEL_BYTES) {
            buf_puts(out, "...");
            return;
        }
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
                     c == '.' || c == '/' || c == '_' || c == '-' || c == ',';
        if (plain)
            buf_putc(out, (char)c);
        else if (title)
            buf_putc(out, '_');
        else
            buf_printf(out, "#%u;", c);
    }
}

static void put_label(struct buf *out, const char *text)
{
    put_safe(out, text, false);
}

static bool is_live(const struct deployment *d)
{
    return d->deployed && d->services.n != 0;
}

static size_t index_of(const struct facts *f, const struct service *s)
{
    for (size_t i = 0; i < f->services.n; i++)
        if (f->services.at[i] == s)
            return i;
    return SV_NOT_FOUND;
}

/* Somebody outside the CVM can reach it. */
static bool publishes(const struct result *r, const struct service *s)
{
    struct ports ports = {0};
    ports_of(r->arena, s, &ports);
    for (size_t i = 0; i < ports.all.n; i++)
        if (!ports.all.at[i]->loopback)
            return true;
    return sv_eq(node_get_text(s->node, "network_mode"), SV("host"));
}

/* ---- boxes ------------------------------------------------------------------------------------------ */

static void put_service(const struct result *r, const struct service *s, struct buf *out)
{
    buf_printf(out, "    s%zu[\"", index_of(r->facts, s));
    put_label(out, shown(r, s->name));
    if (s->image != NULL) {
        buf_puts(out, "<br/>");
        put_label(out, shown(r, s->image->name.n != 0 ? s->image->name : s->image->ref));
        buf_puts(out, s->image->has_variable ? "<br/>image chosen by a variable"
                      : s->image->pinned     ? "<br/>pinned"
                                             : "<br/>not pinned");
    }
    buf_puts(out, "\"]\n");
}

static void put_boundary(const struct result *r, const struct deployment *d, size_t number, struct buf *out)
{
    buf_printf(out, "  subgraph tee%zu [\"TEE: ", number);
    put_safe(out, shown(r, d->id), true);
    buf_puts(out, "\"]\n");
    for (size_t i = 0; i < d->services.n && i < SERVICES; i++)
        put_service(r, d->services.at[i], out);
    if (d->services.n > SERVICES)
        buf_printf(out, "    more%zu[\"and %zu more services\"]\n", number, d->services.n - SERVICES);
    buf_puts(out, "  end\n");
}

/* ---- arrows ----------------------------------------------------------------------------------------- */

static bool is_dangerous(enum input_kind k)
{
    return k == KIND_ENDPOINT || k == KIND_IMAGE || k == KIND_CODE || k == KIND_PROXY_CA || k == KIND_KEY ||
           k == KIND_STORAGE || k == KIND_AUTH;
}

/* One arrow from the operator to a service, or to the boundary for what concerns no single one:
 * the names that steer first. */
static size_t put_inputs(const struct result *r, const struct deployment *d, const struct service *s, const char *to,
                         struct buf *out)
{
    const struct facts *f = r->facts;
    size_t all = 0, named = 0, dangerous = 0;
    struct buf names = {0};
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < f->inputs.n; i++) {
            const struct operator_input *in = f->inputs.at[i];
            if (in->deployment != d || in->service != s || is_dangerous(in->kind) != (pass == 0))
                continue;
            bool again = false;
            for (size_t j = 0; j < i && !again; j++)
                again = f->inputs.at[j]->deployment == d && f->inputs.at[j]->service == s &&
                        sv_eq(f->inputs.at[j]->name, in->name);
            if (again)
                continue;
            all++;
            dangerous += pass == 0;
            if (named >= NAMES)
                continue;
            buf_puts(&names, named++ == 0 ? "" : "<br/>");
            put_label(&names, shown(r, in->name));
        }
    if (all > named)
        buf_printf(&names, "<br/>and %zu more", all - named);
    if (all != 0)
        buf_printf(out, "  operator %s|\"%.*s\"| %s\n", dangerous != 0 ? "==>" : "-->", SV_ARG(buf_view(&names)), to);
    buf_free(&names);
    return all;
}

/* The service whose build holds the place, or NULL. */
static const struct service *service_at(const struct deployment *d, struct place p)
{
    const struct service *best = d->services.n == 1 ? d->services.at[0] : NULL;
    size_t longest = 0;
    for (size_t i = 0; i < d->services.n && i < SERVICES && p.src != NULL; i++) {
        sv context = d->services.at[i]->context;
        if (context.p != NULL && path_is_below(p.src->path, context) && context.n >= longest) {
            best = d->services.at[i];
            longest = context.n;
        }
    }
    return best;
}

static bool is_outside(const struct host *h)
{
    return h->use != HOST_DISPLAY && h->places.n != 0 && !place_is_aside(*h->places.at[0]);
}

static void put_hosts(const struct result *r, const struct deployment *const *live, size_t n_live, struct buf *out)
{
    const struct facts *f = r->facts;
    size_t drawn = 0, all = 0;
    for (size_t i = 0; i < f->hosts.n; i++) {
        const struct host *h = f->hosts.at[i];
        if (!is_outside(h))
            continue;
        size_t owner = SV_NOT_FOUND;
        for (size_t j = 0; j < n_live && owner == SV_NOT_FOUND; j++)
            if (path_is_below(h->places.at[0]->src->path, live[j]->dir))
                owner = j;
        if (owner == SV_NOT_FOUND)
            continue;
        if (all++ >= HOSTS)
            continue;
        const struct service *s = service_at(live[owner], *h->places.at[0]);
        buf_printf(out, "  h%zu([\"", drawn);
        put_label(out, shown(r, h->name));
        buf_puts(out, "\"])\n");
        if (s != NULL)
            buf_printf(out, "  s%zu --> h%zu\n", index_of(f, s), drawn);
        else
            buf_printf(out, "  tee%zu --> h%zu\n", owner, drawn);
        drawn++;
    }
    if (all > drawn)
        buf_printf(out, "  hosts([\"and %zu more hosts\"])\n  tee0 --> hosts\n", all - drawn);
}

static void put_ties(const struct result *r, const struct deployment *d, struct buf *out)
{
    for (size_t i = 0; i < d->services.n && i < SERVICES; i++) {
        const struct service *s = d->services.at[i];
        size_t at = index_of(r->facts, s);
        if (publishes(r, s))
            buf_printf(out, "  users --> s%zu\n", at);
        if (s->mounts_guest_agent)
            buf_printf(out, "  s%zu --- agent\n", at);
        if (s->mounts_docker)
            buf_printf(out, "  s%zu === docker\n", at);
    }
}

bool mermaid_flow(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    const struct deployment *live[DEPLOYMENTS];
    size_t n = 0, all = 0, operated = 0;
    bool agent = false, docker = false, published = false;
    for (size_t i = 0; i < f->deployments.n; i++) {
        const struct deployment *d = f->deployments.at[i];
        if (!is_live(d))
            continue;
        all++;
        if (n < DEPLOYMENTS)
            live[n++] = d;
    }
    if (n == 0)
        return false;
    buf_puts(out, "flowchart LR\n");
    struct buf arrows = {0};
    for (size_t i = 0; i < n; i++) {
        put_boundary(r, live[i], i, out);
        for (size_t j = 0; j < live[i]->services.n && j < SERVICES; j++) {
            const struct service *s = live[i]->services.at[j];
            agent |= s->mounts_guest_agent;
            docker |= s->mounts_docker;
            published |= publishes(r, s);
            operated += put_inputs(r, live[i], s, sv_printf(r->arena, "s%zu", index_of(f, s)).p, &arrows);
        }
        operated += put_inputs(r, live[i], NULL, sv_printf(r->arena, "tee%zu", i).p, &arrows);
        put_ties(r, live[i], &arrows);
    }
    if (all > n)
        buf_printf(out, "  others[\"and %zu more deployments\"]\n", all - n);
    buf_puts(out, published ? "  users((\"users\"))\n" : "");
    buf_puts(out, operated != 0 ? "  operator{{\"operator\"}}\n" : "");
    buf_puts(out, agent ? "  agent[(\"guest agent: keys, quotes\")]\n" : "");
    buf_puts(out, docker ? "  docker[[\"Docker socket: the whole CVM\"]]\n" : "");
    buf_put(out, buf_view(&arrows));
    buf_free(&arrows);
    put_hosts(r, live, n, out);
    buf_puts(out, "  classDef danger fill:#fdd,stroke:#b00,color:#000\n");
    buf_puts(out, operated != 0 ? "  class operator danger\n" : "");
    buf_puts(out, docker ? "  class docker danger\n" : "");
    return true;
}
