/* Rights of containers: what a service is given of the machine it runs on (dstack-facts 8). Whoever runs
 * code in such a container has what the CVM has: other containers' memory, the decrypted environment, keys. */
#include "check/started.h"

/* ---- who runs code in a container --------------------------------------------------------------------- */

struct holder {
    const char *clause; /* about the container */
    sv word;
    struct place where; /* src NULL where nothing more is to be shown */
    bool worst;         /* somebody other than the author of the measured text decides what runs there */
};

static struct holder holder_of(struct check_run *c, const struct service *s)
{
    struct place where = {NULL, 0, 0};
    sv shell = remote_shell_of(c, s, &where);
    if (shell.n != 0)
        return (struct holder){", where somebody outside can run commands,", shell, where, true};
    if (s->image == NULL || s->dockerfile != NULL || node_get(s->node, "build") != NULL)
        return (struct holder){"", SV_NONE, where, false};
    if (s->image->has_variable)
        return (struct holder){", whose image a variable chooses,", s->image->ref, s->image->place, true};
    if (!s->image->pinned)
        return (struct holder){", whose image no digest fixes,", s->image->ref, s->image->place, true};
    return (struct holder){is_foreign(s) ? ", an image from elsewhere," : "", s->image->ref, where, is_foreign(s)};
}

/* `worst` where somebody else's code may run in it. */
static struct finding *report_held(struct check_run *c, const struct service *s, struct place place, sv subject, const char *what,
                                   enum severity worst, enum severity usual)
{
    struct holder h = holder_of(c, s);
    struct finding *f = report(c, place, subject, "'%.*s'%s %s", SV_ARG(service_name(s)), h.clause, what);
    if (h.where.src != NULL)
        relate(c, f, h.where, "%.*s", SV_ARG(h.word));
    return on_service(f, s, h.worst ? worst : usual);
}

static sv mount_subject(const struct mount *m)
{
    return m->source.n != 0 ? m->source : m->target;
}

/* ---- container engine (CX-01) ---------------------------------------------------------------------------------- */

static void engine_by_address(struct check_run *c, const struct service *s)
{
    const struct env_set *e = env_of(c->facts, s, "DOCKER_HOST");
    if (e == NULL || e->state != ENV_LITERAL || !sv_starts(e->value, SV("tcp://")))
        return;
    report_held(c, s, e->place, e->name, "commands a container engine over TCP: it starts any image, and none of that is in the compose hash.",
                SEV_CRITICAL, SEV_HIGH);
}

void check_engine_reachable(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        struct mounts mounts = {0};
        mounts_of(c->arena, s, &mounts);
        c->examined++;
        for (size_t k = 0; k < mounts.all.n; k++)
            if (mount_shows_engine(mounts.all.at[k]))
                report_held(c, s, mounts.all.at[k]->place, mount_subject(mounts.all.at[k]),
                            "reaches the container engine: it is root in the CVM, reads keys and the decrypted environment, and starts any image under the same compose hash (a read-only mount does not limit a socket).",
                            SEV_CRITICAL, SEV_HIGH);
        engine_by_address(c, s);
        if (service_true(s, "use_api_socket")) /* compose 2.37: the engine's socket and the client's credentials */
            report_held(c, s, node_get(s->node, "use_api_socket")->place, SV("use_api_socket"), "gets the socket of the container engine from compose: it is root in the CVM, reads keys and the decrypted environment, and starts any image under the same compose hash.",
                        SEV_CRITICAL, SEV_HIGH);
    }
}

/* ---- privileged, capabilities (CX-03, CX-04) --------------------------------------------------------------------- */

void check_privileged(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        const struct node *n = node_get(s->node, "privileged");
        c->examined++;
        if (n == NULL)
            continue;
        /* What the operator may make of a variable is another rule's; here counts what holds without. */
        sv value = sv_find_char(node_text(n), '$') == SV_NOT_FOUND ? node_text(n) : interp_when_unset(c->arena, node_text(n));
        if (node_true(n) || SV_IN(value, SV("true"), SV("yes"), SV("on")))
            report_held(c, s, n->place, SV("privileged"),
                        "is privileged: it sees every device and the TEE's own interface, so it can read the disk and other containers, ask for quotes and extend RTMR3.",
                        SEV_CRITICAL, SEV_HIGH);
    }
}

