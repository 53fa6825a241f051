/* Parts of the report that are tables of facts. */
#include "report/markdown.h"

enum { ROWS = 60, HOSTS = 40 };

static void cell_place(const struct result *r, struct place p, struct buf *out)
{
    buf_puts(out, " | ");
    if (p.src != NULL)
        md_spot(out, r, p);
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
        buf_puts(out, "| ");
        md_code(out, shown(r, image->ref));
        buf_printf(out, " | %s", image->has_variable ? "no, chosen by a variable" : image->pinned ? "yes" : "no");
        cell_place(r, image->place, out);
        buf_puts(out, " |\n");
    }
    md_rest(out, rows, all, "images");
}

static void put_contracts(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    for (size_t i = 0; i < f->contracts.n && i < ROWS; i++) {
        if (i == 0)
            buf_puts(out, "\n| Contract | Chain | Where |\n|---|---|---|\n");
        buf_puts(out, "| ");
        md_code(out, shown(r, f->contracts.at[i]->address));
        buf_printf(out, " | %s", f->contracts.at[i]->chain.n == 0 ? "unknown" : shown(r, f->contracts.at[i]->chain));
        cell_place(r, f->contracts.at[i]->place, out);
        buf_puts(out, " |\n");
    }
    md_rest(out, f->contracts.n < ROWS ? f->contracts.n : ROWS, f->contracts.n, "contracts");
}

void md_deployment_data(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    if (f->deployments.n == 0)
        buf_puts(out, "No compose file and no app-compose.json in the repository.\n");
    else
        buf_puts(out, "| Compose | app-compose.json | Taken as deployed | Because | Services |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < f->deployments.n && i < ROWS; i++) {
        const struct deployment *d = f->deployments.at[i];
        buf_puts(out, "| ");
        md_code(out, shown(r, d->id));
        buf_puts(out, " | ");
        if (d->app != NULL)
            md_code(out, shown(r, d->app->src->path));
        else
            buf_puts(out, "none: any variable is taken as settable");
        buf_printf(out, " | %s | ", d->deployed ? "yes" : "no");
        md_text(out, shown(r, d->why));
        buf_puts(out, " | ");
        for (size_t j = 0; j < d->services.n && j < 12; j++) {
            buf_puts(out, j == 0 ? "" : " ");
            md_code(out, shown(r, d->services.at[j]->name));
        }
        buf_puts(out, d->services.n > 12 ? " … |\n" : " |\n");
    }
    md_rest(out, f->deployments.n < ROWS ? f->deployments.n : ROWS, f->deployments.n, "deployments");
    put_images(r, out);
    put_contracts(r, out);
}

void md_operator_surface(const struct result *r, struct buf *out)
{
    static const char *const allowed[] = {"assumed", "yes", "no", "reaches compose unlisted"};
    const struct facts *f = r->facts;
    size_t rows = 0, all = 0;
    for (size_t i = 0; i < f->inputs.n; i++) {
        const struct operator_input *in = f->inputs.at[i];
        if (in->deployment != NULL && !in->deployment->deployed)
            continue;
        if (all++ >= ROWS)
            continue;
        if (rows++ == 0)
            buf_puts(out, "What the operator can set without changing the compose hash.\n\n"
                          "| Name | What it is | Enters | allowed_envs | Default | Service | Set at | Read at |\n"
                          "|---|---|---|---|---|---|---|---|\n");
        buf_puts(out, "| ");
        md_code(out, shown(r, in->name));
        buf_printf(out, " | %s | %s, %s | %s | ", input_kind_name(in->kind), shown(r, in->enters),
                   env_state_name(in->state), allowed[in->allowed]);
        if (in->has_fallback)
            md_code(out, text_clean(r->arena, sv_from(shown_about(r, in->place, in->fallback))).p);
        buf_puts(out, " | ");
        if (in->service != NULL)
            md_code(out, shown(r, in->service->name));
        cell_place(r, in->place, out);
        buf_puts(out, " | ");
        for (size_t j = 0; j < in->reads.n && j < 3; j++) {
            buf_puts(out, j == 0 ? "" : ", ");
            md_spot(out, r, in->reads.at[j]->place);
        }
        buf_puts(out, in->reads.n > 3 ? " … |\n" : " |\n");
    }
    if (rows == 0)
        buf_puts(out, "No variable of the compose can be set from outside, as far as these files say.\n");
    md_rest(out, rows, all, "values");
}

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
            buf_puts(out, "\n| Host outside the TEE | Named at |\n|---|---|\n");
        buf_puts(out, "| ");
        md_code(out, shown(r, h->name));
        cell_place(r, *h->places.at[0], out);
        if (h->places.n > 1)
            buf_printf(out, " and %zu more", h->places.n - 1);
        buf_puts(out, " |\n");
    }
    md_rest(out, rows, all, "hosts");
}

void md_data_flow(const struct result *r, struct buf *out)
{
    struct buf chart = {0};
    if (mermaid_flow(r, &chart))
        buf_printf(out, "```mermaid\n%.*s```\n", SV_ARG(buf_view(&chart)));
    else
        buf_puts(out, "No deployed service is described in these files.\n");
    buf_free(&chart);
    put_hosts(r, out);
}

void md_trust_model(const struct result *r, struct buf *out)
{
    const struct facts *f = r->facts;
    size_t settable = 0, images = 0, pinned = 0, hosts = 0, agents = 0, dockers = 0;
    for (size_t i = 0; i < f->inputs.n; i++)
        settable += f->inputs.at[i]->deployment == NULL || f->inputs.at[i]->deployment->deployed;
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
    buf_printf(out, "| Operator | %zu value%s settable under an unchanged compose hash |\n", settable, settable == 1 ? "" : "s");
    buf_printf(out, "| Image publishers | %zu of %zu deployed images are pinned by digest; the others can be replaced |\n", pinned, images);
    buf_printf(out, "| Services with the guest agent | %zu can derive the app's keys and get quotes |\n", agents);
    buf_printf(out, "| Services with the Docker socket | %zu control everything in the CVM |\n", dockers);
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
                    "(in this repository: %zu)\n", f->app_composes.n);
    buf_puts(out, "- [ ] the compose inside it equals the one audited here, image digests included\n"
                  "- [ ] the key provider is the expected one, and for on-chain key services the contract and its owner are known\n"
                  "- [ ] report_data binds the key or certificate the user talks to, and a fresh challenge\n"
                  "- [ ] each image digest was rebuilt from this commit, or its build attestation checked\n"
                  "- [ ] the history of allowed compose hashes holds no version with a wider operator surface\n");
}
