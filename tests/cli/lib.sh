# What the command line's tests share: a folder of their own to work in, checks that count, and the
# summary. Each test file sources this; $SADDLE is the program. bash.
set -u
export LC_ALL=C
saddle=${SADDLE:?SADDLE names the program under test}
folder=$(mktemp -d)
cd "$folder" || exit 1
passed=0
failed=0

finish() {
    cd /
    rm -rf "$folder"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit
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

# works WHAT COMMAND…: exits with 0 and says nothing on stderr; its output is left in the file out.
works() {
    local what=$1 code
    shift
    "$@" > out 2> err < /dev/null
    code=$?
    if [ $code = 0 ] && [ ! -s err ]; then pass; else fail "$what: exit code $code"; fi
}

# refuses CODE PATTERN COMMAND…: exits with CODE, prints nothing on stdout and on stderr one line
# "saddle: …" that the extended regular expression matches.
refuses() {
    local wanted=$1 pattern=$2 code
    shift 2
    "$@" > out 2> err < /dev/null
    code=$?
    if [ $code != "$wanted" ]; then
        fail "${*:2}: exit code $code, not $wanted"
    elif [ "$(wc -l < err)" != 1 ] || ! grep -q '^saddle: ' err; then
        fail "${*:2}: not one line of message"
    elif ! grep -Eq -- "$pattern" err; then
        fail "${*:2}: the message lacks /$pattern/"
    elif [ -s out ]; then
        fail "${*:2}: something on standard output"
    else
        pass
    fi
}

# holds WHAT COMMAND…: the command succeeds.
holds() {
    local what=$1
    shift
    if "$@" > /dev/null 2>&1 < /dev/null; then pass; else fail "$what"; fi
}

# same WHAT A B: two texts are equal.
same() {
    if [ "$2" = "$3" ]; then pass; else fail "$1: \"$2\" is not \"$3\""; fi
}

# close WHAT A B TOLERANCE: two numbers differ by at most TOLERANCE, relative to the second.
close() {
    if awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN {
        d = a - b; if (d < 0) d = -d; s = b < 0 ? -b : b; if (s == 0) s = 1
        exit !(a != "" && b != "" && d <= t * s) }'; then
        pass
    else
        fail "$1: $2 is not $3 within $4"
    fi
}

# column NAME FILE: the cells of a CSV's column, without the header.
column() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
                          { print $c }' "$2"
}

# nothing_left: no file but those of this library lies in the folder.
nothing_left() {
    local left
    left=$(find . -type f ! -name out ! -name err -printf '%f ')
    if [ -z "$left" ]; then pass; else fail "$1: files were left behind: $left"; fi
}
