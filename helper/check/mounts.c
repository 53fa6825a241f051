/* What a service sees of the CVM and what the world sees of it: mounts and ports, in every spelling that
 * compose has for them (compose-spec 05-services: volumes, volumes_from, configs, secrets, ports). */
#include "check/lookup.h"

/* ---- paths ---------------------------------------------------------------------------------------- */

/* "/./var//run/" -> "/run": ".." is resolved, the root is the top, /var/run is a link to /run. */
static sv normal_path(struct arena *a, sv path)
{
    char *out = arena_copy(a, path.p, path.n + 1);
    size_t n = 0;
    for (sv rest = path; rest.p != NULL;) {
        sv part = sv_cut(&rest, '/');
        if (part.n == 0 || sv_eq(part, SV(".")))
            continue;
        if (sv_eq(part, SV(".."))) {
            while (n > 0 && out[--n] != '/') {
            }
            continue;
        }
        out[n++] = '/';
        for (size_t i = 0; i < part.n; i++)
            out[n++] = part.p[i];
    }
    sv full = {out, n};
    if (sv_eq(full, SV("/var/run")) || sv_starts(full, SV("/var/run/")))
        full = sv_sub(full, 4, full.n);
    return n == 0 ? SV("/") : full;
}

/* The path in the CVM. Compose runs in /dstack there, as root; relative paths start from that. */
static sv cvm_path(struct arena *a, sv source)
{
    if (sv_starts(source, SV("/")))
        return normal_path(a, source);
    if (sv_starts(source, SV("~")))
        return normal_path(a, sv_concat(a, SV("/root"), sv_sub(source, 1, source.n)));
    if (sv_eq(source, SV(".")) || sv_eq(source, SV("..")) || sv_starts(source, SV("./")) || sv_starts(source, SV("../")))
        return normal_path(a, sv_concat(a, SV("/dstack/"), source));
    return SV_NONE;
}

bool path_shows(sv mounted, sv path)
{
    return sv_eq(mounted, SV("/")) || sv_eq(mounted, path) ||
           (sv_starts(path, mounted) && path.n > mounted.n && path.p[mounted.n] == '/');
}

/* What holds when the operator says nothing; as written where compose would then refuse to start. */
static sv effective(struct arena *a, sv text)
{
    if (sv_find_char(text, '$') == SV_NOT_FOUND)
        return text;
    sv value = interp_when_unset(a, text);
    return value.p == NULL ? text : value;
}

/* Cuts at ':' outside of ${…}. */
static sv cut_spec(sv *rest)
{
    size_t depth = 0, at = 0;
    sv s = *rest;
    for (; at < s.n && (s.p[at] != ':' || depth != 0); at++) {
        if (s.p[at] == '{')
            depth++;
        else if (s.p[at] == '}' && depth > 0)
            depth--;
    }
    *rest = at == s.n ? SV_NONE : sv_sub(s, at + 1, s.n);
    return sv_sub(s, 0, at);
}

/* ---- mounts ----------------------------------------------------------------------------------------- */

/* A named volume may be a bind in disguise: driver_opts {type: none, o: bind, device: /path}. */
static sv device_of(struct arena *a, const struct service *s, sv volume)
{
    sv name = sv_copy(a, volume);
    const struct node *all = node_get(s->deployment->root, "volumes");
    const struct node *options = all == NULL ? NULL : node_get(node_get(all, name.p), "driver_opts");
    sv kind = node_get_text(options, "type");
    bool bind = sv_has(node_get_text(options, "o"), SV("bind")) || sv_eq(kind, SV("none"));
    return bind ? cvm_path(a, effective(a, node_get_text(options, "device"))) : SV_NONE;
}

static struct mount *add_mount(struct arena *a, struct mounts *out, const struct service *s, sv source, sv target, struct place place)
{
    struct mount *m = vec_new(a, &out->all, struct mount);
    *m = (struct mount){.source = source, .target = target, .path = cvm_path(a, source), .place = place};
    if (m->path.p == NULL && source.n != 0)
        m->path = device_of(a, s, source);
    return m;
}

