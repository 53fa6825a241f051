/* What is open to the outside: management interfaces, orchestrators, databases, agents without a login
 * (dstack-facts 8: CX-24, CX-25, CX-32; DS-12). */
#include "check/lookup.h"

/* ---- management interfaces ---------------------------------------------------------------------------------- */

static const struct { unsigned port; const char *what; enum severity severity; } ADMIN_PORTS[] = {
    {6443, "the Kubernetes API: who holds an admin kubeconfig starts pods and opens a shell in every one", SEV_CRITICAL},
    {2375, "a container engine without authentication: everybody is root in the CVM", SEV_CRITICAL},
    {2376, "a container engine: who holds its client certificate is root in the CVM", SEV_CRITICAL},
    {10250, "the kubelet: it runs commands in every pod", SEV_HIGH},
    {4646, "Nomad: who holds its token starts any job", SEV_HIGH},
    {2377, "the swarm's management: who joins as manager starts any service", SEV_HIGH},
};

void check_admin_port(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct ports ports = {0};
        ports_of(c->arena, s, &ports);
        for (size_t k = 0; k < ports.all.n; k++) {
            const struct port *p = ports.all.at[k];
            c->examined++;
            for (size_t a = 0; a < sizeof ADMIN_PORTS / sizeof *ADMIN_PORTS; a++)
                if (port_covers(p, ADMIN_PORTS[a].port))
                    on_service(report(c, p->place, p->text, "'%.*s' publishes %s. The workload is then chosen after attestation.", SV_ARG(service_name(s)), ADMIN_PORTS[a].what),
                               s, ADMIN_PORTS[a].severity);
        }
    }
}

static bool is_orchestrator(const struct run *r)
{
    sv name = command_name(r->command);
    return r->when == RUN_START &&
           (SV_IN(name, SV("kubelet"), SV("kube-apiserver"), SV("dockerd"), SV("dockerd-entrypoint.sh"), SV("nomad"), SV("microk8s")) ||
            (SV_IN(name, SV("k3s"), SV("k0s"), SV("rke2")) && command_has(r->command, "server")));
}

struct orchestrators { VEC(struct run) all; };

static const struct command *orchestrator_command(const struct orchestrators *list, const struct service *s)
{
    for (size_t i = 0; i < list->all.n; i++)
        if (run_is_of(list->all.at[i], s))
            return list->all.at[i]->command;
    return NULL;
}

/* docker:dind, and what keeps an engine's data in a volume of its own and has the rights to run one. */
static bool is_engine_in_container(struct check_run *c, const struct service *s)
{
    if (s->image != NULL && sv_eq(path_base(s->image->name), SV("docker")) && sv_has(s->image->tag, SV("dind")))
        return true;
    struct mounts mounts = {0};
    bool rights = service_true(s, "privileged") || sv_starts(node_get_text(s->node, "runtime"), SV("sysbox"));
    if (rights)
        mounts_of(c->arena, s, &mounts);
    for (size_t i = 0; i < mounts.all.n; i++)
        if (mounts.all.at[i]->path.p == NULL &&
            SV_IN(mounts.all.at[i]->target, SV("/var/lib/docker"), SV("/var/lib/containerd"), SV("/var/lib/containers"), SV("/var/lib/rancher")))
            return true;
    return false;
}

/* Pods and nested containers come later than the attestation: nothing measures them. */
void check_orchestrator(struct check_run *c)
{
    struct orchestrators started = {0};
    for (size_t i = 0; i < c->facts->runs.n; i++)
        if (is_orchestrator(c->facts->runs.at[i]))
            vec_push(c->arena, &started.all, c->facts->runs.at[i]);
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const struct command *k = orchestrator_command(&started, s);
        bool image = s->image != NULL && (image_roles(s->image->name) & ROLE_KUBERNETES) != 0;
        c->examined++;
        if (k == NULL && !image && !is_engine_in_container(c, s))
            continue;
        const struct node *first = node_get(s->node, "command");
        if (first != NULL && first->kind == NODE_LIST)
            first = first->child;
        struct place place = k != NULL ? k->place : first != NULL && image ? first->place : s->image != NULL ? s->image->place : s->node->place;
        struct finding *f = report(c, place, image ? s->image->name : k != NULL ? command_name(k) : service_name(s),
                                   "'%.*s' runs workloads that are chosen after attestation: the compose hash covers the orchestrator alone, not the code that serves users. Whoever commands it replaces that code without a trace.",
                                   SV_ARG(service_name(s)));
        if (s->image != NULL)
            relate(c, f, s->image->place, "image");
        on_service(f, s, SEV_HIGH);
    }
}

