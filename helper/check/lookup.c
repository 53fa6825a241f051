/* What checks ask of a service. Mounts and ports are in mounts.c. */
#include "check/lookup.h"

/* ---- variables ---------------------------------------------------------------------------------------- */

const struct env_set *env_of(const struct facts *f, const struct service *s, const char *name)
{
    for (size_t i = 0; i < f->env_sets.n; i++)
        if (f->env_sets.at[i]->service == s && sv_eq(f->env_sets.at[i]->name, sv_from(name)))
            return f->env_sets.at[i];
    return NULL;
}

bool service_true(const struct service *s, const char *key)
{
    return node_true(node_get(s->node, key));
}

sv service_name(const struct service *s)
{
    return s->name.n != 0 ? s->name : SV("?");
}

/* ---- images ------------------------------------------------------------------------------------------- */

static const struct { const char *word; unsigned roles; } ROLES[] = {
    {"watchtower", ROLE_UPDATER}, {"ouroboros", ROLE_UPDATER}, {"diun", ROLE_UPDATER}, {"shepherd", ROLE_UPDATER},
    {"whats-up-docker", ROLE_UPDATER}, {"wud", ROLE_UPDATER}, {"gitops", ROLE_UPDATER}, {"keel", ROLE_UPDATER}, {"doco-cd", ROLE_UPDATER},
    {"ttyd", ROLE_SHELL}, {"gotty", ROLE_SHELL}, {"wetty", ROLE_SHELL}, {"code-server", ROLE_SHELL}, {"openvscode-server", ROLE_SHELL},
    {"jupyter", ROLE_SHELL}, {"jupyterlab", ROLE_SHELL}, {"jupyterhub", ROLE_SHELL}, {"notebook", ROLE_SHELL}, {"openssh-server", ROLE_SHELL},
    {"sshd", ROLE_SHELL}, {"webshell", ROLE_SHELL}, {"webssh", ROLE_SHELL}, {"guacamole", ROLE_SHELL}, {"novnc", ROLE_SHELL}, {"webtop", ROLE_SHELL},
    {"kasm", ROLE_SHELL}, {"kasmweb", ROLE_SHELL}, {"desktop", ROLE_SHELL}, {"vnc", ROLE_SHELL}, {"rstudio", ROLE_SHELL}, {"tmate", ROLE_SHELL},
    {"pgadmin", ROLE_ADMIN}, {"pgadmin4", ROLE_ADMIN}, {"adminer", ROLE_ADMIN}, {"phpmyadmin", ROLE_ADMIN}, {"mongo-express", ROLE_ADMIN},
    {"redis-commander", ROLE_ADMIN}, {"redisinsight", ROLE_ADMIN}, {"portainer", ROLE_ADMIN}, {"portainer-ce", ROLE_ADMIN}, {"dozzle", ROLE_ADMIN},
    {"dockge", ROLE_ADMIN}, {"yacht", ROLE_ADMIN}, {"cloudbeaver", ROLE_ADMIN}, {"kafka-ui", ROLE_ADMIN}, {"coolify", ROLE_ADMIN},
    {"datadog", ROLE_TELEMETRY}, {"datadoghq", ROLE_TELEMETRY}, {"newrelic", ROLE_TELEMETRY}, {"opentelemetry-collector", ROLE_TELEMETRY}, {"otel", ROLE_TELEMETRY},
    {"opentelemetry-collector-contrib", ROLE_TELEMETRY}, {"timberio", ROLE_TELEMETRY}, {"fluent-bit", ROLE_TELEMETRY}, {"fluentd", ROLE_TELEMETRY},
    {"promtail", ROLE_TELEMETRY}, {"alloy", ROLE_TELEMETRY}, {"grafana/agent", ROLE_TELEMETRY}, {"node-exporter", ROLE_TELEMETRY},
    {"cadvisor", ROLE_TELEMETRY}, {"filebeat", ROLE_TELEMETRY}, {"metricbeat", ROLE_TELEMETRY}, {"telegraf", ROLE_TELEMETRY},
    {"logspout", ROLE_TELEMETRY}, {"netdata", ROLE_TELEMETRY}, {"beszel-agent", ROLE_TELEMETRY}, {"sumologic", ROLE_TELEMETRY},
    {"ngrok", ROLE_TUNNEL}, {"cloudflared", ROLE_TUNNEL}, {"frpc", ROLE_TUNNEL}, {"frp", ROLE_TUNNEL}, {"chisel", ROLE_TUNNEL},
    {"tailscale", ROLE_TUNNEL}, {"zerotier", ROLE_TUNNEL}, {"inlets", ROLE_TUNNEL}, {"pinggy", ROLE_TUNNEL}, {"localtunnel", ROLE_TUNNEL},
    {"dstack-ingress", ROLE_INGRESS}, {"nginx", ROLE_PROXY}, {"caddy", ROLE_PROXY}, {"traefik", ROLE_PROXY}, {"haproxy", ROLE_PROXY},
    {"envoy", ROLE_PROXY}, {"k3s", ROLE_KUBERNETES}, {"rke2", ROLE_KUBERNETES}, {"k0s", ROLE_KUBERNETES}, {"kind", ROLE_KUBERNETES},
    {"microk8s", ROLE_KUBERNETES}, {"kubelet", ROLE_KUBERNETES}, {"docker", ROLE_DOCKER}, {"dind", ROLE_DOCKER},
    {"postgres", ROLE_DATABASE}, {"postgresql", ROLE_DATABASE}, {"pgvector", ROLE_DATABASE}, {"postgis", ROLE_DATABASE},
    {"timescaledb", ROLE_DATABASE}, {"mysql", ROLE_DATABASE}, {"mariadb", ROLE_DATABASE}, {"mongo", ROLE_DATABASE}, {"mongodb", ROLE_DATABASE},
    {"redis", ROLE_DATABASE}, {"redis-stack", ROLE_DATABASE}, {"valkey", ROLE_DATABASE}, {"keydb", ROLE_DATABASE}, {"dragonfly", ROLE_DATABASE},
    {"memcached", ROLE_DATABASE}, {"clickhouse", ROLE_DATABASE}, {"clickhouse-server", ROLE_DATABASE}, {"cassandra", ROLE_DATABASE},
    {"elasticsearch", ROLE_DATABASE}, {"opensearch", ROLE_DATABASE}, {"rabbitmq", ROLE_DATABASE}, {"kafka", ROLE_DATABASE}, {"nats", ROLE_DATABASE},
    {"minio", ROLE_DATABASE}, {"qdrant", ROLE_DATABASE}, {"weaviate", ROLE_DATABASE}, {"milvus", ROLE_DATABASE}, {"etcd", ROLE_DATABASE},
    {"influxdb", ROLE_DATABASE}, {"cockroach", ROLE_DATABASE}, {"neo4j", ROLE_DATABASE}, {"couchdb", ROLE_DATABASE}, {"zookeeper", ROLE_DATABASE},
};

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Between characters that are neither letters nor digits. */
static bool is_word_at(sv name, size_t at, sv word)
{
    return (at == 0 || !is_alnum(name.p[at - 1])) && sv_starts(sv_sub(name, at, name.n), word) && (at + word.n == name.n || !is_alnum(name.p[at + word.n]));
}

