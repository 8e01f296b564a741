#!/bin/bash
# Measures saddle against what one would use instead, FANN and PyTorch, and prints the table: job,
# ours, theirs, ratio, what is demanded, and whether that is met. Both sides take turns in one run,
# each row is the best of the rounds, and times are the processor's (but for the first frame's),
# because they depend on the machine and on what else it does.
# Where there is no yardstick, the figure itself is demanded. Run it with ./dev bench --yardsticks
set -eu
: "${SADDLE:?SADDLE names the program}"
rounds=${1:-3}
here=$(dirname "$0")/yardsticks
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# job, by whom the yardstick is measured, demanded (a ratio; without a yardstick samples a second, or milliseconds at most)
cat > "$folder/demanded" <<'TABLE'
train-paraboloid fann 4 x
train-xor-shallow fann 2.5 x
train-xor-deep - 3e6 /s
sweep-xor-shallow - 60e6 /s
train-digits pytorch 2.4 x
landscape-first - 85 ms
landscape-output - 4 ms
landscape-error-surface - 3 ms
start-to-first-frame - 300 ms
TABLE

gcc -O2 -o "$folder/fann" "$here/fann.c" -lfloatfann -lm
"$SADDLE" bench --help > "$folder/help"
for ((round = 1; round <= rounds; round++)); do
    while read -r job by _; do
        [ ! -t 2 ] || printf '\rround %d of %d: %-30s' "$round" "$rounds" "$job" >&2
        grep -q "^  $job " "$folder/help" || continue
        "$SADDLE" bench "$job" >> "$folder/results"
        case $by in
        fann) "$folder/fann" "$job" >> "$folder/results" ;;
        pytorch) /usr/bin/python3 "$here/pytorch.py" >> "$folder/results" ;;
        esac
    done < "$folder/demanded"
done
[ ! -t 2 ] || printf '\r%-50s\r' "" >&2

awk '
function value(key) {
    if (!match($0, "\"" key "\": [0-9.e+-]+")) return 0
    return substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 4) + 0
}
function amount(x, unit) { return unit == "ms" ? sprintf("%.3g ms", x) : sprintf("%.4g M/s", x / 1e6) }
function row(job, ours, theirs, ratio, demanded, verdict) {
    printf "%-24s %12s %20s %8s %12s  %s\n", job, ours, theirs, ratio, demanded, verdict
}
FNR == NR {
    split($0, parts, "\"")
    job = parts[4]
    rate = value("rate"); if (!rate) rate = 60000 / value("seconds")
    side = /"by"/ ? "theirs" : "ours"
    if (rate > best[job, side]) best[job, side] = rate
    if (side == "ours") {
        if (!((job) in seconds) || value("seconds") < seconds[job]) seconds[job] = value("seconds")
        if (/noise/) remark[job] = " (on noise: no digits)"
    }
    next
}
FNR == 1 { row("job", "ours", "theirs", "ratio", "demanded", "") }
{
    job = $1
    if (!((job) in seconds)) { row(job, "-", "-", "-", "-", "not there"); next }
    if ($4 == "x") {
        ours = best[job, "ours"]; theirs = best[job, "theirs"]
        if (job == "train-digits") {
            shown = sprintf("%.1f ms", 6e7 / ours); other = sprintf("%.1f ms %s", 6e7 / theirs, $2)
        } else {
            shown = amount(ours, "/s"); other = amount(theirs, "/s") " " $2
        }
        row(job, shown, other, sprintf("%.2f", ours / theirs), ">= " $3,
            (ours / theirs >= $3 ? "ok" : "SHORT") remark[job])
    } else {
        measured = $4 == "ms" ? 1000 * seconds[job] : best[job, "ours"]
        met = $4 == "ms" ? measured <= $3 : measured >= $3
        row(job, amount(measured, $4), "-", "-", ($4 == "ms" ? "<= " : ">= ") amount($3, $4),
            met ? "ok" : "SHORT")
    }
}' "$folder/results" "$folder/demanded"
