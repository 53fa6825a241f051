/* On which chain an address stands, where the repository shows it: the names around it, the chain's number, or the
 * hosts of its nodes and explorers. */
#include "fact/reads.h"

static const struct { const char *word, *chain; } words[] = {
    {"base-sepolia", "base-sepolia"}, {"base_sepolia", "base-sepolia"}, {"basesepolia", "base-sepolia"}, {"sepolia", "sepolia"},
    {"basescan", "base"},             {"base", "base"},                 {"arbitrum", "arbitrum"},        {"optimism", "optimism"},
    {"polygon", "polygon"},           {"bsc", "bsc"},                   {"etherscan", "ethereum"},       {"mainnet", "ethereum"},
    {"ethereum", "ethereum"},         {"holesky", "holesky"},           {"anvil", "local"},              {"hardhat", "local"},
};

enum { LINE_BYTES = 400 }; /* a longer line is data: it says nothing of its addresses */

/* EIP-155 numbers. */
static const struct { const char *number, *chain; } numbers[] = {
    {"8453", "base"}, {"84532", "base-sepolia"}, {"11155111", "sepolia"}, {"1", "ethereum"}, {"42161", "arbitrum"}, {"421614", "arbitrum-sepolia"},
    {"10", "optimism"}, {"137", "polygon"}, {"56", "bsc"}, {"17000", "holesky"}, {"31337", "local"}, {"1337", "local"}, {"2035", "phala"},
};

/* Longer ones first: a test network's host holds the name of the main one. */
static const struct { const char *host, *chain; } hosts[] = {
    {"sepolia.basescan.org", "base-sepolia"}, {"base-sepolia", "base-sepolia"}, {"sepolia.base.org", "base-sepolia"}, {"basescan.org", "base"}, {"mainnet.base.org", "base"}, {"base-mainnet", "base"},
    {"base.publicnode.com", "base"}, {"sepolia.etherscan.io", "sepolia"}, {"eth-sepolia", "sepolia"}, {"ethereum-sepolia", "sepolia"}, {"holesky.etherscan.io", "holesky"}, {"optimistic.etherscan.io", "optimism"},
    {"mainnet.optimism.io", "optimism"}, {"opt-mainnet", "optimism"}, {"arbiscan.io", "arbitrum"}, {"arb1.arbitrum.io", "arbitrum"}, {"arb-mainnet", "arbitrum"}, {"polygonscan.com", "polygon"},
    {"polygon-rpc.com", "polygon"}, {"polygon-mainnet", "polygon"}, {"bscscan.com", "bsc"}, {"etherscan.io", "ethereum"}, {"eth-mainnet", "ethereum"}, {"mainnet.infura.io", "ethereum"},
    {"cloudflare-eth.com", "ethereum"},
};

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* `word` with no letter on either side: "base" is no part of "database". */
static bool names(sv line, sv word)
{
    for (size_t from = 0, next; (next = sv_ifind(sv_sub(line, from, line.n), word)) != SV_NOT_FOUND; from += next + 1) {
        size_t at = from + next, end = at + word.n;
        if ((at == 0 || !is_letter(line.p[at - 1])) && (end == line.n || !is_letter(line.p[end])))
            return true;
    }
    return false;
}

/* "chainId": 8453, CHAIN_ID=8453, --chain 8453, chain_id: int = 8453 */
static sv by_number(sv line)
{
    size_t at = sv_ifind(line, SV("chain"));
    if (at == SV_NOT_FOUND)
        return SV_NONE;
    size_t from = at + 5;
    while (from < line.n && from < at + 24 && !is_digit(line.p[from]))
        from++;
    size_t end = from;
    while (end < line.n && is_digit(line.p[end]))
        end++;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sv_eq(sv_sub(line, from, end), sv_from(numbers[i].number)))
            return sv_from(numbers[i].chain);
    return SV_NONE;
}

void chains_of(const struct source *s, struct chains *out)
{
    _Static_assert(sizeof hosts / sizeof *hosts < 32 && sizeof words / sizeof *words < 32, "a bit for each");
    *out = (struct chains){.src = s, .numbered = source_ihas(s, SV("chain"))};
    for (unsigned i = 0; i < sizeof hosts / sizeof *hosts; i++)
        out->hosts |= (uint32_t)source_has(s, sv_from(hosts[i].host)) << i;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        out->words |= (uint32_t)source_ihas(s, sv_from(words[i].word)) << i;
}

static sv by_host(const struct chains *c, sv line)
{
    for (unsigned i = 0; c->hosts >> i != 0; i++)
        if ((c->hosts >> i & 1) != 0 && sv_has(line, sv_from(hosts[i].host)))
            return sv_from(hosts[i].chain);
    return SV_NONE;
}

static sv by_word(const struct chains *c, sv line)
{
    for (unsigned i = 0; c->words >> i != 0; i++)
        if ((c->words >> i & 1) != 0 && names(line, sv_from(words[i].word)))
            return sv_from(words[i].chain);
    return SV_NONE;
}

/* A number says more than a host on the line of the address, and less in the file as a whole. */
static sv on_line(const struct chains *c, sv line)
{
    sv chain = c->numbered ? by_number(line) : SV_NONE;
    return chain.n == 0 ? by_host(c, line) : chain;
}

sv chain_of_file(const struct chains *c)
{
    sv only = SV_NONE;
    for (sv rest = c->numbered || c->hosts != 0 ? c->src->text : SV_NONE; rest.p != NULL;) {
        if (c->hosts == 0) { /* on to the line with the next number */
            size_t next = sv_ifind(rest, SV("chain"));
            if (next == SV_NOT_FOUND)
                break;
            size_t end = sv_rfind_char(sv_sub(rest, 0, next), '\n');
            rest = sv_sub(rest, end == SV_NOT_FOUND ? 0 : end + 1, rest.n);
        }
        sv line = sv_line(&rest);
        if (line.n > LINE_BYTES)
            continue;
        sv chain = by_host(c, line);
        chain = chain.n == 0 && c->numbered ? by_number(line) : chain;
        if (chain.n == 0)
            continue;
        if (only.n != 0 && !sv_eq(only, chain))
            return SV_NONE;
        only = chain;
    }
    return only;
}

sv chain_near(const struct chains *c, size_t offset)
{
    const struct source *s = c->src;
    size_t line = line_at(&s->lines, offset);
    for (size_t back = 0; back < 5 && back < line; back++) {
        sv text = line_text(&s->lines, s->text, line - back);
        sv chain = text.n > LINE_BYTES ? SV_NONE : on_line(c, text);
        chain = chain.n == 0 && text.n <= LINE_BYTES ? by_word(c, text) : chain;
        if (chain.n != 0)
            return chain;
    }
    for (size_t ahead = 1; ahead < 3 && line + ahead <= s->lines.n; ahead++) {
        sv text = line_text(&s->lines, s->text, line + ahead);
        sv chain = text.n > LINE_BYTES ? SV_NONE : on_line(c, text);
        if (chain.n != 0)
            return chain;
    }
    return SV_NONE;
}
