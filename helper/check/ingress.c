/* How users reach the app: dstack-ingress, the gateway's host names, other dstack apps as peers
 * (dstack-facts 8.1, 8.2). */
#include "check/code.h"
#include "check/input.h"
#include "check/lookup.h"

/* ---- dstack-ingress --------------------------------------------------------------------------------------- */

static bool is_ingress(const struct service *s)
{
    return s->image != NULL && (image_roles(s->image->name) & ROLE_INGRESS) != 0;
}

static bool is_off(sv value)
{
    return SV_IN(value, SV("false"), SV("0"), SV("no"), SV("off"), SV(""));
}

static bool is_on(sv value)
{
    return SV_IN(value, SV("true"), SV("1"), SV("yes"), SV("on"));
}

void check_ingress_caa(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        if (!is_ingress(s))
            continue;
        const struct env_set *e = env_of(c->facts, s, "SET_CAA");
        c->examined++;
        if (e != NULL && e->state == ENV_LITERAL && !is_off(sv_unquote(sv_trim(e->value))))
            continue;
        on_service(report(c, e != NULL ? e->place : s->image->place, SV("SET_CAA"), e != NULL && e->state != ENV_LITERAL
                              ? "'%.*s' binds certificates to the TEE's account in DNS only when the operator says so: without that he, who holds the domain, gets another certificate outside the TEE and reads all traffic."
                              : "'%.*s' does not bind certificates to the TEE's account in DNS: the operator, who holds the domain, can get another certificate outside the TEE and read all traffic, and only certificate transparency shows it.",
                          SV_ARG(service_name(s))), s, SEV_MEDIUM);
    }
}

void check_ingress_staging(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const char *const names[] = {"ACME_STAGING", "CERTBOT_STAGING"};
        for (size_t k = 0; is_ingress(s) && k < 2; k++) {
            const struct env_set *e = env_of(c->facts, s, names[k]);
            c->examined++;
            if (e != NULL && is_on(sv_unquote(e->value)))
                on_service(report(c, e->place, e->name, "'%.*s' takes certificates of the test authority, which no browser trusts: users must click through a warning, and then any certificate does.",
                                  SV_ARG(service_name(s))), s, SEV_INFO);
        }
    }
}

void check_ingress_evidence(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        const struct env_set *e = is_ingress(s) ? env_of(c->facts, s, "EVIDENCE_SERVER") : NULL;
        c->examined += is_ingress(s);
        if (e != NULL && e->state == ENV_LITERAL && is_off(sv_unquote(sv_trim(e->value))))
            on_service(report(c, e->place, e->name, "'%.*s' does not serve its evidence: users cannot tell whether the certificate they see was made in the TEE.",
                              SV_ARG(service_name(s))), s, SEV_MEDIUM);
    }
}

/* The host of "http://app:80", "app:80" or "domain=app:80". */
static sv host_of_target(sv target)
{
    size_t at = sv_find(target, SV("://"));
    sv rest = sv_trim(at == SV_NOT_FOUND ? target : sv_sub(target, at + 3, target.n));
    size_t eq = sv_rfind_char(rest, '=');
    rest = eq == SV_NOT_FOUND ? rest : sv_sub(rest, eq + 1, rest.n);
    sv host = sv_cut(&rest, ':');
    rest = host;
    return sv_cut(&rest, '/');
}

static bool is_inside(const struct deployment *d, sv host)
{
    if (sv_find_char(host, '.') == SV_NOT_FOUND || sv_starts(host, SV("127.")) || sv_starts(host, SV("172.17.")) || sv_has(host, SV("$")) ||
        sv_ends(host, SV(".internal")))
        return true; /* a service, an alias or the CVM itself */
    for (size_t i = 0; i < d->services.n; i++)
        if (sv_eq(d->services.at[i]->name, host))
            return true;
    return false;
}

static void judge_target(struct check_run *c, const struct env_set *e)
{
    for (sv rest = e->value; rest.p != NULL;) {
        sv host = host_of_target(sv_line(&rest));
        c->examined++;
        if (host.n == 0 || is_inside(e->service->deployment, host))
            continue;
        on_service(report(c, e->place, e->name, "The ingress hands requests on to %.*s, outside of this CVM: users verify the ingress, while another machine reads and answers what they send.",
                          SV_ARG(host)), e->service, SEV_HIGH);
        return;
    }
}

void check_ingress_leads_out(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *e = c->facts->env_sets.at[i];
        if (e->service != NULL && is_ingress(e->service) && e->value.p != NULL && SV_IN(e->name, SV("TARGET_ENDPOINT"), SV("ROUTING_MAP")))
            judge_target(c, e);
    }
}

/* ---- the gateway's names ------------------------------------------------------------------------------------ */

