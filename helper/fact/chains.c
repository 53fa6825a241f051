/* On which chain an address stands, where the repository shows it: the names around it, the chain's number, or the
 * hosts of its nodes and explorers. */
#include "fact/reads.h"

static const struct { const char *word, *chain; } words[] = {
    {"base-sepolia", "base-sepolia"}, {"base_sepolia", "base-sepolia"}, {"basesepolia", "base-sepolia"}, {"sepolia", "sepolia"},
    {"basescan", "base"},             {"base", "base"},                 {"arbitrum", "arbitrum"},        {"optimism", "optimism"},
    {"polygon", "polygon"},           {"bsc", "bsc"},                   {"etherscan", "ethereum"},       {"mainnet", "ethereum"},
    {"ethereum", "ethereum"},         {"holesky", "holesky"},           {"anvil", "local"},              {"hardhat", "local"},
};

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
static bool names(sv line, const char *word)
{
    sv w = sv_from(word);
    for (size_t i = 0; i + w.n <= line.n; i++)
        if (sv_istarts(sv_sub(line, i, line.n), w) && (i == 0 || !is_letter(line.p[i - 1])) && (i + w.n == line.n || !is_letter(line.p[i + w.n])))
            return true;
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

static sv by_host(sv line)
{
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (sv_has(line, sv_from(hosts[i].host)))
            return sv_from(hosts[i].chain);
    return SV_NONE;
}

static sv on_line(sv line)
{
    sv chain = line.n > 400 ? SV_NONE : by_number(line);
    chain = chain.n == 0 && line.n <= 400 ? by_host(line) : chain;
    for (size_t i = 0; chain.n == 0 && line.n <= 400 && i < sizeof words / sizeof *words; i++)
        if (names(line, words[i].word))
            chain = sv_from(words[i].chain);
    return chain;
}

sv chain_of_file(const struct source *s)
{
    sv only = SV_NONE;
    for (sv rest = s->text; rest.p != NULL;) {
        sv line = sv_line(&rest);
        sv chain = line.n > 400 ? SV_NONE : by_host(line);
        chain = chain.n == 0 && line.n <= 400 ? by_number(line) : chain;
        if (chain.n == 0)
            continue;
        if (only.n != 0 && !sv_eq(only, chain))
            return SV_NONE;
        only = chain;
    }
    return only;
}

sv chain_near(const struct source *s, size_t offset)
{
    size_t line = line_at(&s->lines, offset);
    for (size_t back = 0; back < 5 && back < line; back++) {
        sv chain = on_line(line_text(&s->lines, s->text, line - back));
        if (chain.n != 0)
            return chain;
    }
    for (size_t ahead = 1; ahead < 3 && line + ahead <= s->lines.n; ahead++) {
        sv text = line_text(&s->lines, s->text, line + ahead), chain = text.n > 400 ? SV_NONE : by_number(text);
        chain = chain.n == 0 && text.n <= 400 ? by_host(text) : chain;
        if (chain.n != 0)
            return chain;
    }
    return SV_NONE;
}