static const struct { const char *name; enum severity severity; const char *power; } CAPABILITIES[] = {
    {"ALL", SEV_HIGH, "every right of root on the CVM"},
    {"SYS_ADMIN", SEV_HIGH, "mount file systems and reach the kernel's configuration, the TEE interface included"},
    {"SYS_MODULE", SEV_HIGH, "load kernel modules, so change everything that runs in the CVM"},
    {"SYS_RAWIO", SEV_HIGH, "read and write memory and devices directly"},
    {"SYS_PTRACE", SEV_HIGH, "read the memory of other processes where it sees them"},
    {"DAC_READ_SEARCH", SEV_HIGH, "open files of the CVM from inside the container"},
    {"BPF", SEV_HIGH, "watch every process of the CVM from the kernel"},
    {"PERFMON", SEV_MEDIUM, "watch processes from the kernel"},
    {"NET_ADMIN", SEV_MEDIUM, "change routes and firewall of its network"},
    {"SYS_BOOT", SEV_MEDIUM, "restart the CVM or load another kernel"},
    {"SYSLOG", SEV_MEDIUM, "read the kernel's log"},
    {"SYS_TIME", SEV_MEDIUM, "set the clock that expiry and freshness depend on"},
    {"MAC_ADMIN", SEV_MEDIUM, "change the security policy"},
    {"MAC_OVERRIDE", SEV_MEDIUM, "pass over the security policy"},
    {"CHECKPOINT_RESTORE", SEV_MEDIUM, "dump processes"},
};

void check_capabilities(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        for node_each(n, node_get(s->node, "cap_add")) {
            sv name = sv_upper(c->arena, node_text(n));
            if (sv_starts(name, SV("CAP_")))
                name = sv_sub(name, 4, name.n);
            c->examined++;
            for (size_t k = 0; k < sizeof CAPABILITIES / sizeof *CAPABILITIES; k++) {
                if (!sv_eq(name, sv_from(CAPABILITIES[k].name)))
                    continue;
                enum severity severity = CAPABILITIES[k].severity;
                report_held(c, s, n->place, name, sv_printf(c->arena, "gets the capability %.*s: it may %s.", SV_ARG(name), CAPABILITIES[k].power).p,
                            severity, severity);
            }
        }
    }
}

/* ---- namespaces of the CVM (CX-05, CX-06, DS-13) --------------------------------------------------------------------- */

static const struct { const char *key; enum severity severity; const char *power; } NAMESPACES[] = {
    {"pid", SEV_HIGH, "sees every process of the CVM and reads their environments in /proc, secrets of other containers included."},
    {"ipc", SEV_MEDIUM, "shares memory segments with every process of the CVM."},
    {"userns_mode", SEV_MEDIUM, "has the CVM's own user ids: root in it is root outside."},
    {"cgroup", SEV_MEDIUM, "sees and changes the control groups of every container."},
    {"uts", SEV_LOW, "can change the CVM's host name."},
};

void check_host_namespace(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        c->examined++;
        for (size_t k = 0; k < sizeof NAMESPACES / sizeof *NAMESPACES; k++) {
            const struct node *n = node_get(s->node, NAMESPACES[k].key);
            if (sv_eq(node_text(n), SV("host")))
                report_held(c, s, n->place, sv_from(NAMESPACES[k].key), NAMESPACES[k].power, NAMESPACES[k].severity, NAMESPACES[k].severity);
        }
    }
}

/* `network_mode: host`, and the network named host. */
#define OWN_NETWORK "uses the CVM's own network: every port it opens is public through the gateway, and it reaches services that listen on the CVM's loopback only."

void check_host_network(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        const struct node *n = node_get(s->node, "network_mode");
        c->examined++;
        if (sv_eq(node_text(n), SV("host")))
            report_held(c, s, n->place, SV("network_mode"),
                        OWN_NETWORK, SEV_HIGH, SEV_HIGH);
        for node_each(item, node_get(s->node, "networks")) {
            const struct node *network = node_get(node_get(s->deployment->root, "networks"), sv_copy(c->arena, item->key.p != NULL ? item->key : node_text(item)).p);
            const struct node *name = node_get(network, "name");
            if (sv_eq(node_text(name), SV("host")) && node_get(network, "external") != NULL)
                relate(c, report_held(c, s, item->place, SV("networks"), OWN_NETWORK, SEV_HIGH, SEV_HIGH), name->place, "the network is the host's");
        }
    }
}

