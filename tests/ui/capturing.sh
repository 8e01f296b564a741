# What the tests of what the window saves share: programs that are not there, or not what they seem,
# and films. Sourced. bash.
. "$(dirname "$0")/lib.sh"
trap 'umount "$folder/pictures" 2> /dev/null; finish' EXIT

# The program finds what lies in bin first.
mkdir bin
real=$saddle
others=$PATH
cat > run << END
#!/bin/sh
PATH=$folder/bin:\$OTHERS
export PATH
exec "$real" "\$@"
END
chmod +x run
saddle=$folder/run
export OTHERS=$others

# pretend NAME SCRIPT: a program of that name.
pretend() {
    printf '#!/bin/sh\n%s\n' "$2" > "bin/$1"
    chmod +x "bin/$1"
}

# files: all that lies in the folder for pictures, the hidden too.
files() {
    ls -A pictures 2> /dev/null | tr '\n' ' '
}

# begin ARGUMENTS…: the window, with nothing saved so far, and with films of that $kind.
begin() {
    rm -rf pictures; mkdir pictures
    mkdir -p config/saddle
    echo "film = ${kind:-gif}" > config/saddle/settings.ini
    start "$@" || exit
    settle
}

# settle: what was asked for by keys so far is done; it plays.
settle() {
    titled '.* running' && key space
    comes "paused" titled '.* paused'
    key space
    comes "running" titled '.* running'
}

# unfold: the capture menu. What lies before it folds away.
unfold() {
    for section in training network data; do click section.$section; done
    comes "the other sections fold" gone data.kind
    click section.capture
    comes "the capture menu" there capture.kind
}

recording() {
    [ "$(place record | cut -d' ' -f3)" -gt 40 ]
}

not_recording() {
    there record && ! recording
}

# some_frames: until training, which is filmed, has come on.
some_frames() {
    local now
    now=$(epoch)
    comes "training goes on" epoch_beyond $((now + 6))
}

# film: records for a while.
film() {
    : > notices
    key F9
    comes "it records" recording
    some_frames
    key F9
}

# goes_on WHAT: the program still does what it is told.
goes_on() {
    comes "$1: it records no more" not_recording
    titled '.* running' && key space
    comes "$1: it goes on" titled '.* paused'
    local now
    now=$(epoch)
    key period
    comes "$1: it steps" epoch_is $((now + 1))
    key space
    comes "$1: it plays" titled '.* running'
}

# small_disk: the folder for pictures lies on a disk of 48 KiB.
small_disk() {
    rm -rf pictures; mkdir pictures
    mount -t tmpfs -o size=48k none pictures 2> /dev/null && return
    # A limit on the size of files stands for the disk.
    sed -i 's/^exec/ulimit -f 48\nexec/' run
}

large_disk() {
    umount pictures 2> /dev/null
    sed -i '/^ulimit/d' run
}

forever=(xor-shallow --set training.epochs=1000000)
pretend xdg-open "echo \"\$1\" > $folder/opened"
