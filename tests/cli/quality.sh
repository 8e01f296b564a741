# How good a GIF is: three hundred pictures of the landscape, seen from one side and turning, held
# against the pictures themselves. Their sizes, how near they come, and that no bands are seen.
. "$(dirname "$0")/lib.sh"
unset DISPLAY WAYLAND_DISPLAY
quality=${GIF_QUALITY:?GIF_QUALITY names the helper that holds a GIF against its pictures}

# at_most WHAT NUMBER BOUND
at_most() {
    if awk -v n="$2" -v most="$3" 'BEGIN { exit !(n ~ /^[0-9.]+$/ && n <= most) }'; then
        pass
    else
        fail "$1: $2 is more than $3"
    fi
}

at_least() {
    if awk -v n="$2" -v least="$3" 'BEGIN { exit !(n ~ /^[0-9.]+$/ && n >= least) }'; then
        pass
    else
        fail "$1: $2 is less than $3"
    fi
}

measured() { # NAME
    awk -v name="$1" '$1 == name { print $2 }' measures
}

film() { # WHAT BYTES COMPARED DITHER OPTION…
    local what=$1 bytes=$2 compared=$3 dither=$4 film pictures
    shift 4
    film=("$saddle" record error-surface --view landscape --size 640x360 --epochs 299 --every 1
        --hold 0 --quiet "$@")
    mkdir frames
    "${film[@]}" -o frames/%d.png > said 2>&1 < /dev/null &
    pictures=$!
    works "$what: a film" "${film[@]}" -o film.gif
    wait $pictures
    same "$what: its pictures: exit code" $? 0
    same "$what: its pictures" "$(cat said)" ""
    at_most "$what: bytes" "$(stat -c %s film.gif)" "$bytes"
    works "$what: measured" "$quality" film.gif frames/%d.png 25
    mv out measures
    echo "$what: $(stat -c %s film.gif) bytes, $(tr '\n' ' ' < measures)"
    rm -r frames film.gif
    same "$what: pictures" "$(measured pictures)" 300
    same "$what: lasts" "$(measured seconds)" 12.00
    at_least "$what: PSNR" "$(measured psnr)" 38
    # About the least difference of two greys that an eye tells apart. A plain quantiser's bands are
    # seen at once.
    at_most "$what: bands" "$(measured bands)" 1.5
    at_least "$what: pictures held against others" "$(measured compared)" "$compared"
    at_least "$what: a plain quantiser's bands" "$(measured plain)" 3
    # Dither takes away bands, also those of a good palette.
    at_most "$what: bands, as a share of those without dither" "$(measured dither)" "$dither"
}

# One that stands still draws the first picture whole, and then what changes.
film still 6000000 1 0.95
film turning 14000000 3 0.8 --turn 360