/* ---- paths of the CVM (CX-07) ------------------------------------------------------------------------------------------- */

struct host_path { const char *path; bool below; enum severity worst, usual; const char *shows; };

/* First match wins. `below`: paths under it are meant, too. */
static const struct host_path HOST_PATHS[] = {
    {"/", false, SEV_CRITICAL, SEV_HIGH, "the whole file system of the CVM: the decrypted environment, the app's keys, the data of every container"},
    {"/dstack", false, SEV_CRITICAL, SEV_HIGH, "dstack's work directory with the decrypted environment and the app's keys"},
    {"/dstack/.host-shared", false, SEV_CRITICAL, SEV_HIGH, "the folder with the decrypted environment and the app's keys"},
    {"/dstack/.host-shared/.appkeys.json", false, SEV_CRITICAL, SEV_HIGH, "the app's keys"},
    {"/dstack/.host-shared/.decrypted-env", false, SEV_CRITICAL, SEV_HIGH, "the decrypted environment, variables meant for other containers included"},
    {"/dstack/.host-shared/.decrypted-env.json", false, SEV_CRITICAL, SEV_HIGH, "the decrypted environment, variables meant for other containers included"},
    {"/tapp", false, SEV_CRITICAL, SEV_HIGH, "the work directory of dstack 0.3 with the decrypted environment and the app's keys"},
    {"/proc", false, SEV_HIGH, SEV_HIGH, "the processes of the CVM with their environments"},
    {"/proc/1", true, SEV_HIGH, SEV_HIGH, "the first process of the CVM with its environment and files"},
    {"/proc/sys", true, SEV_HIGH, SEV_HIGH, "the kernel's settings"},
    {"/proc/kcore", false, SEV_HIGH, SEV_HIGH, "the memory of the CVM"},
    {"/sys/kernel/config", true, SEV_HIGH, SEV_HIGH, "the TEE's interface: quotes over any data, and the runtime registers"},
    {"/sys/fs/cgroup", true, SEV_LOW, SEV_LOW, "the control groups of every container"},
    {"/sys", false, SEV_MEDIUM, SEV_MEDIUM, "the kernel's settings and devices"},
    {"/sys", true, SEV_LOW, SEV_LOW, "settings and devices of the kernel"},
    {"/dev/shm", true, SEV_LOW, SEV_LOW, "memory that processes of the CVM share"},
    {"/dev", false, SEV_HIGH, SEV_HIGH, "every device of the CVM, its disk and the TEE's interface included"},
    {"/etc/localtime", false, SEV_INFO, SEV_INFO, NULL},
    {"/etc/timezone", false, SEV_INFO, SEV_INFO, NULL},
    {"/etc/machine-id", false, SEV_INFO, SEV_INFO, NULL},
    {"/etc/hosts", false, SEV_INFO, SEV_INFO, NULL},
    {"/etc/ssl", true, SEV_INFO, SEV_INFO, NULL},
    {"/etc/os-release", false, SEV_INFO, SEV_INFO, NULL},
    {"/etc", false, SEV_HIGH, SEV_HIGH, "the CVM's own configuration, accounts and services"},
    {"/etc/passwd", false, SEV_MEDIUM, SEV_MEDIUM, "the accounts of the CVM"},
    {"/etc/shadow", false, SEV_HIGH, SEV_HIGH, "the password hashes of the CVM"},
    {"/etc/ssh", true, SEV_HIGH, SEV_HIGH, "the ssh configuration and host keys of the CVM"},
    {"/etc/docker", true, SEV_HIGH, SEV_HIGH, "the configuration of the container engine"},
    {"/etc/systemd", true, SEV_HIGH, SEV_HIGH, "the services of the CVM"},
    {"/etc/wireguard", true, SEV_HIGH, SEV_HIGH, "the keys of the tunnel to the gateway"},
    {"/etc", true, SEV_LOW, SEV_LOW, "a part of the CVM's own configuration"},
    {"/root", false, SEV_HIGH, SEV_HIGH, "the home directory of the CVM's root, with its ssh keys and registry logins"},
    {"/root/.ssh", true, SEV_HIGH, SEV_HIGH, "the ssh keys of the CVM's root"},
    {"/root/.docker", true, SEV_HIGH, SEV_HIGH, "the registry logins of the CVM"},
    {"/home/root", false, SEV_HIGH, SEV_HIGH, "the home directory of the CVM's root, with its ssh keys and registry logins"},
    {"/home/root/.ssh", true, SEV_HIGH, SEV_HIGH, "the ssh keys of the CVM's root"},
    {"/boot", true, SEV_MEDIUM, SEV_MEDIUM, "what the CVM starts from"},
    {"/usr", false, SEV_MEDIUM, SEV_MEDIUM, "the CVM's own programs"},
    {"/bin", false, SEV_MEDIUM, SEV_MEDIUM, "the CVM's own programs"},
    {"/lib/modules", true, SEV_LOW, SEV_LOW, "the CVM's kernel modules"},
    {"/var/lib/docker/containers", true, SEV_HIGH, SEV_HIGH, "what every container prints"},
    {"/var/lib/docker", false, SEV_HIGH, SEV_HIGH, "images, volumes and logs of every container"},
    {"/var/lib/docker", true, SEV_MEDIUM, SEV_MEDIUM, "a part of what the container engine keeps for all containers"},
    {"/var/lib/containerd", true, SEV_HIGH, SEV_HIGH, "images and volumes of every container"},
    {"/var/lib", false, SEV_HIGH, SEV_HIGH, "images, volumes and logs of every container"},
    {"/var/log", false, SEV_MEDIUM, SEV_MEDIUM, "the CVM's logs"},
    {"/var", false, SEV_HIGH, SEV_HIGH, "images, volumes and logs of every container"},
    {"/run/systemd", true, SEV_HIGH, SEV_HIGH, "the socket of the CVM's service manager"},
    {"/run/dbus", true, SEV_HIGH, SEV_HIGH, "the bus on which the CVM's services are commanded"},
    {"/run", false, SEV_HIGH, SEV_HIGH, "every socket of the CVM"},
    {"/tmp", false, SEV_MEDIUM, SEV_MEDIUM, "the temporary files of the CVM's scripts and of other containers that mount it"},
};

