# saddle gradcheck: every shipped experiment passes, the table is as described, and it refuses.
. "$(dirname "$0")/lib.sh"

# rows FILE: the table's rows.
rows() {
    grep -E '^(layers|norms)\.' "$1"
}

for experiment in $("$saddle" list experiments | cut -d' ' -f1); do
    if [ "$experiment" = digits ] && ! "$saddle" train digits --epochs 0 --quiet > /dev/null 2>&1; then
        echo "digits: its data set is not installed; not checked"
        continue
    fi
    works "$experiment" "$saddle" gradcheck "$experiment"
    if [ "$experiment" = perceptron ]; then
        same "the perceptron rule has no gradient" "$(grep -c 'no gradient' out)" 1
        continue
    fi
    holds "$experiment: there are rows" grep -q '^layers.0.weight .* ok$' out
    same "$experiment: no error is large" \
        "$(rows out | awk '!($NF == "ok" && $(NF - 1) <= 1e-4) { print $1 }')" ""
    same "$experiment: its verdict" "$(tail -1 out | cut -c1-4)" "ok: "
done

works "paraboloid" "$saddle" gradcheck paraboloid
same "names and shapes" "$(rows out | awk '{ printf "%s %s %s;", $1, $2, $3 }')" \
    "layers.0.weight 12x2 24;layers.0.bias 12 12;layers.1.weight 2x12 24;layers.1.bias 2 2;layers.2.weight 1x2 2;layers.2.bias 1 1;"
works "a wider one" "$saddle" gradcheck paraboloid --set network.layers.0.units=200
same "is sampled" "$(rows out | awk '/^layers.0.weight/ { print $3, $4, $5 }')" "256 of 400"
works "the same seed" "$saddle" gradcheck paraboloid --set network.layers.0.units=200 --quiet
rows out > first
works "again" "$saddle" gradcheck paraboloid --set network.layers.0.units=200 --quiet
rows out > second
holds "is the same table" cmp first second
works "another seed" "$saddle" gradcheck paraboloid --seed 99 --quiet
rows out > second
if cmp -s first second; then fail "another seed, another table"; else pass; fi
rm first second

# After training, from weights, and on own data.
works "trained" "$saddle" gradcheck xor-shallow --epochs 20
rows out > trained
works "weights" "$saddle" train xor-shallow --epochs 20 --weights w.npz --quiet
works "from weights" "$saddle" gradcheck xor-shallow --weights w.npz
rows out > loaded
holds "is as after training" cmp trained loaded
rm trained loaded w.npz
printf 'x1,x2,y\n0,0,0\n1,0,1\n0,1,1\n1,1,0\n' > own.csv
works "own data" "$saddle" gradcheck circles --data own.csv
same "as one batch" "$(head -1 out | grep -c '4 of 4 samples')" 1
rm own.csv

# What layers can carry.
for change in norm=batch norm=layer dropout=0.4 residual=true activation=relu activation=leaky_relu \
    activation=sigmoid; do
    works "$change" "$saddle" gradcheck spiral --set "network.layers.1.$change" \
        --set training.batch_size=32 --set training.l2=0.1 --set training.l1=0.01
done
works "a norm has rows" "$saddle" gradcheck spiral --set network.layers.1.norm=batch
same "of its two arrays" "$(grep -c '^norms\.1\.' out)" 2
for loss in half_mse mse mse_broadcast; do
    works "$loss" "$saddle" gradcheck spiral --set training.loss=$loss
done
# relu with inputs of 0 and no bias lies on its kink.
printf 'x1,x2,y\n0,0,0\n1,0.5,1\n' > zero.csv
works "at a kink" "$saddle" gradcheck circles --data zero.csv
same "biases are left out" "$(rows out | awk '/^layers.0.bias/ { print $(NF - 2) }')" 16
rm zero.csv

refuses 2 'needs EXPERIMENT' "$saddle" gradcheck
refuses 1 'nowhere' "$saddle" gradcheck nowhere
refuses 2 'one argument too many' "$saddle" gradcheck paraboloid xor-deep
refuses 2 '--set' "$saddle" gradcheck paraboloid --set nothing=1
refuses 2 '--axes' "$saddle" gradcheck paraboloid --axes 0:0:0,0:0:1
refuses 1 'w.npz' "$saddle" gradcheck paraboloid --weights w.npz
nothing_left "all"
