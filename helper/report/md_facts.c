/* Parts of the report that are tables of facts. */
#include "report/markdown.h"

enum { ROWS = 60, HOSTS = 40, SERVICES_NAMED = 12, READS_NAMED = 3 };

static void cell(struct buf *out, const char *text)
{
    size_t c = md_cell(out);
    md_text(out, text);
    md_cell_end(out, c);
}

static void cell_code(struct buf *out, const char *text)
{
    size_t c = md_cell(out);
    if (*text != '\0')
        md_code(out, text);
    md_cell_end(out, c);
}

static void cell_place(const struct result *r, struct place p, struct buf *out)
{
    size_t c = md_cell(out);
    if (p.src != NULL)
        md_spot(out, r, p);
    md_cell_end(out, c);
}

static void put_images(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    size_t rows = 0, all = 0;
    for (size_t i = 0; i < f->images.n; i++) {
        const struct image_ref *image = f->images.at[i];
        if (place_is_aside(image->place) || image->origin == IMAGE_WORKFLOW)
            continue;
        if (all++ >= ROWS)
            continue;
        if (rows++ == 0)
            buf_puts(out, "\n| Image | Pinned by digest | Where |\n|---|---|---|\n");
        cell_code(out, shown(r, image->ref));
        cell(out, image->has_variable ? "no, chosen by a variable" : image->pinned ? "yes" : "no");
        cell_place(r, image->place, out);
        buf_putc(out, '\n');
    }
    md_rest(out, rows, all, "images");
}

static void put_contracts(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    for (size_t i = 0; i < f->contracts.n && i < ROWS; i++) {
        if (i == 0)
            buf_puts(out, "\n| Contract | Chain | Where |\n|---|---|---|\n");
        cell_code(out, shown(r, f->contracts.at[i]->address));
        cell(out, f->contracts.at[i]->chain.n == 0 ? "unknown" : shown(r, f->contracts.at[i]->chain));
        cell_place(r, f->contracts.at[i]->place, out);
        buf_putc(out, '\n');
    }
    md_rest(out, f->contracts.n < ROWS ? f->contracts.n : ROWS, f->contracts.n, "contracts");
}

static void put_deployment(const struct result *r, const struct deployment *d, struct buf *out)
{
    cell_code(out, shown(r, d->id));
    if (d->app != NULL)
        cell_code(out, shown(r, d->app->src->path));
    else
        cell(out, "none: any variable is taken as settable");
    cell(out, d->deployed ? "yes" : "no");
    cell(out, shown(r, d->why));
    size_t c = md_cell(out);
    for (size_t i = 0; i < d->services.n && i < SERVICES_NAMED; i++) {
        buf_puts(out, i == 0 ? "" : " ");
        md_code(out, shown(r, d->services.at[i]->name));
    }
    if (d->services.n > SERVICES_NAMED)
        buf_printf(out, " and %zu more", d->services.n - SERVICES_NAMED);
    md_cell_end(out, c);
    buf_putc(out, '\n');
}

