# saddle sweep: rows and tables, their agreement with saddle train, and what can be wrong with --vary.
. "$(dirname "$0")/lib.sh"

columns=seed,train_loss,train_accuracy,test_loss,test_accuracy,diverged

# A row a run, with the losses of the same run by itself.
works "sweep" "$saddle" sweep xor-shallow --epochs 40 --seed 5 --seeds 20 -o s.csv
same "nothing on standard output" "$(cat out)" ""
same "the header" "$(head -1 s.csv)" "$columns"
same "a row a seed, from --seed on" "$(column seed s.csv | tr '\n' ' ')" \
    "$(seq 5 24 | tr '\n' ' ')"
same "no test loss without test samples" "$(column test_loss s.csv | sort -u)" ""
same "none diverged" "$(column diverged s.csv | sort -u)" 0
for seed in 5 12 24; do
    works "train" "$saddle" train xor-shallow --epochs 40 --seed $seed --log t.csv -q
    same "seed $seed's loss" "$(awk -F, -v s=$seed '$1 == s { print $2, $3 }' s.csv)" \
        "$(column train_loss t.csv | tail -1) $(column train_accuracy t.csv | tail -1)"
done
works "fewer seeds" "$saddle" sweep xor-shallow --epochs 40 --seed 12 --seeds 1 -o one.csv
same "give the same row" "$(tail -1 one.csv)" "$(grep '^12,' s.csv)"
works "on standard output" "$saddle" sweep xor-shallow --epochs 40 --seed 5 --seeds 20 -o -
holds "the same" cmp out s.csv
works "without --seeds" "$saddle" sweep xor-shallow --epochs 2 -o one.csv
same "one run" "$(wc -l < one.csv)" 2
works "no epochs" "$saddle" sweep xor-shallow --epochs 0 --seed 3 -o zero.csv
works "train, no epochs" "$saddle" train xor-shallow --epochs 0 --seed 3 --log t.csv -q
same "the untrained network" "$(column train_loss zero.csv)" "$(column train_loss t.csv)"

# The grid: all combinations, the last key fastest; other options hold for all.
works "a grid" "$saddle" sweep xor-shallow --epochs 3 --seeds 2 --seed 1 -o g.csv \
    --vary network.layers.*.units=2,3 --vary training.optimizer.learning_rate=0.005,0.05,0.5 \
    --set training.batch_size=10
same "its header" "$(head -1 g.csv)" \
    "network.layers.*.units,training.optimizer.learning_rate,$columns"
same "its rows" "$(sed 1d g.csv | cut -d, -f1-3 | tr '\n' ' ')" \
    "2,0.005,1 2,0.005,2 2,0.05,1 2,0.05,2 2,0.5,1 2,0.5,2 3,0.005,1 3,0.005,2 3,0.05,1 3,0.05,2 \
3,0.5,1 3,0.5,2 "
works "train" "$saddle" train xor-shallow --epochs 3 --seed 2 --log t.csv -q \
    --set training.batch_size=10 --set network.layers.0.units=3 --set network.layers.1.units=3 \
    --set network.layers.2.units=3 --set training.optimizer.learning_rate=0.5
same "a row of it" "$(grep '^3,0.5,2,' g.csv | cut -d, -f4)" "$(column train_loss t.csv | tail -1)"
works "names are values, too" "$saddle" sweep xor-shallow --epochs 1 -o n.csv \
    --vary network.init=torch_linear,xavier_uniform --vary network.layers.*.activation=relu,tanh
same "their rows" "$(sed 1d n.csv | cut -d, -f1-2 | tr '\n' ' ')" \
    "torch_linear,relu torch_linear,tanh xavier_uniform,relu xavier_uniform,tanh "

# Runs that don't fit a vector's lanes are trained one by one: the same bits as train's.
works "a wide net" "$saddle" sweep xor-shallow --epochs 2 --seed 7 --seeds 2 -o w.csv \
    --set network.layers.*.units=20
works "train" "$saddle" train xor-shallow --epochs 2 --seed 8 --log t.csv -q \
    --set network.layers.*.units=20
same "its loss" "$(column train_loss w.csv | tail -1)" "$(column train_loss t.csv | tail -1)"

# A test part; targets that are no classes.
works "error-surface" "$saddle" sweep error-surface --epochs 1 --seeds 2 -o e.csv
if column test_loss e.csv | grep -qv '^[0-9]'; then fail "test losses"; else pass; fi
same "no accuracy for a curve" "$(column train_accuracy e.csv | sort -u)" ""

# Own data, given weights.
printf 'x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n' > own.csv
works "--data" "$saddle" sweep xor-shallow --data own.csv --epochs 5 --seed 4 -o d.csv
works "train" "$saddle" train xor-shallow --data own.csv --epochs 5 --seed 4 --log t.csv -q
same "its loss" "$(column train_loss d.csv)" "$(column train_loss t.csv | tail -1)"
works "weights" "$saddle" train xor-shallow --epochs 2 --weights w.npz -q
works "--init" "$saddle" sweep xor-shallow --epochs 0 --init w.npz --vary data.samples=500,400 \
    -o i.csv
