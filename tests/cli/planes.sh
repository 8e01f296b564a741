# saddle landscape on planes through weight space, and the path that training took there.
. "$(dirname "$0")/lib.sh"

# fact KEY FILE: the value of a key in one line of JSON; a list without its brackets and blanks.
fact() {
    sed -E "s/.*\"$1\": (\[\[?[^]]*(\], \[[^]]*\])?\]|\"[^\"]*\"|[^,}]*).*/\1/; s/[][\" ]//g" "$2"
}
cell() { sed -n "$2p" "$1" | cut -d, -f"$3"; }

# Where the present weights are, the loss is that of the log: in the middle of this grid. The same
# for the end of the path, whose losses are the log's all along.
middle=(--range=-1:1,-0.5:0.5 --grid 3x3)
for experiment in xor-shallow error-surface; do
    works "$experiment" "$saddle" train $experiment --epochs 12 --weights w.npz --log log.csv
    works "$experiment, later" "$saddle" train $experiment --epochs 25 --weights later.npz \
        --log later.csv
    split=$([ $experiment = xor-shallow ] && echo train || echo test) # as the experiments say
    loss=$(column ${split}_loss log.csv | tail -1)
    for plane in random pca hessian "between --to later.npz"; do
        name=${plane%% *}
        what="$experiment, $name"
        works "$what" "$saddle" landscape $experiment --epochs 12 --plane $plane "${middle[@]}" \
            -o l.csv --path p.csv
        same "$what: the table's header" "$(head -1 l.csv)" a,b,loss
        same "$what: a row a point, b fastest" "$(cut -d, -f1,2 l.csv | tr '\n' ' ')" \
            "a,b -1,-0.5 -1,0 -1,0.5 0,-0.5 0,0 0,0.5 1,-0.5 1,0 1,0.5 "
        close "$what: the loss at (0, 0)" "$(cell l.csv 6 3)" "$loss" 1e-6
        same "$what: the path's header" "$(head -1 p.csv)" epoch,a,b,loss
        same "$what: the path's epochs" "$(column epoch p.csv | tr '\n' ' ')" "$(seq -s ' ' 0 12) "
        same "$what: it ends in the present" "$(tail -1 p.csv | cut -d, -f1-3)" 12,0,0
        if paste -d, <(column loss p.csv) <(column ${split}_loss log.csv) |
            awk -F, '{ d = $1 - $2; if (d < 0) d = -d; bad += !(d <= 1e-6 * $2) } END { exit bad }'
        then pass; else fail "$what: its losses are not the log's"; fi

        same "$what: facts on one line" "$(wc -l < out)" 1
        same "$what: the plane" "$(fact plane out)" $name
        same "$what: its epoch" "$(fact epoch out)" 12
        same "$what: its split" "$(fact split out)" $split
        same "$what: its loss" "$(fact loss out)" "$loss"
        same "$what: the range that was asked for" "$(fact range out)" "-1,1,-0.5,0.5"
        mv out facts.json
        mv l.csv first.csv
        mv p.csv first-path.csv
        landscape=("$saddle" landscape $experiment --epochs 12 --plane $plane "${middle[@]}")
        "${landscape[@]}" --path p.csv > out 2> told
        same "$what, to standard output" $? 0
        holds "$what: the same table there" cmp out first.csv
        holds "$what: the same path" cmp p.csv first-path.csv
        holds "$what: the same facts, to standard error" cmp told facts.json
        "${landscape[@]}" -o l.csv --path - > out 2> told
        holds "$what: or the path to standard output" cmp out first-path.csv
        holds "$what: with the facts to standard error" cmp told facts.json

        # The range where none is asked for: the path lies within, and spans some of it.
        works "$what, default range" "$saddle" landscape $experiment --epochs 12 --plane $plane \
            --grid 2x2 -o l.csv --path p.csv
        fits=$(paste -d, <(fact range out) <(column a p.csv | sort -g | sed -n '1p;$p' | paste -sd,) \
            <(column b p.csv | sort -g | sed -n '1p;$p' | paste -sd,) | awk -F, '
            function fits(lo, hi, least, most) { return lo < least && most < hi && lo < hi }
            { print fits($1, $2, $5, $6) fits($3, $4, $7, $8) }')
        same "$what: the path lies in the range" "$fits" 11
        same "$what: the range is the table's" \
            "$(cell l.csv 2 1),$(cell l.csv 5 1),$(cell l.csv 2 2),$(cell l.csv 5 2)" \
            "$(fact range out)"
    done

    # Over two weights: where they were, and the same losses.
    works "$experiment: a path over two weights" "$saddle" landscape $experiment --epochs 12 \
        --axes 0:0:0,1:0:0 --grid 2x2 -o l.csv --path p.csv
    same "$experiment: has nothing to say" "$(wc -c < out)" 0
    holds "$experiment: epochs and losses" cmp <(cut -d, -f1,4 p.csv) <(cut -d, -f1,4 first-path.csv)
    works "$experiment: around the present weights" "$saddle" landscape $experiment --weights w.npz \
        --axes 0:0:0,1:0:0 --relative --range=-1:1,-1:1 --grid 3x3 -o l.csv
    for k in 1 2; do
        close "$experiment: it ends in the present weights" "$(tail -1 p.csv | cut -d, -f$((k + 1)))" \
            "$(cell l.csv 6 $k)" 1e-7
    done

    # Between two files: each has its loss.
    works "$experiment: between" "$saddle" landscape $experiment --weights w.npz --plane between \
        --to later.npz --range=0:1,0:1 --grid 2x2 -o l.csv --path p.csv
    close "$experiment: these weights" "$(cell l.csv 2 3)" "$loss" 1e-6
    close "$experiment: those weights" "$(cell l.csv 4 3)" \
        "$(column ${split}_loss later.csv | tail -1)" 1e-6
    same "$experiment: without training, the path is one point" "$(tail -n +2 p.csv | cut -d, -f1-3)" \
        0,0,0
    works "$experiment: from the other end" "$saddle" landscape $experiment --weights later.npz \
        --plane between --to w.npz --range=0:1,0:1 --grid 2x2 -o back.csv
    close "$experiment: these are those" "$(cell back.csv 4 3)" "$(cell l.csv 2 3)" 1e-6
done

# Two weights are a plane already: other directions only turn it.
works "error-surface, weights" "$saddle" landscape error-surface --axes 0:0:0,1:0:0 --grid 2x2 \
    -o l.csv --path weights.csv
works "error-surface, pca" "$saddle" landscape error-surface --plane pca --grid 2x2 -o l.csv \
    --path pca.csv
if paste -d, weights.csv pca.csv | awk -F, '
    NR > 1 { a[NR] = $2; b[NR] = $3; c[NR] = $6; d[NR] = $7 }
    END { for (i = 2; i < NR; i++) {
              x = sqrt((a[i] - a[NR]) ^ 2 + (b[i] - b[NR]) ^ 2); y = sqrt(c[i] ^ 2 + d[i] ^ 2)
              bad += !(x - y <= 1e-6 && y - x <= 1e-6) }
          exit bad || NR < 20 }'; then pass; else fail "pca: lengths along the path"; fi
close "two directions explain all" "$(fact explained_variance out | awk -F, '{ print $1 + $2 }')" 1 1e-9
holds "the first explains more" \
    awk -F, '{ exit !($1 > $2) }' <(fact explained_variance out)
works "error-surface at epoch 25" "$saddle" train error-surface --weights w.npz
works "error-surface, between" "$saddle" landscape error-surface --epochs 0 --plane between \
    --to w.npz --grid 2x2 -o l.csv
close "the distance" "$(fact distance out)" "$(awk -F, 'NR == 2 { a = $2; b = $3 } {x = $2; y = $3 }
    END { printf "%.9g", sqrt((x - a) ^ 2 + (y - b) ^ 2) }' weights.csv)" 1e-6

# The directions of the Hessian: the surface bends as the eigenvalues say, and not across.
works "xor-shallow, hessian" "$saddle" landscape xor-shallow --plane hessian \
    --range=-0.02:0.02,-0.02:0.02 --grid 3x3 -o l.csv
read -r bend_a bend_b across <<< "$(awk -F, 'NR > 1 { l[NR - 1] = $3 } END { h = 0.02 ^ 2
    printf "%.9g %.9g %.9g", (l[2] - 2 * l[5] + l[8]) / h, (l[4] - 2 * l[5] + l[6]) / h,
    (l[1] - l[3] - l[7] + l[9]) / (4 * h) }' l.csv)"
