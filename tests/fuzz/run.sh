#!/bin/sh
# run.sh BUILD [NAME] [SECONDS]: runs the harnesses built in BUILD, or one of them, for so long each
# (60). They start from the committed corpus and from what earlier runs found worth keeping in
# BUILD/corpus. The first input that goes wrong ends it: it is kept in BUILD/found.
set -eu
build=$1
shift
here=$(dirname "$0")
names=""
seconds=60
for argument; do
    case $argument in
    *[!0-9]*) names="$names $argument" ;;
    *) seconds=$argument ;;
    esac
done
if [ -z "$names" ]; then names=$(cd "$here/corpus" && echo *); fi

for name in $names; do
    harness=$build/tests/fuzz/fuzz_$name
    if [ ! -x "$harness" ]; then
        echo "fuzz: there is no harness $name; there are: $(cd "$here/corpus" && echo *)" >&2
        exit 2
    fi
    mkdir -p "$build/corpus/$name" "$build/found"
    dictionary=""
    if [ -f "$here/$name.dict" ]; then dictionary=-dict=$here/$name.dict; fi
    log=$build/fuzz_$name.log
    if ! "$harness" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        $dictionary -artifact_prefix="$build/found/$name-" "$build/corpus/$name" \
        "$here/corpus/$name" > "$log" 2>&1; then
        grep -av '^#[0-9]' "$log" | tail -n 40 >&2
        input=$(sed -n 's/.*Test unit written to //p' "$log")
        echo "fuzz: $name went wrong; all it said is in $log" >&2
        if [ -n "$input" ]; then echo "fuzz: again with this input: $harness $input" >&2; fi
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    printf '%-12s %9s inputs in %s s, nothing found\n' "$name" "$runs" "$seconds"
done
