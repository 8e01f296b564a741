# saddle shot -o X.csv: the numbers behind every view, as docs/numbers.md says, and the same as other
# subcommands measure.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
unset DISPLAY WAYLAND_DISPLAY

check() {
    python3 "$here/check_numbers.py" "$@"
}
rows() { # PART FILE: its rows without that column
    grep "^$1," "$2" | cut -d, -f2-
}

# Every view of one experiment of each kind of data: a file, or one line that says why there is none.
# Which have nothing to show is told here.
for name in xor-shallow error-surface paraboloid perceptron circles race digits; do
    less=()
    case $name in
    digits) less=(--set data.samples=600) lacks=" surface_fit " ;;
    error-surface | race) lacks=" surface_fit landscapes confusion " ;;
    paraboloid) lacks=" confusion " ;;
    *) lacks=" surface_fit " ;;
    esac
    for view in $("$saddle" list views | cut -d' ' -f1); do
        shot=("$saddle" shot "$name" "${less[@]}" --epochs 3 --view "$view" -o x.csv)
        if [[ $lacks = *" $view "* ]]; then
            refuses 1 "$view: " "${shot[@]}"
            nothing_left "$view of $name"
            continue
        fi
        works "$view of $name" "${shot[@]}"
        holds "$view of $name is a table" check well-formed x.csv
        header=$(head -1 x.csv)
        holds "$view of $name: $header is documented" \
            grep -F "\`${header/part,x1,output/part,x1,x2,output}\`" "$here/../../docs/numbers.md"
        rm x.csv
    done
done

# In every language the same.
for view in mse landscape; do
    for lang in en zh_CN; do
        works "$view of a race in $lang" "$saddle" shot race --epochs 3 --view $view --lang $lang \
            -o $lang.csv
    done
    holds "$view: the same numbers" cmp en.csv zh_CN.csv
done
rm en.csv zh_CN.csv

# How many rows: the samples, the grids, the weights.
shot=("$saddle" shot circles --epochs 9)
view() { # VIEW: to VIEW.csv
    works "$1" "${shot[@]}" --view "$1" -o "$1.csv"
}
for view in mse landscape predictions layers landscapes weights confusion; do view $view; done
same "epochs" "$(rows train mse.csv | wc -l)" 10
same "points" "$(rows train predictions.csv | wc -l)" 500
same "a field" "$(rows field predictions.csv | wc -l)" $((96 * 96))
same "samples in four places" "$(rows sample layers.csv | wc -l)" 2000
same "lines of a grid, which the output has not" "$(rows grid layers.csv | wc -l)" $((3 * 22 * 41))
same "parameters" "$(tail -n +2 weights.csv | wc -l)" $((2 * 16 + 16 + 16 * 8 + 8 + 8 + 1))
same "classes" "$(column count confusion.csv | awk '{ n += $1 } END { print n }')" 500
same "a path" "$(rows path landscape.csv | cut -d, -f2 | tr '\n' ' ')" "0 1 2 3 4 5 6 7 8 9 "
same "the present" "$(rows here landscape.csv | wc -l)" 1