bool has_word(sv name, sv word)
{
    for (size_t at = 0; (at = sv_find_at(name, word, at)) != SV_NOT_FOUND; at++)
        if (is_word_at(name, at, word))
            return true;
    return false;
}

static uint32_t initial_bit(char c) { return (uint32_t)1 << ((unsigned char)c & 31); }

unsigned image_roles(sv name)
{
    unsigned roles = 0;
    size_t slash = sv_find_char(name, '/');
    /* "docker.io/library/x": the registry's name says nothing about the image */
    sv part = slash != SV_NOT_FOUND && sv_find_char(sv_sub(name, 0, slash), '.') != SV_NOT_FOUND ? sv_sub(name, slash + 1, name.n) : name;
    sv base = path_base(part);
    uint32_t initials = 0; /* of the words in the name: most roles have none of them */
    for (size_t at = 0; at < part.n; at++)
        if (at == 0 || !is_alnum(part.p[at - 1]))
            initials |= initial_bit(part.p[at]);
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++) {
        bool whole = (ROLES[i].roles & (ROLE_DOCKER | ROLE_KUBERNETES)) != 0;
        if ((initials & initial_bit(ROLES[i].word[0])) != 0 && (whole ? sv_eq(base, sv_from(ROLES[i].word)) : has_word(part, sv_from(ROLES[i].word))))
            roles |= ROLES[i].roles;
    }
    if ((roles & (ROLE_ADMIN | ROLE_TELEMETRY | ROLE_SHELL | ROLE_INGRESS)) != 0)
        roles &= ~(unsigned)(ROLE_DATABASE | ROLE_PROXY); /* "redis-commander" is not a database */
    return roles;
}

