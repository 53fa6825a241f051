/* The data flow as a picture: what is inside the attested boundary, what crosses it, and what the
 * operator holds. One chart a deployment, grouped and capped, because a chart of eighty boxes says nothing. */
#include <string.h>

#include "check/lookup.h"
#include "report/markdown.h"

enum { CHARTS = 4, SERVICES = 12, HOSTS = 10, NAMES = 4, NAMES_OF_MANY = 2, FOLDERS = 3, PORTS = 3, LABEL_BYTES = 44 };

struct chart {
    const struct result *r;
    const struct deployment *d;
    struct buf arrows, reds; /* what connects the boxes; the boxes that are the operator's */
    struct buf *out;
    bool users, operator, agent, docker, chosen;
};

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

static size_t drawn_services(const struct deployment *d)
{
    return d->services.n < SERVICES ? d->services.n : SERVICES;
}

/* ---- inside the boundary ----------------------------------------------------------------------------- */

static void put_service(struct chart *c, size_t number)
{
    const struct service *s = c->d->services.at[number];
    buf_printf(c->out, "    s%zu[\"", number);
    put_label(c->out, shown(c->r, s->name));
    if (s->image != NULL) {
        buf_puts(c->out, "<br/>");
        put_label(c->out, shown(c->r, s->image->name.n != 0 ? s->image->name : s->image->ref));
        buf_puts(c->out, s->image->has_variable ? "<br/>image chosen by a variable"
                         : s->image->pinned     ? "<br/>pinned"
                                                : "<br/>not pinned");
    }
    buf_puts(c->out, "\"]\n");
    if (s->image != NULL && s->image->has_variable)
        buf_printf(&c->reds, ",s%zu", number);
}

/* Another service's name used as a host: "http://db:5432", "user@db/", "db:6379". */
static bool calls(sv text, sv name)
{
    for (size_t at = 0; name.n != 0 && (at = sv_find_at(text, name, at)) != SV_NOT_FOUND; at += name.n) {
        size_t end = at + name.n;
        char before = at == 0 ? ' ' : text.p[at - 1], behind = end == text.n ? ' ' : text.p[end];
        bool begins = strchr(" /@=,\"'", before) != NULL || (before == '-' && at > 1 && text.p[at - 2] == ':');
        bool port = behind == ':' && end + 1 < text.n && text.p[end + 1] >= '0' && text.p[end + 1] <= '9';
        bool url = at > 1 && ((before == '/' && text.p[at - 2] == '/') || before == '@');
        if (begins && (port || (url && strchr(" /?}\"'", behind) != NULL)))
            return true;
    }
    return false;
}

static bool node_calls(const struct node *n, sv name)
{
    if (n == NULL)
        return false;
    if (n->kind == NODE_SCALAR)
        return calls(n->text, name);
    for (const struct node *entry = n->child; entry != NULL; entry = entry->next)
        if (node_calls(entry, name))
            return true;
    return false;
}

static void put_links(struct chart *c, size_t number)
{
    const struct service *s = c->d->services.at[number];
    for (size_t i = 0; i < drawn_services(c->d); i++) {
        sv name = c->d->services.at[i]->name;
        if (i != number && (node_calls(node_get(s->node, "environment"), name) || node_calls(node_get(s->node, "command"), name) ||
                            node_calls(node_get(s->node, "entrypoint"), name)))
            buf_printf(&c->arrows, "  s%zu --> s%zu\n", number, i);
    }
}

/* ---- from users --------------------------------------------------------------------------------------- */

static void put_ports(struct chart *c, size_t number)
{
    const struct service *s = c->d->services.at[number];
    struct ports ports = {0};
    struct buf label = {0};
    size_t n = 0;
    ports_of(c->r->arena, s, &ports);
    for (size_t i = 0; i < ports.all.n; i++) {
        if (ports.all.at[i]->loopback)
            continue;
        if (n++ < PORTS && ports.all.at[i]->published != 0)
            buf_printf(&label, "%s%u", label.n == 0 ? "port " : ", ", ports.all.at[i]->published);
    }
    bool host = sv_eq(node_get_text(s->node, "network_mode"), SV("host"));
    if (host)
        buf_puts(&label, label.n == 0 ? "host network" : ", host network");
    if (n > PORTS)
        buf_puts(&label, ", ...");
    if (n != 0 || host)
        buf_printf(&c->arrows, "  users -->%s%.*s%s s%zu\n", label.n == 0 ? "" : "|\"", SV_ARG(buf_view(&label)),
                   label.n == 0 ? "" : "\"|", number);
    c->users |= n != 0 || host;
    buf_free(&label);
}

/* ---- from the operator ------------------------------------------------------------------------------- */

static bool steers(enum input_kind k)
{
    return k == KIND_ENDPOINT || k == KIND_IMAGE || k == KIND_CODE || k == KIND_PROXY_CA || k == KIND_KEY ||
           k == KIND_STORAGE || k == KIND_AUTH;
}