# The same as others say.
works "train" "$saddle" train circles --epochs 9 --weights w.npz --log log.csv --quiet
holds "the curve is the log's" check curve mse.csv log.csv
holds "the weights are the file's" check weights weights.csv w.npz
works "landscape" "$saddle" landscape circles --epochs 9 --path path.csv -o l.csv --quiet
same "on the experiment's grid" "$(rows surface landscape.csv | wc -l)" $((64 * 64))
holds "the surface is landscape's" cmp <(rows surface landscape.csv | cut -d, -f3-) <(tail -n +2 l.csv)
holds "the path is landscape's" cmp <(rows path landscape.csv | cut -d, -f2-) <(tail -n +2 path.csv)
for grid in 300,2 9,33; do # finer than any picture; and not square
    works "another grid" "$saddle" shot circles --epochs 2 --view landscape -o g.csv \
        --set landscape.grid.0=${grid%,*} --set landscape.grid.1=${grid#*,}
    works "landscape" "$saddle" landscape circles --epochs 2 --grid ${grid/,/x} -o l.csv --quiet
    holds "is landscape's, too" cmp <(rows surface g.csv | cut -d, -f3-) <(tail -n +2 l.csv)
done
for name in error-surface perceptron race plane; do # other splits and grids; a race; a regression
    works "$name" "$saddle" shot $name --epochs 3 --view landscape -o g.csv
    works "landscape" "$saddle" landscape $name --epochs 3 -o l.csv --quiet
    holds "$name: as landscape" cmp <(rows surface g.csv | cut -d, -f3-) <(tail -n +2 l.csv)
done
works "a long path" "$saddle" shot gaussians --set data.samples=9 --epochs 1500 --view landscape -o g.csv
works "landscape" "$saddle" landscape gaussians --set data.samples=9 --epochs 1500 --grid 2x2 \
    --path path.csv -o l.csv --quiet
holds "each epoch of it" cmp <(rows path g.csv | cut -d, -f2-) <(tail -n +2 path.csv)
(echo x1,x2 && rows field predictions.csv | cut -d, -f1,2) > points.csv
works "predict" "$saddle" predict circles --weights w.npz --points points.csv -o y.csv --quiet
holds "the field is predict's" \
    cmp <(rows field predictions.csv | cut -d, -f1-3) <(tail -n +2 y.csv)
works "data" "$saddle" data circles -o data.csv
holds "the points are data's" \
    cmp <(rows train predictions.csv | cut -d, -f1,2,5) <(tail -n +2 data.csv)
works "predict them" "$saddle" predict circles --weights w.npz --points data.csv -o y.csv --quiet
holds "the last layer is predict's" check layers layers.csv y.csv
same "and so are the classes" "$(awk -F, 'NR == FNR { if (FNR > 1) t[FNR] = $3; next }
    FNR > 1 { n[t[FNR] "," ($3 > 0.5)]++ }
    END { for (k = 0; k < 4; k++) { c = int(k / 2) "," k % 2; print c "," n[c] + 0 } }' \
    data.csv y.csv)" "$(tail -n +2 confusion.csv)"
n=0
while read -r layer neuron a b range side; do
    works "measure neuron $neuron of layer $layer" "$saddle" landscape circles --weights w.npz \
        --axes $a,$b --range="$range" --grid ${side}x$side -o l.csv --quiet
    holds "its surface is landscape's" check surface landscapes.csv $layer $neuron l.csv
    n=$((n + 1))
done < <(check neurons landscapes.csv)
same "neurons" $n 5

# In a race each run has its curve and its way.
works "a race" "$saddle" shot race --epochs 4 --view landscape -o race.csv
same "four balls" "$(rows here race.csv | wc -l)" 4
same "of four names" "$(rows here race.csv | cut -d, -f1 | sort -u | grep -c .)" 4
works "its curves" "$saddle" shot race --epochs 4 --view mse -o race.csv
same "four curves" "$(tail -n +2 race.csv | cut -d, -f1 | sort | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" \
    "5 5 5 5 "
# A long run: the last of a row's epochs follows the one before, and lies within the extremes.
works "a long run" "$saddle" shot gaussians --set data.samples=10 --epochs 5000 --view mse -o long.csv
same "its epochs" "$(awk -F, 'NR > 1 && $1 == "train" {
    if ($4 != next_first + 0 || !($5 <= $3 && $3 <= $6)) bad++
    next_first = $2 + 1 } END { print bad + 0, next_first, (NR < 2060) }' long.csv)" "0 5001 1"
# A plane.
works "a plane" "$saddle" shot circles --epochs 9 --set landscape.plane=pca --view landscape -o pca.csv
works "the same" "$saddle" landscape circles --epochs 9 --plane pca --range="$(rows surface pca.csv |
    awk -F, 'NR == 1 { a = $3; b = $4 } END { print a ":" $3 "," b ":" $4 }')" -o l.csv --quiet
same "as many points" "$(rows surface pca.csv | wc -l)" "$(tail -n +2 l.csv | wc -l)"
holds "the surface is landscape's" cmp <(rows surface pca.csv | cut -d, -f3-) <(tail -n +2 l.csv)
rm -f ./*.csv ./*.npz

: > g.csv
for size in 300x200 2000x1500; do
    works "neurons" "${shot[@]}" --view landscapes --size $size -o n.csv
    [ -s g.csv ] && holds "whatever the picture's size" cmp g.csv n.csv
    cp n.csv g.csv
done
rm n.csv g.csv
works "the same bytes" "${shot[@]}" --view layers -o a.csv
works "again" "${shot[@]}" --view layers -o b.csv
holds "twice" cmp a.csv b.csv
holds "no OpenGL is needed" env LIBGL_DRIVERS_PATH=/nowhere "${shot[@]}" --view mse -o a.csv
works "another suffix's case" "${shot[@]}" --view mse -o A.CSV
holds "is a table, too" check well-formed A.CSV
rm -f ./*.csv A.CSV

refuses 2 'numbers are of one view: name it' "${shot[@]}" -o a.csv
refuses 2 'numbers are of one view: name it' "${shot[@]}" --view mse,weights -o a.csv
refuses 2 'numbers are of one run' "${shot[@]}" --view mse --compare moons -o a.csv
refuses 1 'nowhere/a.csv: cannot write' "${shot[@]}" --view mse -o nowhere/a.csv
refuses 1 'surface_fit: needs a regression' "${shot[@]}" --view surface_fit -o a.csv
refuses 1 '需要两个输入' "${shot[@]}" --view surface_fit --lang zh_CN -o a.csv
nothing_left "refused"
echo before > a.csv
for blocks in 0 1 3; do
    (ulimit -f $blocks && "${shot[@]}" --view layers -o a.csv 2> /dev/full)
    same "a disk full after $blocks blocks" $? 1
    same "the file before stays" "$(cat a.csv)" before
    same "alone" "$(echo a.*)" a.csv
done
rm a.csv
