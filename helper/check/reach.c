/* Literal settings of a compose file that send connections elsewhere, or leave the other end unchecked
 * (dstack-facts 8: CX-15, CX-17). What the operator may set is another matter: env.c, env_fields.c. */
#include "check/code.h"
#include "check/lookup.h"

/* ---- certificates ------------------------------------------------------------------------------------------- */

static bool is_on(sv value) { return SV_IN(value, SV("1"), SV("true"), SV("True"), SV("TRUE"), SV("yes"), SV("on")); }
static bool is_off(sv value) { return SV_IN(value, SV("0"), SV("false"), SV("False"), SV("FALSE"), SV("no"), SV("off"), SV("none")); }

/* Switches of runtimes reach every connection; those of one client, one. */
enum tls_switch { TLS_KEPT, TLS_CLIENT_OFF, TLS_OFF };

static enum tls_switch switch_of(sv name, sv value)
{
    static const char *const off[] = {"insecure_skip_verify", "skip_tls_verify", "tls_skip_verify", "skip_ssl_verify", "ssl_no_verify", "no_ssl_verify", "insecure_tls", "tls_insecure", "allow_insecure_tls",
                                      "disable_ssl_verif", "disable_tls_verif", "ssl_insecure", "accept_invalid_certs", NULL};
    static const char *const verifies[] = {"ssl_verify", "verify_ssl", "tls_verify", "verify_tls", "verify_cert", "ssl_cert_verif", "check_certificate", NULL};
    if ((sv_eq(name, SV("NODE_TLS_REJECT_UNAUTHORIZED")) || sv_eq(name, SV("PYTHONHTTPSVERIFY"))) && sv_eq(value, SV("0")))
        return TLS_OFF;
    if (sv_eq(name, SV("GIT_SSL_NO_VERIFY")))
        return value.n != 0 && !is_off(value) ? TLS_CLIENT_OFF : TLS_KEPT;
    if (is_on(value) && (text_has_any(name, off) || sv_iends(name, SV("_INSECURE"))))
        return sv_istarts(name, SV("OTEL_")) ? TLS_KEPT : TLS_CLIENT_OFF; /* a collector's plain address: plain-http and telemetry speak of it */
    return is_off(value) && text_has_any(name, verifies) ? TLS_CLIENT_OFF : TLS_KEPT;
}

static const char *reach_of(enum tls_switch s)
{
    return s == TLS_OFF ? "every connection of the program takes any certificate" : "a connection takes any certificate";
}

struct image_scan { struct check_run *c; const struct dockerfile *d; };

static void look_at_image_env(void *ctx, sv key, sv value, bool has_value, struct place place)
{
    struct image_scan *scan = ctx;
    enum tls_switch s = has_value ? switch_of(key, value) : TLS_KEPT;
    scan->c->examined++;
    if (s != TLS_KEPT)
        on_scope(report(scan->c, place, key, "The image sets %.*s=%.*s: %s, so the host of the CVM can answer in any server's place.", SV_ARG(key), SV_ARG(value), reach_of(s)),
                 scan->d->src->scope, s == TLS_OFF ? SEV_HIGH : SEV_MEDIUM);
}

/* CX-17 */
void check_tls_off_in_setting(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *e = c->facts->env_sets.at[i];
        sv value = e->value.p == NULL || e->state == ENV_BARE ? SV_NONE : sv_unquote(sv_trim(interp_when_unset(c->arena, e->value)));
        enum tls_switch s = e->service == NULL ? TLS_KEPT : switch_of(e->name, value);
        c->examined++;
        if (s != TLS_KEPT)
            on_service(report(c, e->place, e->name, "'%.*s' runs with %.*s=%.*s: %s, so the host of the CVM can answer in any server's place.", SV_ARG(service_name(e->service)), SV_ARG(e->name), SV_ARG(value), reach_of(s)),
                       e->service, s == TLS_OFF ? SEV_HIGH : SEV_MEDIUM);
    }
    for (size_t i = 0; i < c->facts->dockerfiles.n; i++) {
        struct image_scan scan = {c, c->facts->dockerfiles.at[i]};
        for (size_t k = 0; k < scan.d->instructions.n && !scan.d->src->vendored; k++)
            if (sv_eq(scan.d->instructions.at[k]->keyword, SV("ENV")))
                instruction_pairs(c->arena, scan.d->instructions.at[k], look_at_image_env, &scan);
    }
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