static bool is_read_only(sv mode)
{
    for (sv rest = mode; rest.p != NULL;)
        if (sv_eq(sv_cut(&rest, ','), SV("ro")))
            return true;
    return false;
}

void mount_of_spec(struct arena *a, const struct service *s, sv spec, struct place place, struct mounts *out)
{
    sv rest = effective(a, spec);
    sv source = cut_spec(&rest), target = source;
    if (rest.p == NULL)
        source = SV_NONE; /* an anonymous volume */
    else
        target = cut_spec(&rest);
    add_mount(a, out, s, source, target, place)->read_only = rest.p != NULL && is_read_only(rest);
}

static void long_mount(struct arena *a, const struct service *s, const struct node *v, struct mounts *out)
{
    const struct node *source = node_get(v, "source") != NULL ? node_get(v, "source") : node_get(v, "src");
    sv target = node_get_text(v, "target").n != 0 ? node_get_text(v, "target") : node_get_text(v, "dst");
    sv path = sv_eq(node_get_text(v, "type"), SV("tmpfs")) ? SV_NONE : effective(a, node_text(source));
    add_mount(a, out, s, path, effective(a, target), source != NULL ? source->place : v->place)->read_only = node_true(node_get(v, "read_only"));
}

/* `configs` and `secrets` with `file:` are binds as well. */
static void file_mounts(struct arena *a, const struct service *s, const char *section, struct mounts *out)
{
    const struct node *all = node_get(s->deployment->root, section);
    for node_each(v, all == NULL ? NULL : node_get(s->node, section)) {
        sv name = sv_copy(a, v->kind == NODE_MAP ? node_get_text(v, "source") : node_text(v));
        sv file = name.n == 0 ? SV_NONE : node_get_text(node_get(all, name.p), "file");
        if (file.n != 0)
            add_mount(a, out, s, effective(a, file), v->kind == NODE_MAP ? node_get_text(v, "target") : name, v->place)->read_only = true;
    }
}

static const struct service *service_named(const struct deployment *d, sv name)
{
    for (size_t i = 0; i < d->services.n; i++)
        if (sv_eq(d->services.at[i]->name, name))
            return d->services.at[i];
    return NULL;
}

static void own_mounts(struct arena *a, const struct service *s, struct mounts *out)
{
    for node_each(v, node_get(s->node, "volumes")) {
        if (v->kind == NODE_MAP)
            long_mount(a, s, v, out);
        else if (node_text(v).n != 0)
            mount_of_spec(a, s, node_text(v), v->place, out);
    }
    file_mounts(a, s, "configs", out);
    file_mounts(a, s, "secrets", out);
}

void mounts_of(struct arena *a, const struct service *s, struct mounts *out)
{
    own_mounts(a, s, out);
    for node_each(v, node_get(s->node, "volumes_from")) {
        sv rest = node_text(v);
        const struct service *other = service_named(s->deployment, sv_cut(&rest, ':'));
        size_t from = out->all.n;
        if (other != NULL && other != s)
            own_mounts(a, other, out);
        for (size_t i = from; i < out->all.n; i++)
            out->all.at[i]->place = v->place;
    }
}

static bool is_agent_socket(sv path)
{
    return SV_IN(path_base(path), SV("dstack.sock"), SV("tappd.sock")) || SV_IN(path, SV("/run/dstack"), SV("/run"));
}

bool mount_shows_agent(const struct mount *m)
{
    return is_agent_socket(m->path) || SV_IN(path_base(m->target), SV("dstack.sock"), SV("tappd.sock"));
}

static bool is_engine_socket(sv path)
{
    return SV_IN(path_base(path), SV("docker.sock"), SV("containerd.sock"), SV("podman.sock"), SV("crio.sock"), SV("buildkitd.sock"),
                 SV("dockershim.sock"), SV("cri-dockerd.sock"));
}

bool mount_shows_engine(const struct mount *m)
{
    return is_engine_socket(m->path) || is_engine_socket(m->target) ||
           SV_IN(m->path, SV("/run"), SV("/run/docker"), SV("/run/docker/containerd"), SV("/run/containerd"), SV("/run/podman"), SV("/run/crio"), SV("/run/user"), SV("/run/k3s"));
}

/* ---- ports -------------------------------------------------------------------------------------------- */