first=$(fact eigenvalues out | cut -d, -f1)
close "it bends along a" "$bend_a" "$first" 0.02
close "it bends along b" "$bend_b" "$(fact eigenvalues out | cut -d, -f2)" 0.02
holds "not across" awk -v c="$across" -v l="$first" 'BEGIN { exit !(c * c < (0.01 * l) ^ 2) }'
close "the largest stable rate" "$(fact largest_stable_learning_rate out)" \
    "$(awk -v l="$first" 'BEGIN { printf "%.17g", 2 * 1.3 / l }')" 1e-7 # of momentum 0.3
same "and the present one" "$(fact learning_rate out)" 0.005
works "adam has no such rate" "$saddle" landscape xor-shallow --epochs 5 --plane hessian \
    --set training.optimizer.kind=adam --grid 2x2 -o l.csv
same "null" "$(fact largest_stable_learning_rate out)" null
works "hessian" "$saddle" landscape xor-shallow --plane hessian --grid 2x2 -o l.csv
holds "residuals" awk -F, '{ exit !($1 < 1e-3 && $2 < 1e-3) }' <(fact residuals out)

# Random directions come from the seed.
works "training" "$saddle" train xor-shallow --epochs 3 --weights w.npz
random=("$saddle" landscape xor-shallow --weights w.npz --plane random --range=-1:1,-1:1 --grid 3x3)
works "seed 1" "${random[@]}" --seed 1 -o 1.csv
same "its seed" "$(fact seed out)" 1
same "it is filter-normalised" "$(fact filter_normalised out)" true
works "seed 2" "${random[@]}" --seed 2 -o 2.csv
if cmp -s 1.csv 2.csv; then fail "seeds 1 and 2 are the same"; else pass; fi

