# saddle train: metrics, weights, repeatability, and what can go wrong with files.
. "$(dirname "$0")/lib.sh"

works "train" "$saddle" train xor-shallow --epochs 5 --log log.csv --weights w.npz
holds "it says what came out" grep -Eq '^xor-shallow: epoch 5, train loss [0-9.]+' out
header=epoch,step,running_loss,train_loss,train_accuracy,test_loss,test_accuracy,learning_rate
header=$header,grad_norm_0,grad_norm_1,grad_norm_2,grad_norm_3
header=$header,bias_grad_norm_0,bias_grad_norm_1,bias_grad_norm_2,bias_grad_norm_3
same "the log's header" "$(head -1 log.csv)" "$header"
same "a row an epoch and one before" "$(column epoch log.csv | tr '\n' ' ')" "0 1 2 3 4 5 "
same "a step a sample" "$(column step log.csv | tr '\n' ' ')" "0 500 1000 1500 2000 2500 "
same "no running loss before training" "$(column running_loss log.csv | head -1)" ""
same "no test loss without test samples" "$(column test_loss log.csv | sort -u)" ""
same "every row has every cell" "$(awk -F, '{ print NF }' log.csv | sort -u)" 16
same "no NaN in words" "$(grep -ci nan log.csv)" 0
same "the learning rate" "$(column learning_rate log.csv | sort -u)" 0.005
if [ "$(column running_loss log.csv | sed 1d | grep -vc '^[0-9]')" = 0 ]; then pass; else
    fail "running losses are numbers"
fi

# The same again gives the same bytes; another seed does not.
works "again" "$saddle" train xor-shallow --epochs 5 --log log2.csv --weights w2.npz
holds "the same log" cmp log.csv log2.csv
holds "the same weights" cmp w.npz w2.npz
works "another seed" "$saddle" train xor-shallow --epochs 5 --seed 12345 --weights w3.npz
if cmp -s w.npz w3.npz; then fail "another seed, the same weights"; else pass; fi
works "training without measuring" "$saddle" train xor-shallow --epochs 5 --weights w4.npz -q
holds "gives the same weights" cmp w.npz w4.npz

# Going on from weights: 0 epochs leave them as they are; the log's first row is where they stand.
works "no epochs" "$saddle" train xor-shallow --epochs 0 --init w.npz --weights w5.npz --log log5.csv
holds "leave the weights as they are" cmp w.npz w5.npz

# Weights as .safetensors, and back.
works "safetensors" "$saddle" train xor-shallow --epochs 0 --init w.npz --weights w.safetensors
works "and back" "$saddle" train xor-shallow --epochs 0 --init w.safetensors --weights w6.npz
holds "are the same weights" cmp w.npz w6.npz
cp w.npz misnamed.safetensors
refuses 1 'misnamed.safetensors: not a .safetensors file' "$saddle" train xor-shallow \
    --init misnamed.safetensors
same "one row" "$(wc -l < log5.csv)" 2
same "at the loss where the others ended" "$(column train_loss log5.csv)" \
    "$(column train_loss log.csv | tail -1)"
works "the untrained network" "$saddle" train xor-shallow --epochs 0 --log log6.csv
same "is row 0 of the others" "$(column train_loss log6.csv)" "$(column train_loss log.csv | head -1)"

# A test part; accuracy has no meaning where targets are no classes.
works "error-surface" "$saddle" train error-surface --epochs 2 --log es.csv
if column test_loss es.csv | grep -qv '^[0-9]'; then fail "test losses"; else pass; fi
same "no accuracy for a curve" "$(column train_accuracy es.csv | sort -u)" ""
same "no biases, no norms of them" "$(column bias_grad_norm_0 es.csv | sort -u)" ""
works "classes have an accuracy" test -n "$(column train_accuracy log.csv | tail -1)"

# Settings reach the run.
works "--set" "$saddle" train xor-shallow --epochs 1 --log set.csv \
    --set training.optimizer.learning_rate=0.25 --set training.batch_size=100 \
    --set network.layers.0.activation=relu
