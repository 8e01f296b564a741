# What test scripts share: a folder of their own to work in, checks that count, and the summary at the
# end. Sourced; $SADDLE is the program. bash.
set -u
export LC_ALL=C
saddle=${SADDLE:?SADDLE names the program under test}
folder=$(mktemp -d)
cd "$folder" || exit 1
passed=0
failed=0

finish() {
    [ -n "$(jobs -p)" ] && kill $(jobs -p) 2> /dev/null
    cd /
    rm -rf "$folder"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit $? # said, for a plain exit in a trap passes on what the script ended with
}
trap finish EXIT

pass() {
    passed=$((passed + 1))
}

fail() {
    failed=$((failed + 1))
    echo "FAILED: $*"
    if [ -s err ]; then sed 's/^/    stderr: /' err | head -5; fi
}
