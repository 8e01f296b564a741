# What the tests of the real window share: each has a display of its own, and works the window by keys
# and mouse as a person would. They wait for titles, files and pictures, never for a time to pass.
# Sourced; $SADDLE is the program, $PIXELS the helper that hashes parts of pictures. bash.
for tool in Xvfb xdotool; do
    command -v $tool > /dev/null || { echo "$tool is missing: skipped"; exit 77; }
done
. "$(dirname "$0")/../checks.sh"
pixels=${PIXELS:?PIXELS names the helper that hashes pictures}
server=
window=
program=

# until_true COMMAND…: polls until it succeeds; gives up after a minute, or when the program has died.
until_true() {
    local tries=0 alive=1
    until "$@"; do
        [ $alive = 0 ] && return 1
        tries=$((tries + 1))
        [ $tries -ge 3000 ] && return 1
        sleep 0.02
        [ -z "$program" ] || kill -0 "$program" 2> /dev/null || alive=0
    done
}

# comes WHAT COMMAND…: the command succeeds sooner or later.
comes() {
    local what=$1
    shift
    if until_true "$@"; then
        pass
    else
        fail "$what (title: $(title))"
    fi
}

same() {
    if [ "$2" = "$3" ]; then pass; else fail "$1: \"$2\" is not \"$3\""; fi
}

differs() {
    if [ "$2" != "$3" ]; then pass; else fail "$1: still \"$2\""; fi
}

# ---- the window

title() {
    xdotool getwindowname "$window" 2> /dev/null
}

# titled PATTERN: what follows "saddle – " in the title.
titled() {
    title | grep -Eq "^saddle – $1\$"
}

epoch() {
    title | sed -E 's/.* epoch ([0-9]+) .*/\1/'
}

epoch_is() {
    [ "$(epoch)" = "$1" ]
}

epoch_beyond() {
    local now
    now=$(epoch)
    [ -n "$now" ] && [ "$now" -gt "$1" ]
}

# place ID: "X Y W H" of a widget; at ID: its middle; there ID: whether it is to be seen.
place() {
    awk -v id="$1" '$1 == id { print $2, $3, $4, $5 }' map
}

at() {
    awk -v id="$1" '$1 == id { print int($2 + $4 / 2), int($3 + $5 / 2) }' map
}

there() {
    [ -n "$(place "$1")" ]
}

gone() {
    ! there "$1"
}

# point X Y: moves the pointer within the window.
point() {
    xdotool mousemove --window "$window" "$1" "$2"
}

# located ID: whether it is to be seen, and $spot its middle.
located() {
    spot=$(at "$1")
    [ -n "$spot" ]
}

# rests ID: located, and still there a moment later: what was done before may yet move it.
rests() {
    located "$1" || return
    local before=$spot
    sleep 0.03
    located "$1" && [ "$spot" = "$before" ]
}