same "the learning rate was set" "$(column learning_rate set.csv | sort -u)" 0.25
same "the batch size was set" "$(column step set.csv | tail -1)" 5

# Schedules: the log has the rate that each epoch was trained with; the first row the first one's.
works "a schedule" "$saddle" train xor-shallow --epochs 4 --log schedule.csv \
    --set training.schedule.kind=exponential --set training.schedule.gamma=0.5 \
    --set training.optimizer.learning_rate=0.5
same "halves the rate" "$(column learning_rate schedule.csv | tr '\n' ' ')" \
    "0.5 0.5 0.25 0.125 0.0625 "
works "a cosine" "$saddle" train xor-shallow --epochs 2 --log cosine.csv \
    --set training.schedule.kind=cosine --set training.optimizer.learning_rate=0.5
same "ends with training" "$(column learning_rate cosine.csv | tr '\n' ' ')" "0.5 0.5 0.25 "

# Early stopping: it says so, the log ends there, and the best epoch's weights are written.
stopping=(train moons --set data.test_fraction=0.3 --set training.optimizer.learning_rate=2)
works "a run that does not stop" "$saddle" "${stopping[@]}" --epochs 200 --log long.csv --quiet
"$saddle" "${stopping[@]}" --epochs 2000 --set training.early_stopping.patience=5 --log stop.csv \
    --weights best.npz > out 2> err
same "early stopping is no failure" $? 0
stopped=$(column epoch stop.csv | tail -1)
best=$((stopped - 5))
same "it says so" "$(cat err)" "saddle: moons: stopped early at epoch $stopped: no better test loss \
than epoch $best's, whose weights were taken"
holds "and says what came out" grep -Eq "^moons: epoch $stopped, train loss" out
holds "its log is that of the longer run" sh -c "head -$((stopped + 2)) long.csv | cmp - stop.csv"
same "the best is the lowest" "$(column test_loss stop.csv | sed 1d | sort -g | head -1)" \
    "$(column test_loss stop.csv | sed -n $((best + 1))p)"
works "the best weights" "$saddle" "${stopping[@]}" --epochs 0 --init best.npz --log best.csv
same "are those of that epoch" "$(column test_loss best.csv)" \
    "$(column test_loss stop.csv | sed -n $((best + 1))p)"
"$saddle" "${stopping[@]}" --epochs 2000 --set training.early_stopping.patience=5 \
    --weights unlogged.npz --quiet > out 2> err
same "quietly" "$(cat out err)" ""
holds "the same without a log" cmp unlogged.npz best.npz

# Output to standard output, through symlinks, over older files.
works "the log on standard output" "$saddle" train xor-shallow --epochs 5 --log -
holds "is the log alone" cmp out log.csv
mkdir deep
echo old > deep/real.csv
ln -s deep/real.csv link.csv
works "through a symlink" "$saddle" train xor-shallow --epochs 5 --log link.csv -q
holds "the target was written" cmp deep/real.csv log.csv
holds "the link is still one" test -L link.csv
chmod 640 deep/real.csv
works "over an older file" "$saddle" train xor-shallow --epochs 5 --log deep/real.csv -q
same "its rights stay" "$(stat -c %a deep/real.csv)" 640

# Divergence.
diverging=(--set training.optimizer.learning_rate=1000 --set network.layers.0.activation=linear
    --set network.layers.1.activation=linear --set network.layers.2.activation=linear)
"$saddle" train xor-shallow --epochs 50 "${diverging[@]}" --log div.csv --weights div.npz \
    > out 2> err
same "divergence alone is no failure" $? 0
holds "but is said" grep -Eq '^saddle: xor-shallow: training diverged in epoch [0-9]+' err
same "no row is without a loss" "$(column train_loss div.csv | grep -vc '^[0-9]')" 0
works "the weights are finite" "$saddle" train xor-shallow --epochs 0 --init div.npz -q \
    --set network.layers.0.activation=linear