static const struct host_path *host_path_of(sv path)
{
    for (size_t i = 0; path.p != NULL && i < sizeof HOST_PATHS / sizeof *HOST_PATHS; i++) {
        sv known = sv_from(HOST_PATHS[i].path);
        if (sv_eq(path, known) || (HOST_PATHS[i].below && path_shows(known, path)))
            return &HOST_PATHS[i];
    }
    return NULL;
}

/* "./": beside the compose file on a developer's machine, /dstack in the CVM. */
static bool is_project_directory(sv source)
{
    return SV_IN(source, SV("."), SV("./"));
}

void check_host_path(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        struct mounts mounts = {0};
        mounts_of(c->arena, s, &mounts);
        for (size_t k = 0; k < mounts.all.n; k++) {
            const struct mount *m = mounts.all.at[k];
            const struct host_path *known = host_path_of(m->path);
            c->examined++;
            if (known == NULL || known->shows == NULL || mount_shows_engine(m) || mount_shows_agent(m))
                continue;
            bool local = is_project_directory(m->source);
            const char *what = sv_printf(c->arena, "sees %s%s (%.*s%s).", known->shows, m->read_only ? ", read-only" : "", SV_ARG(m->source),
                                         local ? ", which in the CVM is /dstack" : "").p;
            report_held(c, s, m->place, m->source, what, local ? SEV_MEDIUM : known->worst, local ? SEV_MEDIUM : known->usual);
        }
    }
}

/* ---- settings beside the compose file (CX-07) ------------------------------------------------------------------------------- */

/* "./config.yaml", "./conf.d": what a service obeys, and not where it keeps its data. */
static bool holds_settings(sv path)
{
    static const char *const suffixes[] = {".yaml", ".yml", ".json", ".toml", ".conf", ".ini", ".cfg", ".properties", ".xml", ".tmpl", ".template", ".lua", ".sql", ".sh", ".py", ".js", ".mjs", ".cjs"};
    sv base = path_base(sv_ends(path, SV("/")) ? sv_sub(path, 0, path.n - 1) : path);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (sv_iends(base, sv_from(suffixes[i])))
            return true;
    return SV_IN(base, SV("config"), SV("configs"), SV("conf"), SV("conf.d"), SV("settings"), SV("provisioning"), SV("rules"), SV("policies"), SV("scripts"), SV("Caddyfile"));
}