# A long run's path is thinned, but has its start and its end.
works "a long run" "$saddle" landscape xor-corners --epochs 9001 --plane pca --grid 2x2 -o l.csv \
    --path p.csv
same "its path starts" "$(sed -n 2p p.csv | cut -d, -f1)" 0
same "and ends" "$(tail -1 p.csv | cut -d, -f1-3)" 9001,0,0
holds "it is thinned" test "$(wc -l < p.csv)" -lt 4100

# Training that goes wrong, or ends early.
"$saddle" landscape xor-shallow --set training.optimizer.learning_rate=30 --plane random --grid 2x2 \
    -o l.csv --path p.csv > out 2> told
same "divergence" $? 0
holds "it is said" grep -q 'diverged' told
same "the path ends in the last good epoch" "$(tail -1 p.csv | cut -d, -f1)" "$(fact epoch out)"
"$saddle" landscape xor-shallow --set training.early_stopping.patience=3 \
    --set training.early_stopping.min_delta=0.001 --plane random --grid 2x2 -o l.csv --path p.csv \
    > out 2> told
same "early stopping" $? 0
holds "it is said, too" grep -q 'stopped early' told
same "the weights are the best epoch's" "$(grep ",0,0," p.csv | cut -d, -f1)" "$(fact epoch out)"
holds "the path goes on to where it stopped" \
    test "$(tail -1 p.csv | cut -d, -f1)" -gt "$(fact epoch out)"

# Names of files in JSON.
odd=$'a "b\\\n\xff.npz'
works "weights in a file with an odd name" "$saddle" train xor-shallow --epochs 2 --weights "$odd"
works "between these" "$saddle" landscape xor-shallow --weights w.npz --plane between --to "$odd" \
    --grid 2x2 -o l.csv
holds "in JSON" grep -Fq '"to": "a \"b\\\u000a\ufffd.npz"' out
rm -f "$odd"

# What does not go together, and files that are bad.
no=("$saddle" landscape xor-shallow --epochs 3)
refuses 2 '--plane weights: must be random, pca, hessian or between' "${no[@]}" --plane weights
refuses 2 '--plane : must be random' "${no[@]}" --plane ''
refuses 2 '--plane Random: must be random' "${no[@]}" --plane Random
refuses 2 '--axes: --plane random has directions of its own' "${no[@]}" --plane random --axes 0:0:0,0:0:1
refuses 2 '--relative: has no meaning with --plane pca' "${no[@]}" --plane pca --relative
refuses 2 '--plane between: needs --to' "${no[@]}" --plane between
refuses 2 '--to w.npz: needs --plane between' "${no[@]}" --to w.npz
refuses 2 '--to w.npz: needs --plane between' "${no[@]}" --plane random --to w.npz
refuses 2 '--plane pca: with --weights nothing is trained.*--init' "${no[@]}" --plane pca --weights w.npz
for epochs in 0 1; do
    refuses 2 '--plane pca: needs a path of at least 2 epochs' "$saddle" landscape xor-shallow \
        --epochs $epochs --plane pca
done
refuses 1 '--plane pca: ' "$saddle" landscape xor-shallow --set training.epochs=1 --plane pca
refuses 2 '--path -: .*-o' "${no[@]}" --path -
refuses 2 '--path l.csv: .*give another' "${no[@]}" --path l.csv -o l.csv
# All that is asked for, or nothing.
rm -f ./*.csv
"${no[@]}" --plane random --path p.csv -o /dev/full > out 2> err
same "a table onto a full disk" $? 1
"${no[@]}" --plane random -o p.csv > /dev/full 2> err
same "facts onto a full disk" $? 1
holds "leave nothing behind" test ! -e p.csv
refuses 2 '--path -: .*-o' "${no[@]}" --path - -o -
refuses 2 '--path : must be not empty' "${no[@]}" --path ''
refuses 1 'nowhere' "${no[@]}" --path nowhere/p.csv
refuses 1 'missing.npz' "${no[@]}" --plane between --to missing.npz
refuses 1 'w.csv: weights are .npz or .safetensors' "${no[@]}" --plane between --to w.csv
echo rubbish > bad.npz
refuses 1 'bad.npz: ' "${no[@]}" --plane between --to bad.npz
works "another shape" "$saddle" train xor-deep --epochs 0 --weights deep.npz
refuses 1 'deep.npz: ' "${no[@]}" --plane between --to deep.npz
refuses 1 '--plane between: ' "$saddle" landscape xor-shallow --weights w.npz --plane between --to w.npz
rm -f ./*.csv ./*.npz facts.json told
refuses 1 '/dev/full' "${no[@]}" --path /dev/full -o l.csv
nothing_left "a path onto a full disk"
"${no[@]}" --plane random -o l.csv > /dev/full 2> err
same "facts onto a full disk" $? 1
holds "it is said which" grep -q '^saddle: standard output: cannot write: No space' err
