# saddle landscape: the table, its axes, and agreement with what the other subcommands say.
. "$(dirname "$0")/lib.sh"

works "weights" "$saddle" train xor-shallow --epochs 20 --weights w.npz --log log.csv
works "landscape" "$saddle" landscape xor-shallow --weights w.npz --axes=-1:0:0,-1:0:1 \
    --range=-5:5,-4:4 --grid 11x9 -o l.csv
same "its header" "$(head -1 l.csv)" "a,b,loss"
same "a row a point" "$(sed 1d l.csv | wc -l)" 99
same "b is fastest" "$(sed -n '2p;3p' l.csv | cut -d, -f1,2 | tr '\n' ' ')" "-5,-4 -5,-3 "
same "both ends of a" "$(sed 1d l.csv | cut -d, -f1 | sort -gu | sed -n '1p;$p' | tr '\n' ' ')" "-5 5 "
same "both ends of b" "$(sed 1d l.csv | cut -d, -f2 | sort -gu | sed -n '1p;$p' | tr '\n' ' ')" "-4 4 "
if sed 1d l.csv | grep -Evq '^[-0-9.e]+,[-0-9.e]+,[0-9.e+-]+$'; then fail "numbers"; else pass; fi
works "to standard output" "$saddle" landscape xor-shallow --weights w.npz --axes 3:0:0,3:0:1 \
    --range=-5:5,-4:4 --grid 11x9
holds "the last layer by its number is the same" cmp out l.csv
works "trained on the spot" "$saddle" landscape xor-shallow --epochs 20 --axes=-1:0:0,-1:0:1 \
    --range=-5:5,-4:4 --grid 11x9
holds "is the same" cmp out l.csv
works "the defaults are the experiment's" "$saddle" landscape xor-shallow --epochs 0
holds "there is a surface" test "$(wc -l < out)" -gt 100

# Around the present weights: the middle of a relative range is where they are, and its loss is the
# log's. This for weights and a bias, in the first, a middle and the last layer.
loss=$(column train_loss log.csv | tail -1)
for axes in 0:0:0,0:1:1 0:0:b,2:1:0 1:0:0,1:0:1 1:1:1,-1:0:b -1:0:0,-1:0:1 2:1:1,0:1:0; do
    works "relative $axes" "$saddle" landscape xor-shallow --weights w.npz --axes=$axes \
        --relative --range=-1:1,-2:2 --grid 3x3 -o r.csv
    close "the middle is the log's loss, $axes" "$(column loss r.csv | sed -n 5p)" "$loss" 1e-5
    works "and absolute" "$saddle" landscape xor-shallow --weights w.npz --axes=$axes --grid 3x3 \
        --range="$(awk -F, 'NR == 2 { a = $1; b = $2 } NR == 10 { print a ":" $1 "," b ":" $2 }' r.csv)"
    close "gives the same corner" "$(column loss out | sed -n 1p)" "$(column loss r.csv | sed -n 1p)" \
        1e-6
done

# A point of the surface is what training would measure with these two weights: the bias of the
# output changed in the experiment itself. The output is linear, so the loss follows from predictions.
works "data" "$saddle" data xor-shallow -o d.csv
works "predictions" "$saddle" predict xor-shallow --weights w.npz --points d.csv -o p.csv
works "over the output's bias" "$saddle" landscape xor-shallow --weights w.npz \
    --axes=-1:0:b,-1:0:0 --relative --range=-0.5:0.5,-1:1 --grid 3x3 -o b.csv
for k in 1 3; do
    shift=$([ $k = 1 ] && echo -0.5 || echo 0.5)
    mse=$(paste -d, p.csv d.csv | awk -F, -v s="$shift" 'NR > 1 { e += ($3 + s - $6) ^ 2; n++ }
                                                       END { printf "%.17g", e / n }')
    close "the bias moved by $shift" "$(column loss b.csv | sed -n $((3 * k - 1))p)" "$mse" 1e-5
done

# The split.
works "error-surface, trained" "$saddle" train error-surface --epochs 3 --weights e.npz --log e.csv
for split in train test; do
    works "--split $split" "$saddle" landscape error-surface --weights e.npz --axes 0:0:0,1:0:0 \
        --relative --range=-1:1,-1:1 --grid 3x3 --split $split -o s.csv
    close "is the ${split}ing samples' loss" "$(column loss s.csv | sed -n 5p)" \
        "$(column ${split}_loss e.csv | tail -1)" 1e-5
done
refuses 2 'no test samples' "$saddle" landscape xor-shallow --epochs 0 --split test

for axes in '' 0:0 0:0:0 '0:0:0,' 0:0:0,x 0:0:0,0:0:c a:0:0,0:0:0 0:0:0,0:0:0,0:0:0 '0:0:0 ,0:0:1'; do
    refuses 2 '--axes' "$saddle" landscape xor-shallow "--axes=$axes"
done
for axes in 4:0:0,0:0:0 -5:0:0,0:0:0 0:2:0,0:0:0 0:0:2,0:0:0 0:0:0,3:1:0 0:-1:0,0:0:0; do
    refuses 2 '--axes' "$saddle" landscape xor-shallow "--axes=$axes"
done
refuses 2 '--axes' "$saddle" landscape error-surface --axes 0:0:b,0:0:0
for range in '' 1 1:2 1:2,3 2:1,0:1 1:1,0:1 a:2,3:4 0:inf,0:1 nan:1,0:1 0:1e39,0:1 0:1,0:1,0:1; do
    refuses 2 '--range' "$saddle" landscape xor-shallow "--range=$range"
done
for grid in '' 1x2 2x1 2 x 2x 2x2x2 0x0 -3x3 20000x2 2.5x3 '2 x 2'; do
    refuses 2 '--grid' "$saddle" landscape xor-shallow "--grid=$grid"
done
refuses 2 '--split both: must be train or test' "$saddle" landscape xor-shallow --split both
refuses 1 'nowhere' "$saddle" landscape xor-shallow -o nowhere/l.csv