/* ---- rights inside a cluster ----------------------------------------------------------------------------------- */

/* A binding of cluster-admin in one document of a manifest. */
static void judge_manifest(struct check_run *c, const struct node *root)
{
    sv kind = node_get_text(root, "kind");
    if (!SV_IN(kind, SV("ClusterRoleBinding"), SV("RoleBinding"), SV("ClusterRole")))
        return;
    c->examined++;
    const struct node *name = node_path(root, "roleRef.name");
    if (sv_eq(node_text(name), SV("cluster-admin")))
        report(c, name->place, SV("cluster-admin"), "'%.*s' makes its subjects administrators of the cluster: a token of theirs starts pods, reads every secret and opens a shell in every container.",
               SV_ARG(node_text(node_path(root, "metadata.name"))));
    for node_each(rule, node_get(root, "rules")) {
        const struct node *verbs = node_get(rule, "verbs"), *resources = node_get(rule, "resources");
        if (verbs != NULL && verbs->child != NULL && sv_eq(node_text(verbs->child), SV("*")) && resources != NULL && resources->child != NULL &&
            sv_eq(node_text(resources->child), SV("*")))
            report(c, rule->place, SV("*"), "The role '%.*s' may do everything with everything: who is bound to it is administrator of the cluster.",
                   SV_ARG(node_text(node_path(root, "metadata.name"))));
    }
}

void check_cluster_admin(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        if (s->lang != LANG_YAML || s->vendored || !source_has(s, SV("rbac.authorization.k8s.io")))
            continue;
        for (const struct doc *d = read_yaml(c->facts->repo, s); d != NULL; d = d->next)
            judge_manifest(c, d->root);
    }
}

/* ---- admin pages (CX-24) ------------------------------------------------------------------------------------------ */

/* The word or line of the command, or the variable, that switches the dashboard on for everybody. */
static void judge_dashboard(struct check_run *c, const struct service *s, struct place place, sv text)
{
    if (sv_has(text, SV("--api.insecure")) && !sv_has(text, SV("--api.insecure=false")))
        on_service(report(c, place, SV("--api.insecure"), "The dashboard of '%.*s' answers without a login and shows every route.", SV_ARG(service_name(s))), s, SEV_MEDIUM);
}

void check_admin_page(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct place way;
        if (s->image == NULL)
            continue;
        c->examined++;
        const struct node *command = node_get(s->node, "command");
        for node_each(word, command)
            judge_dashboard(c, s, word->place, node_text(word));
        if (command != NULL && command->kind == NODE_SCALAR)
            judge_dashboard(c, s, command->place, command->text);
        if ((image_roles(s->image->name) & ROLE_ADMIN) == 0)
            continue;
        bool open = is_reachable(c->facts, s, &way);
        struct finding *f = report(c, s->image->place, s->image->name, open ? "'%.*s' is a management page, and it is published: whoever logs in reads and changes data or containers behind it."
                                                                            : "'%.*s' is a management page over data or containers of the app. Nothing publishes it here.",
                                   SV_ARG(service_name(s)));
        if (open)
            relate(c, f, way, "reachable by this");
        on_service(f, s, open ? SEV_HIGH : SEV_MEDIUM);
    }
}

/* ---- databases (CX-25, DS-12) ---------------------------------------------------------------------------------------- */

static const struct { unsigned port; const char *what; } DATABASE_PORTS[] = {
    {5432, "PostgreSQL"}, {3306, "MySQL"}, {27017, "MongoDB"}, {6379, "Redis"}, {11211, "Memcached"}, {1433, "SQL Server"}, {9200, "Elasticsearch"},
    {5672, "RabbitMQ"}, {9092, "Kafka"}, {9042, "Cassandra"}, {8123, "ClickHouse"}, {6333, "Qdrant"}, {2379, "etcd"},
    {5984, "CouchDB"}, {7687, "Neo4j"}, {19530, "Milvus"}, {8086, "InfluxDB"}, {4222, "NATS"},
};