/* A script of the app-compose, which is measured, speaks of the file: it may write it. */
static bool is_written_at_boot(const struct deployment *d, sv path)
{
    sv base = path_base(path);
    if (d->app == NULL || base.n == 0)
        return false;
    bool written = sv_has(d->app->pre_launch_text, base) || (d->app->bash_script != NULL && source_has(d->app->bash_script, base));
    for (size_t i = 0; i < d->app->init_scripts.n; i++)
        written = written || source_has(d->app->init_scripts.at[i], base);
    return written;
}

static bool is_database_service(const struct service *s)
{
    return s->image != NULL && (image_roles(s->image->name) & ROLE_DATABASE) != 0;
}

/* One finding a service. */
void check_mounted_file(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        struct finding *f = NULL;
        struct mounts mounts = {0};
        mounts_of(c->arena, s, &mounts);
        for (size_t k = 0; k < mounts.all.n; k++) {
            const struct mount *m = mounts.all.at[k];
            bool beside = sv_starts(m->source, SV("./")) || sv_starts(m->source, SV("../"));
            c->examined += beside;
            if (!beside || !holds_settings(m->source) || is_written_at_boot(s->deployment, m->source))
                continue;
            if (f != NULL)
                relate(c, f, m->place, "and %.*s", SV_ARG(m->source));
            else
                f = on_service(report(c, m->place, m->source, "'%.*s' obeys %.*s, which is in no measured text: in the CVM it is what a script, or whoever has access there, put into the work directory.",
                                      SV_ARG(service_name(s)), SV_ARG(m->source)), s, is_database_service(s) ? SEV_LOW : SEV_MEDIUM);
        }
    }
}

/* ---- devices, security profile, runtime, sysctls (CX-19) ------------------------------------------------------------------ */

static const struct { const char *path; enum severity severity; const char *power; } DEVICES[] = {
    {"/dev/tdx", SEV_HIGH, "asks for quotes over any data and extends RTMR3, past the guest agent"},
    {"/dev/sev-guest", SEV_HIGH, "asks for reports over any data, past the guest agent"},
    {"/dev/tpm", SEV_HIGH, "reaches the CVM's TPM, where keys may be sealed"},
    {"/dev/nsm", SEV_HIGH, "asks for attestation documents over any data, past the guest agent"},
    {"/dev/mem", SEV_HIGH, "reads the memory of the CVM"}, {"/dev/kmem", SEV_HIGH, "reads the memory of the CVM"},
    {"/dev/port", SEV_HIGH, "reaches the hardware directly"}, {"/dev/vsock", SEV_HIGH, "talks to the host past the guest agent"},
    {"/dev/vhost", SEV_HIGH, "talks to the host past the guest agent"}, {"/dev/sd", SEV_HIGH, "reads the disk of the CVM"},
    {"/dev/vd", SEV_HIGH, "reads the disk of the CVM"}, {"/dev/nvme", SEV_HIGH, "reads the disk of the CVM"},
    {"/dev/dm-", SEV_HIGH, "reads the disk of the CVM, decrypted"}, {"/dev/mapper", SEV_HIGH, "reads the disk of the CVM, decrypted"},
    {"/dev/disk", SEV_HIGH, "reads the disk of the CVM"}, {"/dev/loop", SEV_MEDIUM, "mounts disk images"},
    {"/dev/zfs", SEV_HIGH, "manages the CVM's file systems"}, {"/dev/kvm", SEV_MEDIUM, "starts virtual machines that nothing measures"},
    {"/dev/kmsg", SEV_MEDIUM, "reads the kernel's log"}, {"/dev/net/tun", SEV_LOW, "opens network tunnels"},
    {"/dev/fuse", SEV_LOW, "mounts user file systems"},
};

