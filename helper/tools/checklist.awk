# Puts what the rules say into the checklist: the third column of its tables, and the list of commands at its end.
#   dstack-audit covers | awk -f checklist.awk - checklist.md
BEGIN { FS = "\t" }
NR == FNR {
    if ($1 ~ /^[A-Z]/) decided[$1] = $2
    else commands = commands "- `" $1 "`: `" $2 "`\n"
    next
}
/^- `live-/ { next }
/^\| (DS|TU|AG|CX)-[0-9]+ \|/ || /^\| E[1-7] \|/ {
    split($0, cell, / \| /)
    id = substr(cell[1], 3)
    print cell[1] " | " cell[2] " | " decided[id] " | " cell[4]
    next
}
{ print }
END { printf "%s", commands }