/* The first GUESSED ports hardly anything else uses. */
enum { GUESSED = 6 };

static const char *database_port(const struct port *p, bool is_known)
{
    for (size_t i = 0; i < (is_known ? sizeof DATABASE_PORTS / sizeof *DATABASE_PORTS : GUESSED); i++)
        if (p->target == DATABASE_PORTS[i].port)
            return DATABASE_PORTS[i].what;
    return NULL;
}

static bool names_password(sv name)
{
    return sv_ihas(name, SV("PASSWORD")) || sv_ihas(name, SV("PASSWD")) || sv_ihas(name, SV("_PASS")) || sv_iends(name, SV("SECRET_KEY"));
}

static bool is_database(const struct service *s)
{
    return s->image != NULL && (image_roles(s->image->name) & ROLE_DATABASE) != 0;
}

/* Environment or command ask for a password of some kind. */
static bool asks_for_password(const struct facts *f, const struct service *s)
{
    for (size_t i = 0; i < f->env_sets.n; i++)
        if (f->env_sets.at[i]->service == s && names_password(f->env_sets.at[i]->name) && !sv_ihas(f->env_sets.at[i]->name, SV("ALLOW_EMPTY")))
            return true;
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct run *r = f->runs.at[i];
        if (r->service == s && (command_has(r->command, "--requirepass") || command_has(r->command, "--auth") || command_has(r->command, "--tls-auth-clients")))
            return true;
    }
    return false;
}

void check_database_published(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct ports ports = {0};
        ports_of(c->arena, s, &ports);
        for (size_t k = 0; k < ports.all.n; k++) {
            const struct port *p = ports.all.at[k];
            const char *what = database_port(p, is_database(s));
            c->examined++;
            if (p->loopback || (!is_database(s) && what == NULL))
                continue;
            if (!is_database(s)) {
                struct finding *f = report(c, p->place, p->text, "'%.*s' publishes the port of %s: if a database answers there, only its password stands between the data and everybody.",
                                           SV_ARG(service_name(s)), what);
                f->confidence = CONF_LOW;
                on_service(f, s, SEV_LOW);
                continue;
            }
            bool guarded = asks_for_password(c->facts, s);
            on_service(report(c, p->place, p->text, guarded ? "'%.*s' publishes its database port%s%s: only a password stands between the data and everybody, and the operator knows what the environment holds."
                                                            : "'%.*s' publishes its database port%s%s, and no password is configured here: everybody may read and change the data.",
                              SV_ARG(service_name(s)), what == NULL ? "" : " for ", what == NULL ? "" : what), s, guarded ? SEV_MEDIUM : SEV_HIGH);
        }
    }
}

static bool is_trivial(sv password, const struct service *s)
{
    static const char *const common[] = {"postgres", "password", "root", "admin", "changeme", "secret", "mysql", "example", "test", "123456",
                                         "redis", "minioadmin", "guest", "default", "qwerty", "letmein", "pass", "user", "dev", "local", "mongo"};
    if (password.n == 0 || sv_ieq(password, s->name))
        return password.n != 0;
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (sv_ihas(password, sv_from(common[i])) && password.n <= sv_from(common[i]).n + 4)
            return true;
    return password.n <= 6;
}

static void report_weak(struct check_run *c, const struct service *s, struct place place, sv name, sv how, const char *flaw)
{
    struct place way;
    bool open = is_reachable(c->facts, s, &way);
    struct finding *f = report(c, place, name, "%.*s%.*s %s%s.", SV_ARG(name), SV_ARG(how), flaw, open ? ", and the service is published" : "; only containers of the same CVM reach the service");
    if (open)
        relate(c, f, way, "reachable by this");
    on_service(f, s, open ? SEV_HIGH : SEV_LOW);
}

static void judge_password(struct check_run *c, const struct env_set *e)
{
    sv value = e->state == ENV_LITERAL ? e->value : e->state == ENV_DEFAULT ? interp_when_unset(c->arena, e->value) : SV_NONE;
    c->examined++;
    if (value.p == NULL || !is_trivial(sv_unquote(sv_trim(value)), e->service))
        return;
    report_weak(c, e->service, e->place, e->name, e->state == ENV_DEFAULT ? SV(" falls back, when the operator sets none, to what") : SV_NONE, "is a password that everybody tries first");
}