static bool is_helper_role(const struct service *s)
{
    return s->image != NULL && image_roles(s->image->name) != 0;
}

bool is_third_party(const struct service *s)
{
    if (s->dockerfile != NULL || node_get(s->node, "build") != NULL || s->image == NULL || s->built_here)
        return false;
    if (is_helper_role(s))
        return s->deployment->services.n > 1 || (image_roles(s->image->name) & ROLE_PROXY) == 0;
    size_t applications = 0;
    for (size_t i = 0; i < s->deployment->services.n; i++)
        applications += !is_helper_role(s->deployment->services.at[i]);
    return applications > 1 || s->image->has_variable;
}

bool is_foreign(const struct service *s)
{
    return is_third_party(s) && !(s->image->pinned && image_roles(s->image->name) == 0);
}

bool is_checksum(sv program)
{
    return SV_IN(program, SV("sha256sum"), SV("sha512sum"), SV("sha384sum"), SV("shasum"), SV("b2sum"), SV("sha256"));
}

/* `-c`, `-sc`, `--check`: against a list. */
static bool asks_for_check(const struct command *k)
{
    for (size_t i = 1; i < k->n; i++) {
        sv w = k->words[i].text;
        bool flags = w.n > 1 && w.p[0] == '-' && w.p[1] != '-';
        if (SV_IN(w, SV("--check"), SV("--status"), SV("--strict")) || (flags && sv_find_char(w, 'c') != SV_NOT_FOUND))
            return true;
    }
    return false;
}

bool command_verifies(const struct command *k)
{
    sv name = command_name(k), verb = k->n > 1 ? k->words[1].text : SV_NONE;
    if (is_checksum(name))
        return asks_for_check(k);
    if (SV_IN(name, SV("minisign"), SV("signify")))
        return sv_starts(verb, SV("-V"));
    if (SV_IN(name, SV("cosign"), SV("notation")))
        return sv_starts(verb, SV("verify"));
    return SV_IN(name, SV("gpgv"), SV("slsa-verifier")) || (sv_eq(name, SV("gpg")) && command_has(k, "--verify")) ||
           (sv_eq(name, SV("gh")) && command_has(k, "attestation")) || (sv_eq(name, SV("openssl")) && command_has(k, "-verify")) ||
           (sv_eq(name, SV("ssh-keygen")) && command_has(k, "verify"));
}

bool run_is_of(const struct run *r, const struct service *s)
{
    return r->service == s || (r->service == NULL && s->dockerfile != NULL && r->dockerfile == s->dockerfile);
}

/* ---- remote shells -------------------------------------------------------------------------------------- */

static const char *const SHELL_PROGRAMS[] = {"sshd", "ttyd", "gotty", "wetty", "code-server", "jupyter", "jupyter-lab", "jupyter-notebook",
                                             "dropbear", "tmate", "x11vnc", "vncserver", "websockify", "shellinabox", "marimo", "vscode-server"};
static const char *const SHELL_PACKAGES[] = {"openssh-server", "dropbear", "ttyd", "code-server", "shellinabox", "tightvncserver", "x11vnc",
                                             "novnc", "xrdp", "jupyterlab", "notebook", "jupyter"};

static bool in_names(sv word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sv_eq(word, sv_from(names[i])))
            return true;
    return false;
}

static sv shell_word(const struct run *r)
{
    const struct command *c = r->command;
    sv name = command_name(c);
    if (r->when == RUN_START && in_names(name, SHELL_PROGRAMS, sizeof SHELL_PROGRAMS / sizeof *SHELL_PROGRAMS))
        return SV_IN(name, SV("jupyter")) && (command_has(c, "kernelspec") || command_has(c, "nbconvert")) ? SV_NONE : name;
    if (r->when == RUN_BUILD && SV_IN(name, SV("apt-get"), SV("apt"), SV("apk"), SV("dnf"), SV("yum"), SV("pip"), SV("pip3")))
        for (size_t i = 1; i < c->n; i++)
            if (in_names(c->words[i].text, SHELL_PACKAGES, sizeof SHELL_PACKAGES / sizeof *SHELL_PACKAGES))
                return c->words[i].text;
    return SV_NONE;
}