refuses 1 'diverged in epoch [0-9]+.*learning_rate' "$saddle" train xor-shallow --epochs 50 \
    "${diverging[@]}" --fail-on-divergence --log div2.csv --weights div2.npz
holds "then nothing is written" test ! -e div2.csv -a ! -e div2.npz

# Bad weights.
refuses 1 'missing.npz' "$saddle" train xor-shallow --init missing.npz
echo "this is no zip file" > text.npz
refuses 1 'text.npz' "$saddle" train xor-shallow --init text.npz
head -c 400 w.npz > short.npz
refuses 1 'short.npz' "$saddle" train xor-shallow --init short.npz
refuses 1 'w.npz' "$saddle" train xor-deep --init w.npz
refuses 1 'w.npz' "$saddle" train xor-shallow --init w.npz --set network.layers.0.units=3
refuses 2 '--weights w.txt: must be' "$saddle" train xor-shallow --weights w.txt
if command -v python3 > /dev/null && python3 -c 'import numpy' 2> /dev/null; then
    python3 -c '
import numpy
w = numpy.load("w.npz")
assert sorted(w.files) == [f"layers.{l}.{p}" for l in range(4) for p in ("bias", "weight")]
assert w["layers.0.weight"].shape == (2, 2) and w["layers.3.weight"].shape == (1, 2)
assert all(w[n].dtype == numpy.float32 for n in w.files)' 2> err
    same "NumPy reads the weights" $? 0
fi

# Bad data: a message with line and column.
printf 'x1,x2,y\n0,0,0\n0,1,zebra\n' > cell.csv
refuses 1 'cell.csv.*line 3.*y' "$saddle" train xor-shallow --data cell.csv
printf 'x1,x2,y\n0,0\n' > few.csv
refuses 1 'few.csv.*line 2' "$saddle" train xor-shallow --data few.csv
printf 'x1,x2\n0,0\n' > notarget.csv
refuses 1 'notarget.csv' "$saddle" train xor-shallow --data notarget.csv
printf 'x1,x2,y\n' > norows.csv
refuses 1 'norows.csv' "$saddle" train xor-shallow --data norows.csv
printf 'x1,x2,y\n0,nan,1\n' > nan.csv
refuses 1 'nan.csv.*line 2' "$saddle" train xor-shallow --data nan.csv
printf 'x1,x2,y,split\n0,0,1,perhaps\n' > split.csv
refuses 1 'split.csv.*line 2.*split' "$saddle" train xor-shallow --data split.csv
: > empty.csv
refuses 1 'empty.csv' "$saddle" train xor-shallow --data empty.csv
refuses 1 'absent.csv' "$saddle" train xor-shallow --data absent.csv

# Targets that cannot be written: known before training starts.
long=(train xor-shallow --epochs 1000000000)
refuses 1 'nowhere/log.csv' "$saddle" "${long[@]}" --log nowhere/log.csv
refuses 1 'nowhere/w.npz' "$saddle" "${long[@]}" --weights nowhere/w.npz
refuses 1 'deep.*folder' "$saddle" "${long[@]}" --log deep
refuses 1 'standard output|/dev/full' "$saddle" train xor-shallow --epochs 1 --log /dev/full

# Weights so large that only what is measured after the last epoch shows it.
huge=(plane --set training.optimizer.kind=sgd --set training.optimizer.learning_rate=1000
    --set training.batch_size=0 --set network.layers.0.activation=linear
    --set network.layers.1.activation=linear --epochs 2)
refuses 1 'diverged in epoch 2' "$saddle" train "${huge[@]}" --fail-on-divergence --weights w.npz
refuses 1 'diverged in epoch 2' "$saddle" train "${huge[@]}" --fail-on-divergence --log huge.csv
"$saddle" train "${huge[@]}" --log huge.csv > out 2> err
same "back at the epoch before" "$(column epoch huge.csv | tr '\n' ' ')" "0 1 "
holds "which is what it speaks of" grep -Eq '^plane: epoch 1, train loss [0-9.e+]+$' out
same "as a sweep does" "$("$saddle" sweep "${huge[@]}" -o - | column diverged -)" 1