static void judge_device(struct check_run *c, const struct service *s, sv device, struct place place)
{
    sv rest = device;
    sv path = sv_cut(&rest, ':');
    if (SV_IN(path, SV("/dev"), SV("/dev/"))) {
        report_held(c, s, place, path, "gets every device of the CVM, its disk and the TEE's interface included.", SEV_HIGH, SEV_HIGH);
        return;
    }
    for (size_t i = 0; i < sizeof DEVICES / sizeof *DEVICES; i++)
        if (sv_starts(path, sv_from(DEVICES[i].path))) {
            report_held(c, s, place, path, sv_printf(c->arena, "gets the device %.*s: it %s.", SV_ARG(path), DEVICES[i].power).p, DEVICES[i].severity,
                        DEVICES[i].severity);
            return;
        }
}

void check_device(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        struct mounts mounts = {0};
        mounts_of(c->arena, s, &mounts);
        for node_each(n, node_get(s->node, "devices")) {
            c->examined++;
            judge_device(c, s, n->kind == NODE_MAP ? node_get_text(n, "source") : node_text(n), n->place);
        }
        for (size_t k = 0; k < mounts.all.n; k++)
            if (path_shows(SV("/dev"), mounts.all.at[k]->path) && !sv_eq(mounts.all.at[k]->path, SV("/dev"))) {
                c->examined++;
                judge_device(c, s, mounts.all.at[k]->path, mounts.all.at[k]->place);
            }
        for node_each(n, node_get(s->node, "device_cgroup_rules")) {
            sv rule = sv_trim(node_text(n));
            bool wide = sv_starts(rule, SV("a ")) || sv_starts(rule, SV("b ")) || sv_has(rule, SV("*:*"));
            c->examined++;
            report_held(c, s, n->place, rule, "may open further devices of the CVM once it makes their files.", wide ? SEV_HIGH : SEV_MEDIUM,
                        wide ? SEV_HIGH : SEV_MEDIUM);
        }
    }
}

void check_security_profile(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        for node_each(n, node_get(s->node, "security_opt")) {
            sv option = node_text(n);
            c->examined++;
            if (sv_has(option, SV("unconfined")))
                report_held(c, s, n->place, option, "runs without the profile that keeps containers away from rare system calls and files of the kernel: a flaw there opens the whole CVM.",
                            SEV_MEDIUM, SEV_MEDIUM);
            else if (sv_has(option, SV("disable")) || sv_has(option, SV("no-new-privileges:false")) || sv_has(option, SV("no-new-privileges=false")))
                report_held(c, s, n->place, option, "runs with a protection of containers switched off.", SEV_LOW, SEV_LOW);
        }
    }
}

/* Settings of the container's own network are harmless; the kernel's are those of the CVM. */
void check_sysctl(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        for node_each(n, node_get(s->node, "sysctls")) {
            sv rest = node_text(n), name = n->key.p != NULL ? n->key : sv_trim(sv_cut(&rest, '='));
            c->examined++;
            if (!sv_starts(name, SV("net.")) && !sv_starts(name, SV("fs.mqueue.")) && !sv_starts(name, SV("kernel.sem")) &&
                !sv_starts(name, SV("kernel.msg")) && !sv_starts(name, SV("kernel.shm")))
                report_held(c, s, n->place, name, sv_printf(c->arena, "changes the kernel setting %.*s, which holds for the whole CVM.", SV_ARG(name)).p,
                            SEV_MEDIUM, SEV_MEDIUM);
        }
    }
}

void check_oci_runtime(struct check_run *c)
{
    const struct holders *holders = holders_of(c);
    for (size_t i = 0; i < holders->all.n; i++) {
        const struct service *s = holders->all.at[i];
        const struct node *n = node_get(s->node, "runtime");
        sv name = node_text(n);
        if (name.n == 0 || sv_find_char(name, '$') != SV_NOT_FOUND)
            continue;
        c->examined++;
        if (SV_IN(name, SV("runc"), SV("crun"), SV("nvidia"), SV("io.containerd.runc.v2")))
            continue;
        on_service(report(c, n->place, name, sv_starts(name, SV("sysbox")) ?
                              "'%.*s' runs under %.*s, which is made for containers that start containers of their own: what runs inside is in no compose file." :
                              "'%.*s' runs under the runtime '%.*s'. Something outside the compose file installs it, and it starts every process of the container.",
                          SV_ARG(service_name(s)), SV_ARG(name)), s, SEV_MEDIUM);
    }
}