static bool is_again(const struct facts *f, size_t at)
{
    const struct operator_input *in = f->inputs.at[at];
    for (size_t i = 0; i < at; i++) {
        const struct operator_input *other = f->inputs.at[i];
        if (other->deployment == in->deployment && other->service == in->service && other->allowed != ALLOWED_NO &&
            sv_eq(other->name, in->name))
            return true;
    }
    return false;
}

/* One arrow from the operator to a service, or to the boundary for what concerns no single one:
 * the names that steer first. */
static void put_inputs(struct chart *c, const struct service *s, const char *to)
{
    const struct facts *f = c->r->facts;
    size_t all = 0, named = 0, steering = 0;
    bool chosen = false;
    struct buf names = {0};
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < f->inputs.n; i++) {
            const struct operator_input *in = f->inputs.at[i];
            if (in->deployment != c->d || in->service != s || in->allowed == ALLOWED_NO || steers(in->kind) != (pass == 0) ||
                is_again(f, i))
                continue;
            all++;
            steering += pass == 0;
            chosen |= in->kind == KIND_ENDPOINT || in->kind == KIND_STORAGE;
            if (named >= (c->d->services.n > SERVICES / 2 ? NAMES_OF_MANY : NAMES))
                continue;
            buf_puts(&names, named++ == 0 ? "" : "<br/>");
            put_label(&names, shown(c->r, in->name));
        }
    if (all > named)
        buf_printf(&names, "<br/>and %zu more", all - named);
    if (all != 0)
        buf_printf(&c->arrows, "  operator %s|\"%.*s\"| %s\n", steering != 0 ? "==>" : "-->", SV_ARG(buf_view(&names)), to);
    if (chosen)
        buf_printf(&c->arrows, "  %s ==> chosen\n", to);
    c->chosen |= chosen;
    c->operator |= all != 0;
    buf_free(&names);
}

/* ---- to the outside ------------------------------------------------------------------------------------- */

/* The service whose build holds the place; SV_NOT_FOUND where none or several may. */
static size_t service_at(const struct deployment *d, struct place p)
{
    size_t best = d->services.n == 1 ? 0 : SV_NOT_FOUND, longest = 0;
    for (size_t i = 0; i < drawn_services(d); i++) {
        sv context = d->services.at[i]->context;
        if (context.p != NULL && path_is_below(p.src->path, context) && context.n >= longest) {
            best = i;
            longest = context.n;
        }
    }
    return best;
}

static bool is_outside(const struct host *h)
{
    return h->use != HOST_DISPLAY && h->places.n != 0 && !place_is_aside(*h->places.at[0]);
}

static bool is_anybodys(const struct facts *f, sv path)
{
    for (size_t i = 0; i < f->deployments.n; i++)
        if (deployment_owns(f, f->deployments.at[i], path))
            return true;
    return false;
}

/* The hosts of one sender in one box: an arrow each would cross everything else. */
struct box { struct buf names; size_t n; };

static void add_host(const struct result *r, struct box *b, const struct host *h)
{
    if (b->n++ >= HOSTS)
        return;
    buf_puts(&b->names, b->n == 1 ? "" : "<br/>");
    sv name = sv_from(shown(r, h->name)); /* of a long one the ends: whose it is stands last */
    if (name.n > LABEL_BYTES)
        name = sv_printf(r->arena, "%.*s...%.*s", LABEL_BYTES / 4, name.p, LABEL_BYTES / 2, name.p + name.n - LABEL_BYTES / 2);
    put_label(&b->names, name.p);
}

static void put_box(struct chart *c, struct box *b, const char *from)
{
    if (b->n > HOSTS)
        buf_printf(&b->names, "<br/>and %zu more", b->n - HOSTS);
    if (b->n != 0) {
        buf_printf(c->out, "  %s_hosts(\"%.*s\")\n", from, SV_ARG(buf_view(&b->names)));
        buf_printf(&c->arrows, "  %s --> %s_hosts\n", from, from);
    }
    buf_free(&b->names);
}

/* What the code of one service names; with `number` SV_NOT_FOUND, of no single one. */
static void put_hosts(struct chart *c, size_t number, const char *from)
{
    const struct facts *f = c->r->facts;
    struct box box = {0};
    for (size_t i = 0; i < f->hosts.n; i++) {
        const struct host *h = f->hosts.at[i];
        if (is_outside(h) && deployment_owns(f, c->d, h->places.at[0]->src->path) && service_at(c->d, *h->places.at[0]) == number)
            add_host(c->r, &box, h);
    }
    put_box(c, &box, from);
}

/* The first folder of a path, or the file itself. */
static sv top_of(sv path)
{
    size_t slash = sv_find_char(path, '/');
    return slash == SV_NOT_FOUND ? path : sv_sub(path, 0, slash + 1);
}

