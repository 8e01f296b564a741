# What the command line's tests share: how it works, refuses, and what its files hold. Each test file
# sources this. bash.
. "$(dirname "${BASH_SOURCE[0]}")/../checks.sh"

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
