#!/usr/bin/env bash
# The data-flow charts as a browser draws them: Mermaid from npm in a headless Chromium. PICTURES=DIR keeps
# what was drawn, to be looked at.
set -u
cd "$(dirname "$0")/../.." || exit 2
helper=${DSTACK_AUDIT_HELPER:?}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
leave() { echo "skip pictures: $1"; echo "ok nothing to draw with"; exit 0; }

for browser in chromium chromium-browser google-chrome chrome none; do
    if command -v "$browser" >/dev/null 2>&1; then break; fi
done
[ "$browser" != none ] || leave "no Chromium (Debian: apt-get install chromium)"
mermaid=$(tests/tools/npm_file.sh mermaid@11.17.2 \
    V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg== dist/mermaid.min.js)
case $? in
0) ;;
77) leave "$mermaid" ;;
*) echo "$mermaid" >&2; check "Mermaid's package is the expected one" 1; exit 1 ;;
esac

# A tree that tries to end labels and steer the chart, and one with more of everything than is drawn.
bad=$work/hostile
mkdir "$bad"
cat >"$bad/docker-compose.yml" <<'EOF'
services:
  'a"] end click a href "javascript:alert(1)" %%{init: {}}%% --> b["<img src=x onerror=alert(1)>':
    image: 'example/x"];style a fill:red:1'
    environment:
      - 'URL=${URL}'
    ports: ["8080:80"]
  end:
    image: example/y
    command: curl http://subgraph:80
  subgraph:
    image: example/z
EOF
wide=$work/wide
mkdir "$wide"
{
    echo "services:"
    i=0
    while [ $i -lt 20 ]; do
        printf '  s%s:\n    image: example/s%s:1\n    environment:\n' $i $i
        for name in ONE_URL TWO_URL THREE_URL FOUR_URL FIVE_URL SIX_URL; do printf '      - %s_%s=${%s_%s}\n' S$i $name S$i $name; done
        printf '    volumes: ["/var/run/dstack.sock:/var/run/dstack.sock", "/var/run/docker.sock:/var/run/docker.sock"]\n'
        i=$((i + 1))
    done
} >"$wide/docker-compose.yml"

draw() { # NAME TREE
    "$helper" scan --format markdown "$2" >"$work/$1.md" 2>"$work/err" || return 1
    cp "$mermaid" "$work/mermaid.min.js"
    {
        printf '<!doctype html><meta charset=utf-8><body style="background:white">'
        sed -n '/^```mermaid$/,/^```$/p' "$work/$1.md" |
            sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/^```mermaid$/<pre class=mermaid>/' -e 's/^```$/<\/pre>/'
        cat <<'EOF'
<script src="mermaid.min.js"></script><script>
mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
mermaid.run().then(() => document.body.dataset.outcome = "drawn", e => document.body.dataset.outcome = "failed: " + e.message);
</script>
EOF
    } >"$work/$1.html"
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --allow-file-access-from-files --virtual-time-budget=20000 \
        --dump-dom "file://$work/$1.html" >"$work/$1.dom" 2>"$work/err"
    if [ -n "${PICTURES:-}" ]; then
        timeout 120 "$browser" --headless --no-sandbox --disable-gpu --allow-file-access-from-files --virtual-time-budget=20000 \
            --window-size=1400,1000 --screenshot="$PICTURES/$1.png" "file://$work/$1.html" >/dev/null 2>&1
    fi
    grep -q 'data-outcome="drawn"' "$work/$1.dom" || { grep -o 'data-outcome="[^"]*"' "$work/$1.dom" >&2; return 1; }
}
nodes() { grep -o 'class="node [^"]*"' "$work/$1.dom" | wc -l; }

draw sample tests/golden/app && [ "$(nodes sample)" = 6 ]
check "the sample app is drawn" $?
draw hostile "$bad" && [ "$(nodes hostile)" = 6 ] && ! grep -q '<img src=x' "$work/hostile.dom" && ! grep -q 'href="javascript' "$work/hostile.dom"
check "names that try to steer the chart are labels" $?
draw wide "$wide" && [ "$(nodes wide)" -le 20 ] && grep -q 'and 8 more services' "$work/wide.dom"
check "a wide app is capped and says so" $?