static unsigned number(sv *s)
{
    unsigned value = 0;
    size_t i = 0;
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9' && value < 100000; i++)
        value = value * 10 + (unsigned)(s->p[i] - '0');
    *s = sv_sub(*s, i, s->n);
    return i == 0 || value > 65535 ? 0 : value;
}

static void set_range(struct port *p, sv target)
{
    p->target = p->last = number(&target);
    if (sv_starts(target, SV("-"))) {
        target = sv_sub(target, 1, target.n);
        p->last = number(&target);
    }
}

static void set_published(struct port *p, sv text)
{
    p->published = number(&text);
    if (p->published == 0)
        p->published = p->target;
}

static bool is_loopback(sv ip)
{
    ip = sv_trim_char(sv_trim_char(ip, '['), ']');
    return sv_starts(ip, SV("127.")) || sv_eq(ip, SV("::1")) || sv_eq(ip, SV("localhost"));
}

/* "[ip:][published:]target[/protocol]" */
static void short_port(struct port *p, sv text)
{
    sv parts[3] = {SV_NONE, SV_NONE, SV_NONE};
    size_t n = 0, end;
    sv rest = text;
    if (sv_starts(rest, SV("[")) && (end = sv_find(rest, SV("]:"))) != SV_NOT_FOUND) {
        parts[n++] = sv_sub(rest, 0, end + 1);
        rest = sv_sub(rest, end + 2, rest.n);
    }
    while (rest.p != NULL && n < 3)
        parts[n++] = cut_spec(&rest);
    set_range(p, parts[n - 1]);
    set_published(p, n > 1 ? parts[n - 2] : SV_NONE);
    p->loopback = n > 2 && is_loopback(parts[0]);
}

void ports_of(struct arena *a, const struct service *s, struct ports *out)
{
    for node_each(v, node_get(s->node, "ports")) {
        struct port *p = vec_new(a, &out->all, struct port);
        p->place = v->place;
        p->text = v->kind == NODE_MAP ? node_get_text(v, "target") : node_text(v);
        if (v->kind == NODE_MAP) {
            set_range(p, effective(a, p->text));
            set_published(p, effective(a, node_get_text(v, "published")));
            p->loopback = is_loopback(effective(a, node_get_text(v, "host_ip")));
        } else {
            short_port(p, effective(a, p->text));
        }
    }
}

bool port_covers(const struct port *p, unsigned target)
{
    return !p->loopback && p->target <= target && target <= p->last;
}

/* "http://NAME:80", "NAME:80", "host=NAME:80" in a value. */
static bool names_service(sv value, sv name)
{
    for (size_t at = 0; name.n != 0 && (at = sv_find_at(value, name, at)) != SV_NOT_FOUND; at++) {
        char before = at == 0 ? '/' : value.p[at - 1], after = at + name.n < value.n ? value.p[at + name.n] : '/';
        bool starts = before == '/' || before == '=' || before == '@' || before == ' ' || before == '"' || before == '\n';
        if (starts && (after == ':' || after == '/' || after == '"' || after == '\n'))
            return true;
    }
    return false;
}

/* An ingress or tunnel of the same compose leads to it. */
static bool is_proxied(const struct facts *f, const struct service *s, struct place *where)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct env_set *e = f->env_sets.at[i];
        if (e->service == NULL || e->service == s || e->service->deployment != s->deployment || e->service->image == NULL ||
            !names_service(e->value, s->name) || (image_roles(e->service->image->name) & (ROLE_INGRESS | ROLE_TUNNEL)) == 0)
            continue;
        *where = e->place;
        return true;
    }
    return false;
}

bool is_reachable(const struct facts *f, const struct service *s, struct place *where)
{
    struct ports ports = {0};
    ports_of(f->arena, s, &ports);
    for (size_t i = 0; i < ports.all.n; i++)
        if (!ports.all.at[i]->loopback) {
            *where = ports.all.at[i]->place;
            return true;
        }
    const struct node *mode = node_get(s->node, "network_mode");
    if (sv_eq(node_text(mode), SV("host"))) {
        *where = mode->place;
        return true;
    }
    return is_proxied(f, s, where);
}