void md_deployment_data(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    if (f->deployments.n == 0)
        buf_puts(out, "No compose file and no app-compose.json in the repository.\n");
    else
        buf_puts(out, "| Compose | app-compose.json | Taken as deployed | Because | Services |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < f->deployments.n && i < ROWS; i++)
        put_deployment(r, f->deployments.at[i], out);
    md_rest(out, f->deployments.n < ROWS ? f->deployments.n : ROWS, f->deployments.n, "deployments");
    put_images(r, out);
    put_contracts(r, out);
}

/* ---- the operator surface ------------------------------------------------------------------------ */

/* The worst that was found about the value: -1 nothing. */
static int worst_of(const struct result *r, const struct operator_input *in)
{
    const struct verdicts *v = r->verdicts;
    for (size_t i = 0; i < v->findings.n; i++) {
        const struct finding *f = v->findings.at[i];
        if (f->place.src == in->place.src && place_line(f->place) == place_line(in->place) && sv_eq(f->subject, in->name) &&
            finding_counts(f, NULL))
            return (int)f->severity;
    }
    return -1;
}

static void put_input(const struct result *r, const struct operator_input *in, int worst, struct buf *out)
{
    static const char *const allowed[] = {"assumed", "yes", "no", "reaches compose unlisted"};
    cell_code(out, shown(r, in->name));
    cell(out, input_kind_name(in->kind));
    cell(out, worst < 0 ? "" : severity_name((enum severity)worst));
    cell(out, sv_printf(r->arena, "%s, %s", shown(r, in->enters), env_state_name(in->state)).p);
    cell(out, allowed[in->allowed]);
    if (in->has_fallback && in->fallback.n == 0)
        cell(out, "empty");
    else
        cell_code(out, in->has_fallback ? text_clean(r->arena, sv_from(shown_about(r, in->place, in->fallback))).p : "");
    cell_code(out, in->service == NULL ? "" : shown(r, in->service->name));
    cell_place(r, in->place, out);
    size_t c = md_cell(out);
    for (size_t i = 0; i < in->reads.n && i < READS_NAMED; i++) {
        buf_puts(out, i == 0 ? "" : ", ");
        md_spot(out, r, in->reads.at[i]->place);
    }
    if (in->reads.n > READS_NAMED)
        buf_printf(out, " and %zu more", in->reads.n - READS_NAMED);
    md_cell_end(out, c);
    buf_putc(out, '\n');
}

static bool is_settable(const struct operator_input *in)
{
    return in->allowed != ALLOWED_NO && (in->deployment == NULL || in->deployment->deployed);
}

/* Worst first; what is passed on in the compose but not allowed is counted alone. */
void md_operator_surface(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    size_t rows = 0, all = 0, refused = 0;
    int *worst = arena_array(r->arena, int, f->inputs.n);
    for (size_t i = 0; i < f->inputs.n; i++) {
        worst[i] = worst_of(r, f->inputs.at[i]);
        all += is_settable(f->inputs.at[i]);
        refused += f->inputs.at[i]->allowed == ALLOWED_NO && (f->inputs.at[i]->deployment == NULL || f->inputs.at[i]->deployment->deployed);
    }
    if (all == 0)
        buf_puts(out, "No value of the deployed compose can be set from outside, as far as these files say.\n");
    else
        buf_puts(out, "What the operator can set without changing the compose hash. \"assumed\": no app-compose.json in the repository "
                      "says which variables are allowed, so any may be.\n\n"
                      "| Name | What it is | Worst finding | Enters | allowed_envs | Default | Service | Set at | Read at |\n"
                      "|---|---|---|---|---|---|---|---|---|\n");
    for (int severity = SEV_CRITICAL; severity >= -1; severity--)
        for (size_t i = 0; i < f->inputs.n && rows < ROWS; i++)
            if (worst[i] == severity && is_settable(f->inputs.at[i])) {
                put_input(r, f->inputs.at[i], severity, out);
                rows++;
            }
    md_rest(out, rows, all, "values");
    if (refused != 0)
        buf_printf(out, "\n%zu more value%s in the compose stay%s empty or at the default: allowed_envs does not list %s.\n", refused,
                   refused == 1 ? "" : "s", refused == 1 ? "s" : "", refused == 1 ? "it" : "them");
}

/* ---- where data goes ---------------------------------------------------------------------------------- */

static void put_hosts(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    size_t rows = 0, all = 0;
    for (size_t i = 0; i < f->hosts.n; i++) {
        const struct host *h = f->hosts.at[i];
        if (h->use == HOST_DISPLAY || h->places.n == 0 || place_is_aside(*h->places.at[0]))
            continue;
        if (all++ >= HOSTS)
            continue;
        if (rows++ == 0)
            buf_puts(out, "\n| Host outside the TEE | Purpose | Named at |\n|---|---|---|\n");
        const char *purpose = host_purpose(h->name);
        cell_code(out, shown(r, h->name));
        size_t c = md_cell(out);
        buf_puts(out, purpose == NULL ? "?" : purpose);
        md_cell_end(out, c);
        c = md_cell(out);
        md_spot(out, r, *h->places.at[0]);
        if (h->places.n > 1)
            buf_printf(out, " and %zu more", h->places.n - 1);
        md_cell_end(out, c);
        buf_putc(out, '\n');
    }
    md_rest(out, rows, all, "hosts");
}

void md_data_flow(const struct result *r, struct buf *out)
{
    if (!mermaid_flow(r, out))
        buf_puts(out, "No deployed service is described in these files.\n");
    put_hosts(r, out);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void md_trust_model(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    size_t settable = 0, images = 0, pinned = 0, hosts = 0, agents = 0, dockers = 0;
    for (size_t i = 0; i < f->inputs.n; i++)
        settable += is_settable(f->inputs.at[i]);
    for (size_t i = 0; i < f->images.n; i++) {
        const struct image_ref *image = f->images.at[i];
        if (image->origin != IMAGE_COMPOSE || (image->deployment != NULL && !image->deployment->deployed))
            continue;
        images++;
        pinned += image->pinned;
    }
    for (size_t i = 0; i < f->hosts.n; i++)
        hosts += f->hosts.at[i]->use != HOST_DISPLAY && f->hosts.at[i]->places.n != 0 &&
                 !place_is_aside(*f->hosts.at[i]->places.at[0]);
    for (size_t i = 0; i < f->services.n; i++) {
        const struct service *s = f->services.at[i];
        bool live = s->deployment == NULL || s->deployment->deployed;
        agents += live && s->mounts_guest_agent;
        dockers += live && s->mounts_docker;
    }
    buf_puts(out, "| Party | What it holds here |\n|---|---|\n| TEE vendor and dstack platform | the quote chain, the key service and the gateway |\n");
    buf_printf(out, "| Operator | %zu value%s settable under an unchanged compose hash |\n", settable, plural(settable));
    if (images == 0)
        buf_puts(out, "| Image publishers | no deployed service names an image: it is built from source, and the compose hash does not say from which |\n");
    else
        buf_printf(out, "| Image publishers | %zu of %zu deployed image%s pinned by digest%s |\n", pinned, images,
                   images == 1 ? " is" : "s are", pinned == images ? "" : "; behind a tag other code can stand");
    buf_printf(out, "| Services with the guest agent | %zu can derive the app's keys and get quotes |\n", agents);
    buf_printf(out, "| Services with the Docker socket | %zu control%s everything in the CVM |\n", dockers, dockers == 1 ? "s" : "");
    buf_printf(out, "| Outside hosts | %zu named in code, configuration or scripts |\n", hosts);
    buf_printf(out, "| Contract owners | %zu contract address%s named |\n", f->contracts.n, f->contracts.n == 1 ? "" : "es");
}

static size_t attestation_facts(const struct facts *f, sv what)
{
    size_t n = 0;
    for (size_t i = 0; i < f->attestation.n; i++)
        n += sv_starts(f->attestation.at[i]->what, what) && !place_is_aside(f->attestation.at[i]->place);
    return n;
}

/* For the user of the app. Nothing is ticked: a static reading verifies nothing that runs. */
void md_verification_checklist(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    buf_printf(out, "- [ ] the quote verifies up to the vendor's root, debug off, TCB status accepted (places that get quotes: %zu, that "
                    "verify: %zu)\n", attestation_facts(f, SV("get-quote")), attestation_facts(f, SV("verify")));
    buf_printf(out, "- [ ] MRTD and RTMR0-2 are those of a known, non-development OS image\n"
                    "- [ ] RTMR3 replays from the event log, and its compose-hash is the SHA-256 of the published app-compose.json "
                    "(such files in this repository: %zu)\n", f->app_composes.n);
    buf_puts(out, "- [ ] the compose inside it equals the one audited here, image digests included\n"
                  "- [ ] the key provider is the expected one, and for on-chain key services the contract and its owner are known\n"
                  "- [ ] report_data binds the key or certificate the user talks to, and a fresh challenge\n"
                  "- [ ] each image digest was rebuilt from this commit, or its build attestation checked\n"
                  "- [ ] the history of allowed compose hashes holds no version with a wider operator surface\n");
}
