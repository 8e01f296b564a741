#!/bin/bash
# Measures the jobs that have a budget (budgets.csv) and says which exceed it. No part of the tests:
# times depend on the machine and on what else it does. Run it with ./dev bench --check.
set -eu
: "${SADDLE:?SADDLE names the program}"
over=0
while IFS=, read -r job seconds rate; do
    [ "$job" != job ] || continue
    line=$("$SADDLE" bench "$job")
    if awk -v line="$line" -v seconds="$seconds" -v rate="$rate" '
        function value(key) { match(line, "\"" key "\": [0-9.e+-]+")
                              return substr(line, RSTART + length(key) + 4, RLENGTH) + 0 }
        BEGIN { exit (seconds != "" && value("seconds") > seconds + 0) ||
                     (rate != "" && value("rate") < rate + 0) }'; then
        echo "within budget  $line"
    else
        echo "OVER BUDGET    $line  (at most ${seconds:-any} s, at least ${rate:-any} a second)"
        over=1
    fi
done < "$(dirname "$0")/budgets.csv"
exit $over