bool commands_others(const struct service *s)
{
    return s->image != NULL && (image_roles(s->image->name) & ROLE_SHELL) != 0 && has_word(s->image->name, SV("mcp"));
}

/* The few runs that start or install such a program: all services are asked about them. */
struct shell_run { const struct run *run; sv word; };
struct shell_runs { VEC(struct shell_run) all; };

static const struct shell_runs *shell_runs_of(struct check_run *c)
{
    if (c->out->shell_runs != NULL)
        return c->out->shell_runs;
    struct shell_runs *made = arena_new(c->arena, struct shell_runs);
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        struct shell_run shell = {c->facts->runs.at[i], shell_word(c->facts->runs.at[i])};
        if (shell.word.n != 0)
            *vec_new(c->arena, &made->all, struct shell_run) = shell;
    }
    return c->out->shell_runs = made;
}

sv remote_shell_of(struct check_run *c, const struct service *s, struct place *where)
{
    const struct shell_runs *shells = shell_runs_of(c);
    for (size_t i = 0; i < shells->all.n; i++)
        if (run_is_of(shells->all.at[i]->run, s)) {
            *where = shells->all.at[i]->run->command->place;
            return shells->all.at[i]->word;
        }
    if (s->image != NULL && (image_roles(s->image->name) & ROLE_SHELL) != 0 && !commands_others(s)) {
        *where = s->image->place;
        return s->image->name;
    }
    return SV_NONE;
}

/* ---- severity ------------------------------------------------------------------------------------------ */

bool is_dev(const struct service *s)
{
    return s->deployment->rank >= RANK_DEV || s->deployment->compose->scope == SCOPE_TEST || s->deployment->compose->scope == SCOPE_DEV;
}

static enum severity severity_in(const struct service *s, enum severity severity)
{
    if (is_dev(s))
        return severity_at_most(severity, SEV_LOW);
    /* Under a profile it starts only where somebody switches the profile on. */
    bool dormant = !s->enabled && allowed_in(s->deployment, SV("COMPOSE_PROFILES")) != ALLOWED_YES;
    if (dormant && severity > SEV_LOW)
        severity = (enum severity)(severity - 1);
    if (s->deployment->deployed || severity <= SEV_LOW)
        return severity;
    return (enum severity)(severity - 1);
}

struct finding *on_service(struct finding *found, const struct service *s, enum severity severity)
{
    found->deployment = s->deployment;
    found->severity = severity_in(s, severity);
    found->keep_severity = true;
    return found;
}

static enum severity severity_of_scope(enum scope scope, enum severity severity)
{
    return scope == SCOPE_PROD || scope == SCOPE_CI ? severity : severity_at_most(severity, SEV_LOW);
}

struct finding *on_scope(struct finding *found, enum scope scope, enum severity severity)
{
    found->severity = severity_of_scope(scope, severity);
    return found;
}

sv address_host(sv address)
{
    size_t scheme = sv_find(address, SV("://"));
    sv rest = scheme == SV_NOT_FOUND ? address : sv_sub(address, scheme + 3, address.n);
    if (sv_starts(address, SV("/")) || sv_starts(address, SV("unix:")) || sv_starts(address, SV("file:")) || sv_starts(address, SV("sqlite")))
        return SV("");
    sv host = sv_cut(&rest, '/');
    size_t at = sv_rfind_char(host, '@');
    host = at == SV_NOT_FOUND ? host : sv_sub(host, at + 1, host.n);
    if (sv_starts(host, SV("[")))
        return sv_sub(host, 1, sv_find_char(host, ']') == SV_NOT_FOUND ? host.n : sv_find_char(host, ']'));
    return sv_cut(&host, ':');
}

bool is_in_cvm(const struct deployment *d, sv address)
{
    sv host = address_host(address);
    if (SV_IN(host, SV(""), SV("localhost"), SV("::1")) || sv_starts(host, SV("127.")))
        return true;
    for (size_t i = 0; i < d->services.n; i++) {
        const struct service *s = d->services.at[i];
        if (sv_eq(s->name, host) || sv_eq(node_get_text(s->node, "container_name"), host) || sv_eq(node_get_text(s->node, "hostname"), host))
            return true;
    }
    return false;
}