works "train" "$saddle" train xor-shallow --epochs 0 --init w.npz --log t.csv -q
same "its loss" "$(sed 1d i.csv | head -1 | cut -d, -f3)" "$(column train_loss t.csv)"

# Divergence is a row like others, with the last good weights' loss, and disturbs no one.
diverging=(--set training.optimizer.learning_rate=1000 --set network.layers.*.activation=linear)
works "divergence" "$saddle" sweep xor-shallow --epochs 50 --seeds 3 "${diverging[@]}" -o div.csv
same "is said" "$(column diverged div.csv | tr '\n' ' ')" "1 1 1 "
same "with losses" "$(column train_loss div.csv | grep -vc '^[0-9]')" 0
works "beside runs that don't diverge" "$saddle" sweep xor-shallow --epochs 40 --seed 12 \
    --vary training.optimizer.learning_rate=1000000,0.005 -o div.csv
same "diverged" "$(column diverged div.csv | tr '\n' ' ')" "1 0 "
same "the other's row" "$(tail -1 div.csv | cut -d, -f2-)" "$(grep '^12,' s.csv)"

# The table.
works "a table" "$saddle" sweep xor-shallow --epochs 1 --seed 5 --seeds 9 \
    --vary network.layers.*.units=2,16 --vary training.optimizer.momentum=0.5,0
same "a line a setting" "$(grep -Ec '^(2|16) +0(\.5)? +9 +[0-9.]+ %' out)" 4
holds "it says what solved means" grep -q 'solved: train accuracy over 95 %' out
holds "and which runs" grep -q '^xor-shallow, 1 epoch, seeds 5 to 13$' out
same "lines are as long as each other" "$(tail -5 out | awk '{ print length }' | sort -u | wc -l)" 1
works "medians" "$saddle" sweep xor-shallow --epochs 40 --seed 5 --seeds 3
median=$(sed -n '2,4p' s.csv | cut -d, -f2 | sort -g | sed -n 2p)
close "the median" "$(tail -1 out | awk '{ print $5 }')" "$median" 1e-3
works "no classes" "$saddle" sweep error-surface --epochs 1 --seeds 2
same "nothing to solve" "$(tail -1 out | awk '{ print $2 }')" "-"
works "all diverged" "$saddle" sweep xor-shallow --epochs 50 --seeds 3 "${diverging[@]}"
same "no quartiles, three diverged" "$(tail -1 out | awk '{ print $4, $5, $6, $7, $8 }')" "- - - 3 "

# What is wrong with it.
sweep=("$saddle" sweep xor-shallow --epochs 1000000000)
for value in '' 0 -1 1.5 x 1000001; do
    refuses 2 '--seeds.*must be' "${sweep[@]}" "--seeds=$value"
done
for value in '' training.epochs =3; do
    refuses 2 '--vary.*must be' "${sweep[@]}" --vary "$value"
done
refuses 2 '--vary nonsense: no such key' "${sweep[@]}" --vary nonsense=1,2
refuses 2 '--vary .*learning_rate.*fast' "${sweep[@]}" \
    --vary training.optimizer.learning_rate=0.1,fast
refuses 2 '--vary .*momentum: .*out of range' "${sweep[@]}" \
    --vary training.optimizer.momentum=0.1,1.5
refuses 2 'a value is empty' "${sweep[@]}" --vary training.epochs=1,,2
refuses 2 'a value is empty' "${sweep[@]}" --vary training.epochs=
refuses 2 'a value is empty' "${sweep[@]}" --vary training.epochs=1,
refuses 2 'varied twice' "${sweep[@]}" --vary training.epochs=1 --vary training.epochs=2
refuses 2 'seed: .*--seeds' "${sweep[@]}" --vary seed=1,2
refuses 2 '--vary network.layers.3.units=2: .*last layer' "${sweep[@]}" \
    --vary network.layers.3.units=1,2
refuses 2 '--set network.layers.3.units: .*last layer' "${sweep[@]}" \
    --set network.layers.3.units=2
many=$(seq -s, 1 200)
refuses 2 'more than' "${sweep[@]}" --vary training.epochs=$many --vary training.batch_size=$many
refuses 2 'more than' "${sweep[@]}" --seeds 10000 --vary training.batch_size=$many
refuses 2 'not so many' "${sweep[@]}" --seed 9223372036854775807 --seeds 2
refuses 1 'absent.csv' "${sweep[@]}" --data absent.csv
refuses 1 'absent.npz' "${sweep[@]}" --init absent.npz
refuses 1 'w.npz' "${sweep[@]}" --init w.npz --vary network.layers.0.units=2,3
refuses 1 'nowhere/s.csv' "${sweep[@]}" -o nowhere/s.csv
refuses 1 'standard output|/dev/full' "$saddle" sweep xor-shallow --epochs 1 -o /dev/full
