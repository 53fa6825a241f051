/* What a host outside the TEE is for, as far as its name says. */
#include "fact/fact.h"

static const struct { const char *ending, *purpose; } purposes[] = {
    /* who reads the text of users */
    {"api.openai.com", "model"}, {"api.anthropic.com", "model"}, {"openrouter.ai", "model"}, {"generativelanguage.googleapis.com", "model"},
    {"api.groq.com", "model"}, {"api.together.xyz", "model"}, {"api.mistral.ai", "model"}, {"api.deepseek.com", "model"}, {"api.x.ai", "model"},
    {"api.cohere.com", "model"}, {"api.cohere.ai", "model"}, {"api.perplexity.ai", "model"}, {"api.fireworks.ai", "model"},
    {"api-inference.huggingface.co", "model"}, {"api.redpill.ai", "model"}, {"cloud-api.near.ai", "model"}, {"api.near.ai", "model"},
    {"api.venice.ai", "model"}, {"openai.azure.com", "model"}, {"elevenlabs.io", "model"}, {"api.replicate.com", "model"},
    {"api.telegram.org", "messenger"}, {"discord.com", "messenger"}, {"slack.com", "messenger"}, {"api.twilio.com", "messenger"},
    {"graph.facebook.com", "messenger"}, {"matrix.org", "messenger"}, {"api.sendgrid.com", "mail"}, {"api.mailgun.net", "mail"}, {"api.resend.com", "mail"},
    {"api.stripe.com", "payment"}, {"api.coinbase.com", "payment"},
    /* who keeps data */
    {"supabase.co", "database"}, {"firebaseio.com", "database"}, {"firestore.googleapis.com", "database"}, {"mongodb.net", "database"},
    {"neon.tech", "database"}, {"upstash.io", "database"}, {"turso.io", "database"}, {"planetscale.com", "database"}, {"pinecone.io", "database"},
    {"api.airtable.com", "database"}, {"api.notion.com", "database"}, {"rds.amazonaws.com", "database"},
    {"s3.amazonaws.com", "storage"}, {"r2.cloudflarestorage.com", "storage"}, {"storage.googleapis.com", "storage"}, {"blob.core.windows.net", "storage"},
    {"pinata.cloud", "storage"}, {"ipfs.io", "storage"}, {"web3.storage", "storage"}, {"arweave.net", "storage"},
    /* who watches */
    {"sentry.io", "telemetry"}, {"datadoghq.com", "telemetry"}, {"datadoghq.eu", "telemetry"}, {"newrelic.com", "telemetry"}, {"nr-data.net", "telemetry"},
    {"posthog.com", "telemetry"}, {"langfuse.com", "telemetry"}, {"smith.langchain.com", "telemetry"}, {"grafana.net", "telemetry"}, {"honeycomb.io", "telemetry"},
    {"segment.io", "telemetry"}, {"mixpanel.com", "telemetry"}, {"amplitude.com", "telemetry"}, {"google-analytics.com", "telemetry"},
    {"googletagmanager.com", "telemetry"}, {"logtail.com", "telemetry"}, {"betterstack.com", "telemetry"}, {"axiom.co", "telemetry"},
    /* who says what the chain holds */
    {"infura.io", "chain"}, {"alchemy.com", "chain"}, {"alchemyapi.io", "chain"}, {"quiknode.pro", "chain"}, {"ankr.com", "chain"}, {"llamarpc.com", "chain"},
    {"mainnet.base.org", "chain"}, {"sepolia.base.org", "chain"}, {"rpc.mainnet.near.org", "chain"}, {"rpc.testnet.near.org", "chain"},
    {"cloudflare-eth.com", "chain"}, {"publicnode.com", "chain"}, {"mainnet-beta.solana.com", "chain"}, {"drpc.org", "chain"}, {"arbitrum.io", "chain"},
    {"optimism.io", "chain"}, {"polygon-rpc.com", "chain"}, {"etherscan.io", "chain"}, {"basescan.org", "chain"},
    /* who vouches for evidence */
    {"api.trustedservices.intel.com", "attestation"}, {"trustauthority.intel.com", "attestation"}, {"pccs.phala.network", "attestation"},
    {"proof.t16z.com", "attestation"}, {"nras.attestation.nvidia.com", "attestation"}, {"trust.phala.com", "attestation"},
    {"cloud-api.phala.network", "attestation"}, {"cloud-api.phala.com", "attestation"}, {"rekor.sigstore.dev", "attestation"}, {"search.sigstore.dev", "attestation"},
    /* who certifies names */
    {"api.cloudflare.com", "domain"}, {"letsencrypt.org", "domain"}, {"zerossl.com", "domain"}, {"crt.sh", "domain"}, {"api.linode.com", "domain"},
    /* who signs people in */
    {"accounts.google.com", "identity"}, {"oauth2.googleapis.com", "identity"}, {"login.microsoftonline.com", "identity"}, {"auth0.com", "identity"},
    {"clerk.com", "identity"}, {"clerk.dev", "identity"}, {"privy.io", "identity"}, {"appleid.apple.com", "identity"}, {"api.github.com", "source"},
    /* where code comes from */
    {"github.com", "source"}, {"githubusercontent.com", "source"}, {"gitlab.com", "source"}, {"bitbucket.org", "source"}, {"huggingface.co", "source"},
    {"npmjs.org", "packages"}, {"pypi.org", "packages"}, {"pythonhosted.org", "packages"}, {"crates.io", "packages"}, {"golang.org", "packages"},
    {"debian.org", "packages"}, {"ubuntu.com", "packages"}, {"alpinelinux.org", "packages"}, {"docker.com", "packages"}, {"docker.io", "packages"},
    {"ghcr.io", "packages"}, {"quay.io", "packages"}, {"rustup.rs", "packages"}, {"astral.sh", "packages"}, {"nodejs.org", "packages"}, {"nixos.org", "packages"},
    {"esm.sh", "script"}, {"deno.land", "script"}, {"jsdelivr.net", "script"}, {"unpkg.com", "script"}, {"cdnjs.cloudflare.com", "script"}, {"jsr.io", "script"},
    {"fonts.googleapis.com", "script"}, {"skypack.dev", "script"},
    /* who serves pages and functions in the operator's account */
    {"vercel.app", "hosting"}, {"netlify.app", "hosting"}, {"web.app", "hosting"}, {"firebaseapp.com", "hosting"}, {"pages.dev", "hosting"},
    {"workers.dev", "hosting"}, {"cloudfunctions.net", "hosting"}, {"run.app", "hosting"}, {"fly.dev", "hosting"}, {"onrender.com", "hosting"},
    {"herokuapp.com", "hosting"}, {"railway.app", "hosting"}, {"github.io", "hosting"}, {"amazonaws.com", "hosting"},
    {"ngrok.io", "tunnel"}, {"ngrok.app", "tunnel"}, {"ngrok-free.app", "tunnel"}, {"trycloudflare.com", "tunnel"}, {"ts.net", "tunnel"}, {"loca.lt", "tunnel"},
};

/* An address of the gateway: `<app id>[-<port>][s].<gateway>` (dstack-facts 8.1). */
static bool is_app_address(sv name)
{
    size_t dot = sv_find_char(name, '.');
    return dot != SV_NOT_FOUND && dot >= 40 && sv_is_hex(sv_sub(name, 0, 40), 40) && (dot == 40 || name.p[40] == '-');
}

const char *host_purpose(sv name)
{
    if (is_app_address(name))
        return "dstack app";
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++) {
        sv ending = sv_from(purposes[i].ending);
        if (sv_iends(name, ending) && (name.n == ending.n || name.p[name.n - ending.n - 1] == '.'))
            return purposes[i].purpose;
    }
    return NULL;
}