/* Code that belongs to no deployment and talks to hosts: front-ends, functions of a hosting service, tools. */
static void put_code_outside(struct chart *c)
{
    const struct facts *f = c->r->facts;
    struct box box = {0};
    sv folders[FOLDERS];
    size_t n = 0;
    for (size_t i = 0; i < f->hosts.n; i++) {
        const struct host *h = f->hosts.at[i];
        if (!is_outside(h) || h->use != HOST_CODE || is_anybodys(f, h->places.at[0]->src->path))
            continue;
        sv top = top_of(h->places.at[0]->src->path);
        if (!sv_in(top, folders, n) && n < FOLDERS)
            folders[n++] = top;
        add_host(c->r, &box, h);
    }
    put_box(c, &box, "outside");
    if (n == 0)
        return;
    buf_puts(c->out, "  outside[\"code outside the TEE<br/>");
    for (size_t i = 0; i < n; i++) {
        buf_puts(c->out, i == 0 ? "" : ", ");
        put_label(c->out, shown(c->r, folders[i]));
    }
    buf_puts(c->out, "\"]\n");
    buf_puts(&c->arrows, "  users -.->|\"perhaps\"| outside\n");
    c->users = true;
}

/* A bot's users come through the platform's servers. */
static void put_messengers(struct chart *c)
{
    const struct verdicts *v = c->r->verdicts;
    for (size_t i = 0; i < v->findings.n; i++) {
        const struct finding *f = v->findings.at[i];
        if (!sv_eq(f->rule->id, SV("messenger-sees-messages")) || !deployment_owns(c->r->facts, c->d, f->place.src->path))
            continue;
        size_t s = service_at(c->d, f->place);
        buf_printf(c->out, "  m%zu([\"", i);
        put_label(c->out, shown(c->r, f->subject));
        buf_puts(c->out, "\"])\n");
        buf_printf(&c->arrows, "  users --> m%zu\n  m%zu --> %s\n", i, i,
                   s == SV_NOT_FOUND ? "tee" : sv_printf(c->r->arena, "s%zu", s).p);
        c->users = true;
    }
}

/* ---- the chart -------------------------------------------------------------------------------------------- */

static void put_boundary(struct chart *c)
{
    buf_puts(c->out, "  subgraph tee [\"TEE: ");
    put_safe(c->out, shown(c->r, c->d->id), true);
    buf_puts(c->out, "\"]\n");
    for (size_t i = 0; i < drawn_services(c->d); i++) {
        const struct service *s = c->d->services.at[i];
        put_service(c, i);
        put_ports(c, i);
        put_inputs(c, s, sv_printf(c->r->arena, "s%zu", i).p);
        put_links(c, i);
        if (s->mounts_guest_agent)
            buf_printf(&c->arrows, "  s%zu -.- agent\n", i);
        if (s->mounts_docker)
            buf_printf(&c->arrows, "  s%zu === docker\n", i);
        c->agent |= s->mounts_guest_agent;
        c->docker |= s->mounts_docker;
    }
    put_inputs(c, NULL, "tee");
    if (c->d->services.n > SERVICES)
        buf_printf(c->out, "    more[\"and %zu more services\"]\n", c->d->services.n - SERVICES);
    buf_puts(c->out, c->agent ? "    agent[(\"guest agent: keys, quotes\")]\n" : "");
    buf_puts(c->out, c->docker ? "    docker[[\"Docker socket: the whole CVM\"]]\n" : "");
    buf_puts(c->out, "  end\n");
}

static void put_chart(const struct result *r, const struct deployment *d, bool alone, struct buf *out)
{
    struct chart c = {.r = r, .d = d, .out = out};
    buf_puts(out, "```mermaid\nflowchart LR\n");
    put_boundary(&c);
    put_messengers(&c);
    for (size_t i = 0; i < drawn_services(d); i++)
        put_hosts(&c, i, sv_printf(r->arena, "s%zu", i).p);
    put_hosts(&c, SV_NOT_FOUND, "tee");
    if (alone)
        put_code_outside(&c);
    buf_puts(out, c.users ? "  users((\"users\"))\n" : "");
    buf_puts(out, c.operator ? "  operator{{\"operator\"}}\n" : "");
    buf_puts(out, c.chosen ? "  chosen[/\"wherever the operator says\"/]\n" : "");
    buf_put(out, buf_view(&c.arrows));
    buf_puts(out, "  classDef danger fill:#fdd,stroke:#b00,color:#000\n  style tee fill:#f2faf2,stroke:#383,color:#000\n");
    buf_printf(&c.reds, "%s%s%s", c.operator ? ",operator" : "", c.docker ? ",docker" : "", c.chosen ? ",chosen" : "");
    if (c.reds.n != 0)
        buf_printf(out, "  class %.*s danger\n", SV_ARG(sv_sub(buf_view(&c.reds), 1, c.reds.n)));
    buf_puts(out, "```\n");
    buf_free(&c.arrows);
    buf_free(&c.reds);
}

bool mermaid_flow(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    size_t all = 0, drawn = 0;
    for (size_t i = 0; i < f->deployments.n; i++)
        all += f->deployments.at[i]->deployed && f->deployments.at[i]->services.n != 0;
    for (size_t i = 0; i < f->deployments.n && drawn < CHARTS; i++) {
        const struct deployment *d = f->deployments.at[i];
        if (!d->deployed || d->services.n == 0)
            continue;
        buf_puts(out, drawn++ == 0 ? "" : "\n");
        put_chart(r, d, all == 1, out);
    }
    if (drawn < all)
        buf_printf(out, "\n%zu more deployments are not drawn.\n", all - drawn);
    return drawn != 0;
}