/* `redis-server --requirepass 123456`; a database that asks nobody for a password. */
static void judge_started_password(struct check_run *c, const struct run *r)
{
    sv password = r->service != NULL && r->when == RUN_START ? command_option(r->command, "--requirepass") : SV_NONE;
    c->examined += password.n != 0;
    if (password.n != 0 && sv_find_char(password, '$') == SV_NOT_FOUND && is_trivial(password, r->service))
        report_weak(c, r->service, r->command->place, SV("--requirepass"), SV_NONE, "is a password that everybody tries first");
}

void check_weak_password(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++)
        judge_started_password(c, c->facts->runs.at[i]);
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *e = c->facts->env_sets.at[i];
        /* secret-in-compose speaks of literals that only the author knew */
        if (e->service != NULL && sv_eq(e->name, SV("POSTGRES_HOST_AUTH_METHOD")) && sv_eq(sv_unquote(sv_trim(e->value)), SV("trust"))) {
            c->examined++;
            report_weak(c, e->service, e->place, e->name, SV_NONE, "lets everybody in without a password");
        }
        if (e->service != NULL && names_password(e->name) && !sv_iends(e->name, SV("_FILE")) && (is_database(e->service) || e->state == ENV_DEFAULT))
            judge_password(c, e);
    }
}

/* ---- interfaces without a login --------------------------------------------------------------------------------------------- */

/* Words of images that run commands, drive browsers or answer with models for whoever asks. */
static const char *const AGENT_WORDS[] = {"mcp", "ollama", "vllm", "comfyui", "langflow", "flowise", "selenium", "playwright", "browserless",
                                          "chrome", "chromium", "firefox", "text-generation-webui", "localai", "automatic1111", "kernel-gateway",
                                          "sandbox", "code-interpreter", "open-interpreter", "goose", "openhands", "browser-use"};

static bool is_agent_image(sv name)
{
    for (size_t i = 0; i < sizeof AGENT_WORDS / sizeof *AGENT_WORDS; i++)
        if (has_word(name, sv_from(AGENT_WORDS[i])))
            return true;
    return false;
}

/* "agent" may mean anything that acts, a chat bot as well as what clicks through a desktop. */
static bool is_vague(sv name)
{
    return has_word(name, SV("agent")) || (image_roles(name) & ROLE_SHELL) != 0;
}

/* "ghcr.io/acme/acme-agent" and "ghcr.io/acme/acme-ui": parts of one product. */
static bool same_family(sv a, sv b)
{
    size_t slash = sv_rfind_char(a, '/');
    if (slash == SV_NOT_FOUND || slash == 0 || !sv_starts(b, sv_sub(a, 0, slash + 1)))
        return false;
    sv rest_a = sv_sub(a, slash + 1, a.n), rest_b = sv_sub(b, slash + 1, b.n);
    sv first_a = sv_cut(&rest_a, '-'), first_b = sv_cut(&rest_b, '-');
    return rest_a.p != NULL && rest_b.p != NULL && sv_eq(first_a, first_b);
}

static bool belongs_to_agent(const struct service *s)
{
    for (size_t i = 0; i < s->deployment->services.n; i++) {
        const struct service *o = s->deployment->services.at[i];
        if (o != s && o->image != NULL && same_family(s->image->name, o->image->name) && (is_agent_image(o->image->name) || is_vague(o->image->name)))
            return true;
    }
    return false;
}

/* The variable is the credential of another service that this one calls: it guards that one. */
static bool is_for_other(const struct facts *f, const struct env_set *e)
{
    for (size_t i = 0; e->uses.n != 0 && i < f->env_sets.n; i++) {
        const struct env_set *o = f->env_sets.at[i];
        if (o->service != NULL && o->service != e->service && o->service->deployment == e->service->deployment && o->uses.n != 0 &&
            sv_eq(o->uses.at[0]->name, e->uses.at[0]->name))
            return true;
    }
    return false;
}

