# Whole files or none: full disks, broken pipes, Ctrl+C, closed streams. And progress on a terminal.
. "$(dirname "$0")/lib.sh"

refuses 1 '/dev/full: cannot write: No space' "$saddle" data xor-shallow -o /dev/full
works "other devices are written" "$saddle" data xor-shallow -o /dev/null
for command in "data xor-shallow" "landscape xor-shallow --epochs 0 --grid 40x40" "list views" \
    "--help" "train --help" "--version" "train xor-shallow --epochs 1 --log -" \
    "train xor-shallow --epochs 1"; do
    "$saddle" $command > /dev/full 2> err
    same "$command onto a full disk" $? 1
    holds "$command says so" grep -q '^saddle: standard output: cannot write: No space' err
    "$saddle" $command >&- 2> err
    same "$command, standard output closed" $? 1
    holds "$command says so, too" grep -q '^saddle: standard output: cannot write' err
done
rm -f out err

# A file that grows beyond what is allowed, in the middle.
limited() {
    (ulimit -f 8 && "$@" 2> err)
    same "a file too large: ${*:2:2}" $? 1
    holds "says so" grep -Eq '^saddle: big.*: cannot write: File too large' err
    nothing_left "${*:2:2}"
}
limited "$saddle" data xor-shallow --set data.samples=100000 -o big.csv
limited "$saddle" landscape xor-shallow --epochs 0 --grid 300x300 -o big.csv
limited "$saddle" train xor-shallow --epochs 1000 --log big.csv --weights w.npz
limited "$saddle" train xor-shallow --epochs 0 --weights big.npz \
    --set network.layers.0.units=4096 --set network.layers.1.units=64
echo precious > big.csv
(ulimit -f 8 && "$saddle" data xor-shallow --set data.samples=100000 -o big.csv 2> err)
same "what was there before stays" "$(cat big.csv)" precious
rm -f big.csv

# A reader that goes away.
"$saddle" data xor-shallow --set data.samples=300000 2> err | head -1 > out
same "a broken pipe" "${PIPESTATUS[0]}" 1
holds "is said" grep -q '^saddle: standard output: cannot write: Broken pipe' err
"$saddle" landscape xor-shallow --epochs 0 --grid 600x600 2> err | head -1 > out
same "a broken pipe under a landscape" "${PIPESTATUS[0]}" 1

# A pipe with a name is written directly.
mkfifo pipe
cat pipe > out &
"$saddle" data xor-shallow -o pipe 2> err
same "a named pipe" $? 0
wait
same "all went through" "$(wc -l < out)" 501
holds "the pipe is still there" test -p pipe
rm -f pipe out err

# ready PID: its child, the program, has its handler of SIGINT.
ready() {
    local child caught
    child=$(pgrep -P "$1") || return 1
    caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$child/status" 2> /dev/null)
    [ $((0x0${caught} & 2)) != 0 ]
}

# Ctrl+C and SIGTERM while a file is under way. (env: a shell's background jobs ignore SIGINT.)
# The signal goes when the program catches it and the pattern's file is there.
interrupt() {
    local signal=$1 pattern=$2 pid
    shift 2
    timeout 120 env --default-signal=INT "$@" > out 2> err &
    pid=$!
    until ready $pid && [ -n "$(find . -name "$pattern")" ] || ! kill -0 $pid 2> /dev/null; do
        sleep 0.05
    done
    kill -"$signal" "$(pgrep -P $pid)"
    wait $pid
    same "$signal: ${*:2:2}" $? 130
    rm -f out
    same "$signal: ${*:2:2} says" "$(cat err)" "saddle: interrupted"
    nothing_left "$signal: ${*:2:2}"
}
forever=(--epochs 1000000000)
interrupt INT 'log.csv.tmp.*' "$saddle" train xor-deep "${forever[@]}" --log log.csv --weights w.npz
interrupt TERM 'log.csv.tmp.*' "$saddle" train xor-deep "${forever[@]}" --log log.csv
interrupt HUP 'l.csv.tmp.*' "$saddle" landscape xor-deep "${forever[@]}" -o l.csv
interrupt INT 'l.csv.tmp.*' "$saddle" landscape xor-shallow --epochs 0 --grid 16384x16384 -o l.csv
interrupt INT 'p.csv.tmp.*' "$saddle" landscape xor-deep "${forever[@]}" --plane pca -o l.csv \
    --path p.csv
plane=(--epochs 0 --range=-1:1,-1:1 -o l.csv)
interrupt INT 'l.csv.tmp.*' "$saddle" landscape xor-shallow "${plane[@]}" --plane random \
    --grid 16384x16384
interrupt INT 'l.csv.tmp.*' "$saddle" landscape xor-shallow "${plane[@]}" --plane hessian \
    --set data.samples=4000000
interrupt INT 'd.csv.tmp.*' "$saddle" data xor-shallow --set data.samples=16000000 -o d.csv
sweep=("$saddle" sweep xor-shallow "${forever[@]}" --seeds 40 -o s.csv)
interrupt INT 's.csv.tmp.*' "${sweep[@]}"
interrupt INT 's.csv.tmp.*' "${sweep[@]}" --set network.layers.*.units=40
interrupt TERM 's.csv.tmp.*' "${sweep[@]}" --set training.batch_size=0 --set data.samples=1000000
interrupt INT out "$saddle" shot xor-deep "${forever[@]}" -o s.png
interrupt INT out "$saddle" train xor-shallow "${forever[@]}" --set training.batch_size=0 \
    --set data.samples=1000000
mkfifo silent # what waits for a pipe never looks up
interrupt INT out "$saddle" train xor-shallow --data silent
interrupt INT out "$saddle" predict xor-shallow --points silent
rm silent

# Progress: on a terminal only, cleared at the end, not when quiet.
if script -qec true /dev/null > /dev/null 2>&1; then
    export TERM=xterm
    run="$saddle train xor-deep --epochs 6000"
    script -qec "$run" /dev/null > out < /dev/null
    holds "progress on a terminal" grep -Eqa 'epoch [0-9]+/6000  loss [0-9.]+  [0-9]+ s left' out
    holds "is cleared" grep -qaE $'\r\033\\[Kxor-deep: epoch 6000' out
    sweep="$saddle sweep xor-deep --seeds 100"
    script -qec "$sweep -o s.csv" /dev/null > out < /dev/null
    holds "a sweep's, too" grep -Eqa 'run [0-9]+/100  [0-9]+ s left' out
    hessian="$saddle landscape xor-shallow ${plane[*]} --grid 2x2 --plane hessian"
    script -qec "$hessian --set data.samples=400000" /dev/null > out < /dev/null
    holds "and the search for eigenvectors" grep -Eqa 'largest curvature  [0-9]+ s' out
    script -qec "$run --quiet" /dev/null > out < /dev/null
    same "none when quiet" "$(wc -c < out)" 0
    script -qec "$run 2> err" /dev/null > out < /dev/null
    same "none where stderr is no terminal" "$(wc -c < err)" 0
fi