# click ID [ITEM]: a widget; an item of the menu that it opens.
click() {
    until_true rests "$1" || { fail "no widget $1"; return; }
    point $spot
    xdotool click 1
    [ $# = 1 ] && return
    until_true located "$1/$2" || { fail "menu $1 did not open"; return; }
    point $spot
    xdotool click 1
    until_true gone "$1/$2" || fail "menu $1 did not close"
}

# drag X0 Y0 X1 Y1 [BUTTON]
drag() {
    local button=${5:-1}
    point "$1" "$2"
    xdotool mousedown "$button"
    point $((($1 + $3) / 2)) $((($2 + $4) / 2))
    point "$3" "$4"
    xdotool mouseup "$button"
}

key() {
    xdotool key --clearmodifiers "$@"
}

# picture: saves the window with F12 into picture.png.
picture() {
    rm -f pictures/*.png
    xdotool key F12 # nothing else: to clear modifiers lets go of the mouse's buttons, too
    until_true compgen -G 'pictures/*.png' > /dev/null || { fail "no picture was saved"; return; }
    mv pictures/*.png picture.png
}

# said PATTERN: the window has said so in its status bar.
said() {
    grep -Eqs -- "$1" notices
}

# part X Y W H: the hash of a part of the window once it has come to rest: the same five times, as what
# rests is surveyed again, more finely.
part() {
    local before=none now alike=1 tries=0
    until [ $alike -ge 5 ] || [ $tries -ge 60 ]; do
        picture
        now=$("$pixels" picture.png "$@")
        if [ "$now" = "$before" ]; then alike=$((alike + 1)); else alike=1; fi
        before=$now
        tries=$((tries + 1))
    done
    echo "$now"
}

# The pointer is put aside: what it hovers over is drawn differently.
views() {
    point 3 3
    part $(place views)
}

# views_again WHAT HASH: the views look like that, if not at once then soon.
views_again() {
    local now tries=0
    until now=$(views) && [ "$now" = "$2" ] || [ $tries -ge 8 ]; do tries=$((tries + 1)); done
    same "$1" "$now" "$2"
}

# views_differ WHAT HASH: the views look otherwise, if not at once then soon. $seen says how, once that
# stays.
views_differ() {
    local tries=0 now
    until seen=$(views) && [ "$seen" != "$2" ] || [ $tries -ge 8 ]; do tries=$((tries + 1)); done
    until now=$(views) && [ "$now" = "$seen" ] || [ $tries -ge 16 ]; do
        seen=$now
        tries=$((tries + 1))
    done
    differs "$1" "$seen" "$2"
}

views_sized() {
    [ "$(place views | cut -d' ' -f3,4)" = "$1" ]
}

start() {
    rm -f map notices
    "$saddle" "$@" > out 2> err &
    program=$!
    until_true test -s map || { fail "the window does not come: $(cat err)"; return 1; }
    # The first window with that name; there is no other program on this display.
    found() {
        window=$(xdotool search --name saddle | head -1)
        [ -n "$window" ]
    }
    until_true found
    xdotool windowfocus "$window"
    # Keys that come together with the focus may get lost: wait for the first that arrives. It asks
    # for a picture of the view under the pointer, where there is none.
    point 3 3
    listens() {
        key shift+F12
        [ -s notices ]
    }
    until_true listens
}

# start_done EXPERIMENT EPOCH: starts the window, trains as fast as it goes to the end, and looks back
# at an early epoch.
start_done() {
    start "$1" || return 1
    until_true titled '.* running' # as every start does
    key bracketright{,,,,,,,}
    until_true titled '.* done' || { fail "it does not end (title: $(title))"; return 1; }
    seek_start
    local at
    for ((at = 10; at <= $2; at += 10)); do
        key shift+Right
        until_true epoch_is $at
    done
    titled ".* epoch $2 – paused"
}

# seek_start: drags the timeline to its beginning; the slider then gives the arrow keys back.
seek_start() {
    set -- $(place timeline)
    drag $(($1 + $3 - 6)) $(($2 + $4 / 2)) $(($1 + 2)) $(($2 + $4 / 2))
    until_true epoch_is 0 || fail "the timeline does not lead back"
    leave_field
}

# leave_field: clicks beside the timeline, where nothing is.
leave_field() {
    point 1000 $(($(at timeline | cut -d" " -f2)))
    xdotool click 1
}

# ended CODE [LINE]: the program ends by itself with that exit code and says LINE, or nothing.
ended() {
    wait "$program"
    same "exit code" $? "$1"
    same "standard error" "$(cat err)" "${2:-}"
}
# ---- a display and folders of its own

Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3> display 2> /dev/null &
server=$!
until_true test -s display || { fail "Xvfb does not start"; exit 1; }
export DISPLAY=:$(cat display)
export HOME=$folder XDG_CONFIG_HOME=$folder/config XDG_PICTURES_DIR=$folder/pictures
export SADDLE_UI_MAP=$folder/map SADDLE_NOTICE_LOG=$folder/notices SADDLE_GL_DEBUG=1
unset WAYLAND_DISPLAY SDL_VIDEODRIVER SADDLE_DATA