static bool asks_for_login(const struct facts *f, const struct service *s)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct env_set *e = f->env_sets.at[i];
        if (e->service != s)
            continue;
        bool guards = kind_of(e->name, SV_NONE) == KIND_AUTH || sv_ihas(e->name, SV("AUTH")) || sv_ihas(e->name, SV("PASSWORD")) ||
                      sv_ihas(e->name, SV("OIDC")) || sv_ihas(e->name, SV("OAUTH")) || sv_ihas(e->name, SV("USERNAME"));
        if (guards && !is_for_other(f, e))
            return true;
    }
    for (size_t i = 0; i < f->runs.n; i++) {
        const struct command *k = f->runs.at[i]->command;
        for (size_t w = 0; f->runs.at[i]->service == s && w < k->n; w++)
            if (sv_ihas(k->words[w].text, SV("--api-key")) || sv_ihas(k->words[w].text, SV("password")) || sv_ihas(k->words[w].text, SV("--auth")) ||
                sv_ihas(k->words[w].text, SV("token")))
                return true;
    }
    return false;
}

void check_interface_without_login(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct place way;
        if (s->image == NULL || s->dockerfile != NULL)
            continue; /* of an own program its code tells */
        c->examined++;
        bool clear = is_agent_image(s->image->name), shell = (image_roles(s->image->name) & ROLE_SHELL) != 0; /* remote-shell speaks of those */
        if (shell || !(clear || is_vague(s->image->name) || belongs_to_agent(s)) || !is_reachable(c->facts, s, &way) || asks_for_login(c->facts, s))
            continue;
        struct finding *f = report(c, way, service_name(s), "'%.*s' (%.*s) is published, and nothing here configures a login: unless the image brings one, everybody may use it and see what it handles.",
                                   SV_ARG(service_name(s)), SV_ARG(s->image->name));
        relate(c, f, s->image->place, "image");
        on_service(f, s, clear ? SEV_MEDIUM : SEV_LOW);
    }
}

/* ---- RPC on all interfaces ------------------------------------------------------------------------------------------------------ */

static const char *const LISTEN_OPTIONS[] = {"--rpc-bind-ip", "--http.addr", "--ws.addr", "--rpc-addr", "--rpcbind", "-rpcbind", "--rpc-host", "--authrpc.addr",
                                             "--rpc.addr", "--rpcaddr", "--rpc-bind-address", "--admin-addr", "--rpcallowip", "-rpcallowip", "--remote-debugging-address",
                                             "--inspect", "--unsafe-rpc-external", "--rpc-external", "--ws-external"};

static bool listens_everywhere(const struct command *k, const struct word **where)
{
    for (size_t i = 1; i < k->n; i++)
        for (size_t o = 0; o < sizeof LISTEN_OPTIONS / sizeof *LISTEN_OPTIONS; o++) {
            sv w = k->words[i].text, option = sv_from(LISTEN_OPTIONS[o]);
            sv next = i + 1 < k->n ? k->words[i + 1].text : SV_NONE;
            sv value = sv_eq(w, option) ? next : sv_starts(w, option) && w.n > option.n && w.p[option.n] == '=' ? sv_sub(w, option.n + 1, w.n) : SV_NONE;
            bool always = sv_eq(w, option) && sv_iends(option, SV("external"));
            if (!always && !sv_starts(value, SV("0.0.0.0")) && !sv_eq(value, SV("::")))
                continue;
            *where = &k->words[i];
            return true;
        }
    return false;
}

void check_rpc_listens(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        const struct word *word = NULL;
        if (r->when != RUN_START || r->scope == SCOPE_TEST)
            continue;
        c->examined++;
        if (!listens_everywhere(r->command, &word))
            continue;
        struct place way;
        bool open = r->service != NULL && is_reachable(c->facts, r->service, &way);
        struct finding *f = report(c, word->place, word->text, open ? "The interface that %.*s opens listens on every address, and the service publishes ports: whoever reaches it commands the node."
                                                                    : "The interface that %.*s opens listens on every address of the container: other containers reach it, and everybody once a port is published.",
                                   SV_ARG(command_name(r->command)));
        if (r->service != NULL)
            on_service(f, r->service, open ? SEV_MEDIUM : SEV_LOW);
        else
            on_scope(f, r->scope, SEV_LOW);
    }
}