/* <40 hex>[-port][s|g].<base>: the part behind the id. */
static sv suffix_of(sv label)
{
    return sv_sub(label, 40, label.n);
}

static bool ends_in_gateway(sv suffix)
{
    return suffix.n == 0 || !sv_ends(suffix, SV("s"));
}

static bool is_aside_for_users(struct place p)
{
    return place_is_aside(p) || p.src->kind == SOURCE_EVIDENCE || p.src->kind == SOURCE_LOCK;
}

/* An address of a dstack app in code or settings. */
static void each_app_address(struct check_run *c, void (*judge)(struct check_run *c, const struct hit *h, sv label))
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++)
        c->examined += c->facts->repo->files.at[i]->kind == SOURCE_CODE || c->facts->repo->files.at[i]->kind == SOURCE_COMPOSE;
    const struct source *last = NULL; /* a file says each address once */
    sv said = SV_NONE;
    for (size_t i = 0; i < c->facts->hits.all.n; i++) {
        const struct hit *h = c->facts->hits.all.at[i];
        sv label = h->pattern->rule == c->rule ? hit_group(h, "label") : SV_NONE;
        if (label.n < 40 || is_aside_for_users(h->place) || (h->place.src == last && sv_eq(label, said)))
            continue;
        last = h->place.src;
        said = label;
        judge(c, h, label);
    }
}

/* "https://${DSTACK_APP_ID}-3000.${DSTACK_GATEWAY_DOMAIN}": the suffix is in the text, the id is not. */
static void judge_gateway_variable(struct check_run *c, const struct hit *h)
{
    sv port = h->pattern->rule == c->rule ? hit_group(h, "port") : SV_NONE;
    if (port.n == 0 || sv_eq(port, SV("8090")) || is_aside_for_users(h->place))
        return;
    report(c, h->place, hit_group(h, "address"), "TLS to this address ends in the gateway: without the suffix 's' behind the port %.*s the gateway sees everything in clear, so users trust one more machine, whose measurements they must check as well.",
           SV_ARG(port));
}

static void judge_gateway(struct check_run *c, const struct hit *h, sv label)
{
    if (!ends_in_gateway(suffix_of(label)) || sv_starts(suffix_of(label), SV("-8090")))
        return; /* 8090 is the guest's public information page */
    report(c, h->place, label, "TLS to this address ends in the gateway: without the suffix 's' behind the port the gateway sees everything in clear, so users trust one more machine, whose measurements they must check as well.");
}

void check_gateway_terminates(struct check_run *c)
{
    each_app_address(c, judge_gateway);
    for (size_t i = 0; i < c->facts->hits.all.n; i++)
        judge_gateway_variable(c, c->facts->hits.all.at[i]);
}

/* It calls what verifies, and that is about evidence. */
static bool verifies_attestation(struct check_run *c, const struct source *s)
{
    static const char *const verifiers[] = {"verify", "verif", "validate", "attest", NULL};
    static const char *const evidence[] = {"quote", "attest", "measurement", "compose_hash", "composehash", "rtmr", NULL};
    const struct program *p = source_ihas(s, SV("verif")) || source_ihas(s, SV("attest")) ? read_program(c->facts->repo, s) : NULL;
    for (size_t i = 0; p != NULL && i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        if (call_names(k, verifiers) && !is_log_call(k) && says_any(p, k->from, k->close, evidence))
            return true;
    }
    return false;
}

/* PUBLIC_API_URL=https://<id>-8080…: the address under which users find the app itself. */
static bool is_own_address(const struct facts *f, struct place place)
{
    for (size_t i = 0; i < f->env_sets.n; i++) {
        const struct env_set *e = f->env_sets.at[i];
        if (e->place.src == place.src && place_line(e->place) == place_line(place))
            return names_own_address(e->name);
    }
    return false;
}

/* A compose file names services the app talks to; elsewhere the address may be the app's own, seen by a client. */
static void judge_peer(struct check_run *c, const struct hit *h, sv label)
{
    bool compose = h->place.src->kind == SOURCE_COMPOSE;
    if (sv_starts(suffix_of(label), SV("-8090")) || (!compose && (h->place.src->kind != SOURCE_CODE || verifies_attestation(c, h->place.src))))
        return;
    if (compose && is_own_address(c->facts, h->place))
        return;
    if (!compose) {
        report(c, h->place, label, "A dstack app is trusted by its address here, and nothing beside it checks that one's attestation: whoever may upgrade it gets what is sent.")->severity = SEV_LOW;
        return;
    }
    report(c, h->place, label, "The app talks to another dstack app at this address, and nothing beside it checks that one's attestation: its operator can deploy other code there, which then gets what this app sends.");
}

void check_peer_not_attested(struct check_run *c)
{
    each_app_address(c, judge_peer);
}