/* A name of the public internet: not a host of the compose, of a private network or of documentation. */
static bool is_public_name(sv name)
{
    size_t dot = sv_rfind_char(name, '.');
    sv top = dot == SV_NOT_FOUND ? SV_NONE : sv_sub(name, dot + 1, name.n);
    return top.n >= 2 && !(top.p[0] >= '0' && top.p[0] <= '9') && !SV_IN(top, SV("local"), SV("localhost"), SV("internal"), SV("lan"), SV("test"), SV("home"), SV("arpa"), SV("invalid"));
}

static bool leads_to_itself(sv address)
{
    return SV_IN(address, SV("host-gateway"), SV("::1"), SV("0.0.0.0"), SV("[::1]")) || sv_starts(address, SV("127."));
}

/* "name:address", "name=address", or the map form. */
static void judge_extra_host(struct check_run *c, const struct service *s, const struct node *n)
{
    sv rest = node_text(n), name = n->key.p != NULL ? n->key : SV_NONE;
    if (name.p == NULL) {
        size_t cut = sv_find_char(rest, '=') != SV_NOT_FOUND ? sv_find_char(rest, '=') : sv_find_char(rest, ':');
        name = cut == SV_NOT_FOUND ? rest : sv_sub(rest, 0, cut);
        rest = cut == SV_NOT_FOUND ? SV_NONE : sv_sub(rest, cut + 1, rest.n);
    }
    sv address = sv_trim(rest);
    c->examined++;
    if (address.n == 0 || sv_find_char(address, '$') != SV_NOT_FOUND || leads_to_itself(address) || !is_public_name(name))
        return;
    on_service(report(c, n->place, name, "'%.*s' finds %.*s at the fixed address %.*s, whatever the name's owner says: whoever holds that address gets what is sent wherever the certificate is not checked.",
                      SV_ARG(service_name(s)), SV_ARG(name), SV_ARG(address)), s, SEV_MEDIUM);
}

static bool is_public_resolver(sv address)
{
    return SV_IN(address, SV("1.1.1.1"), SV("1.0.0.1"), SV("1.1.1.2"), SV("8.8.8.8"), SV("8.8.4.4"), SV("9.9.9.9"), SV("149.112.112.112"), SV("208.67.222.222"), SV("208.67.220.220"),
                 SV("2606:4700:4700::1111"), SV("2001:4860:4860::8888"), SV("2620:fe::fe"));
}

static void judge_resolver(struct check_run *c, const struct service *s, const struct node *n, bool search)
{
    sv value = node_text(n);
    c->examined++;
    if (value.n == 0 || sv_find_char(value, '$') != SV_NOT_FOUND || sv_eq(value, SV(".")) || (!search && (leads_to_itself(value) || is_public_resolver(value))))
        return;
    on_service(report(c, n->place, value, search ? "'%.*s' tries names below %.*s first: whoever owns that domain can answer for short names."
                                                 : "'%.*s' asks the name server %.*s: whoever runs it decides where every name leads.", SV_ARG(service_name(s)), SV_ARG(value)),
               s, search ? SEV_LOW : SEV_MEDIUM);
}

static void each_item(struct check_run *c, const struct service *s, const char *key, bool search)
{
    const struct node *n = node_get(s->node, key);
    if (n != NULL && n->kind == NODE_SCALAR)
        judge_resolver(c, s, n, search);
    for node_each(item, n)
        judge_resolver(c, s, item, search);
}

/* CX-15 */
void check_names_led_elsewhere(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->services.n; i++) {
        const struct service *s = c->facts->services.at[i];
        c->examined++;
        for node_each(n, node_get(s->node, "extra_hosts"))
            judge_extra_host(c, s, n);
        each_item(c, s, "dns", false);
        each_item(c, s, "dns_search", true);
        for node_each(n, node_get(s->node, "external_links"))
            on_service(report(c, n->place, node_text(n), "'%.*s' is linked to a container that no part of this document describes: what answers under that name is not measured.", SV_ARG(service_name(s))), s, SEV_LOW);
    }
}
