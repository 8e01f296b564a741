# saddle data and predict: tables out and in again.
fixtures=$(cd "$(dirname "$0")/../fixtures" && pwd)
. "$(dirname "$0")/lib.sh"

for name in $("$saddle" list experiments | cut -d' ' -f1); do
    less=()
    [ "$name" = digits ] && less=(--set data.samples=600) # all of them are 380 MB of text
    works "data $name" "$saddle" data "$name" "${less[@]}" -o "$name.csv"
    works "data $name to standard output" "$saddle" data "$name" "${less[@]}"
    holds "is the same" cmp out "$name.csv"
    works "read back" "$saddle" data "$name" --data "$name.csv" -o back.csv
    holds "it is the same data" cmp back.csv "$name.csv"
    works "training on it" "$saddle" train "$name" "${less[@]}" --epochs 2 --log a.csv -q
    works "or on the file" "$saddle" train "$name" --epochs 2 --log b.csv -q --data "$name.csv"
    holds "is the same training" cmp a.csv b.csv
done
same "two inputs, one target" "$(head -1 xor-shallow.csv)" "x1,x2,y"
same "a test part has its column" "$(head -1 error-surface.csv)" "x1,y,split"
same "500 points" "$(sed 1d xor-shallow.csv | wc -l)" 500
same "y is XOR of the halves" \
    "$(awk -F, 'NR > 1 && (($1 > .5) != ($2 > .5)) != $3' xor-shallow.csv | wc -l)" 0
same "144 points of the saddle" "$(sed 1d paraboloid.csv | wc -l)" 144
same "z = y^2 - x^2" "$(awk -F, 'NR > 1 { d = $2 * $2 - $1 * $1 - $3; if (d * d > 1e-12) n++ }
                              END { print n + 0 }' paraboloid.csv)" 0
same "30 % of 10,000 are for testing" "$(column split error-surface.csv | grep -c test)" 3000
works "another seed" "$saddle" data xor-shallow --seed 77 -o other.csv
if cmp -s other.csv xor-shallow.csv; then fail "another seed, the same data"; else pass; fi
works "more samples" "$saddle" data xor-shallow --set data.samples=1000
same "are more rows" "$(wc -l < out)" 1001

# Every kind of the list, in an experiment of one's own: written, and read back to the same data.
for kind in $("$saddle" list datasets | cut -d' ' -f1); do
    [ "$kind" = csv ] && continue
    units=1 file=
    if [ "$kind" = digits ]; then
        units=10 file=", \"file\": \"$fixtures/digits\""
    fi
    cat > "of-$kind.json" <<END
{"saddle": 1, "name": "of-$kind", "data": {"kind": "$kind"$file},
 "network": {"layers": [{"units": $units, "activation": "linear"}]},
 "training": {"optimizer": {"kind": "sgd", "learning_rate": 1e-6}, "epochs": 1}}
END
    works "data of $kind" "$saddle" data "of-$kind.json" -o "of-$kind.csv"
    works "$kind read back" "$saddle" data "of-$kind.json" --data "of-$kind.csv" -o back.csv
    holds "it is the same data" cmp back.csv "of-$kind.csv"
    works "training on it" "$saddle" train "of-$kind.json" --log a.csv -q
    works "or on the file" "$saddle" train "of-$kind.json" --log b.csv -q --data "of-$kind.csv"
    holds "is the same training" cmp a.csv b.csv
done
same "the truth table of XOR" "$(sed 1d of-xor-corners.csv | tr '\n' ' ')" "0,0,0 0,1,1 1,0,1 1,1,0 "
same "ten targets, and the files' split" "$(head -1 of-digits.csv | cut -d, -f1,784-)" \
    "x1,x784,y1,y2,y3,y4,y5,y6,y7,y8,y9,y10,split"
same "5 of 17 are for testing" "$(column split of-digits.csv | sort | uniq -c | tr -s ' \n' ' ')" \
    " 5 test 12 train "
works "the first six" "$saddle" data of-digits.json --set data.samples=6
same "and one for testing" "$(column split out | uniq -c | tr -s ' \n' ' ')" " 6 train 1 test "
refuses 2 'data.samples: 13 are more than the 12' "$saddle" data of-digits.json \
    --set data.samples=13
refuses 2 'data.test_fraction: must be 0 for digits' "$saddle" data of-digits.json \
    --set data.test_fraction=0.5
refuses 2 'data.noise: must be 0 for digits' "$saddle" data of-digits.json --set data.noise=1
refuses 2 'data.samples: 3 is out of range \[4, ' "$saddle" data of-xor-corners.json \
    --set data.samples=3
mkdir images
refuses 1 '^saddle: of-digits.json: images: has no train-images-idx3-ubyte \(nor .gz\)' \
    "$saddle" train of-digits.json --set data.file=images
cp "$fixtures"/digits/* images
holds "spoilt images" truncate -s 2000 images/train-images-idx3-ubyte.gz
refuses 1 'images/train-images-idx3-ubyte.gz: is cut off: its gzip data do not end' \
    "$saddle" data of-digits.json --set data.file=images

# A file without a split column is split as the data in whose place it stands.
cut -d, -f1,2 error-surface.csv > nosplit.csv
works "no split column" "$saddle" data error-surface --data nosplit.csv -o split.csv
same "30 % for testing" "$(column split split.csv | grep -c test)" 3000

# Predictions.
works "weights" "$saddle" train xor-shallow --epochs 20 --weights w.npz --log log.csv
works "predict" "$saddle" predict xor-shallow --weights w.npz --points xor-shallow.csv -o p.csv
same "its header" "$(head -1 p.csv)" "x1,x2,y"
same "a row a point" "$(wc -l < p.csv)" 501
holds "the points are repeated as they were" \
    cmp <(cut -d, -f1,2 p.csv) <(cut -d, -f1,2 xor-shallow.csv)
works "predict, trained on the spot" "$saddle" predict xor-shallow --epochs 20 \
    --points xor-shallow.csv
holds "is the same" cmp out p.csv
# The mean squared error of the predictions is the loss that the log has, reckoned here by awk.
mse=$(paste -d, p.csv xor-shallow.csv | awk -F, 'NR > 1 { s += ($3 - $6) ^ 2; n++ }
                                                 END { printf "%.17g", s / n }')
close "the predictions' error is the log's loss" "$mse" "$(column train_loss log.csv | tail -1)" 1e-6
right=$(paste -d, p.csv xor-shallow.csv | awk -F, 'NR > 1 { r += ($3 > .5) == ($6 > .5); n++ }
                                                   END { printf "%.17g", r / n }')
close "and so its accuracy" "$right" "$(column train_accuracy log.csv | tail -1)" 1e-9

# Points in other forms.
printf 'x2,x1\r\n0.25,0.75\r\n\r\n 1e-1 ,+.5\r\n' > forms.csv
works "columns in any order, blanks, CRLF" "$saddle" predict xor-shallow --weights w.npz \
    --points forms.csv
same "they come back in order" "$(cut -d, -f1,2 out | tr '\n' ' ')" \
    "x1,x2 0.75,0.25 0.5,0.1 "

refuses 2 'needs --points' "$saddle" predict xor-shallow
refuses 1 'absent.csv' "$saddle" predict xor-shallow --points absent.csv --weights w.npz
printf 'x1,x2\n0,1\n0,zebra\n' > bad.csv
refuses 1 'bad.csv: line 3, column x2: "zebra"' "$saddle" predict xor-shallow --points bad.csv
printf 'x1,x2\n0,inf\n' > inf.csv
refuses 1 'inf.csv: line 2, column x2' "$saddle" predict xor-shallow --points inf.csv
printf 'x1,x2\n0,1e39\n' > huge.csv
refuses 1 'huge.csv: line 2, column x2' "$saddle" predict xor-shallow --points huge.csv
printf 'x1,x2\n0,1,2\n' > more.csv
refuses 1 'more.csv: line 2: more' "$saddle" predict xor-shallow --points more.csv
printf 'x1,x2\n0\n' > fewer.csv
refuses 1 'fewer.csv: line 2, column x2: missing' "$saddle" predict xor-shallow --points fewer.csv
printf 'x1\n0\n' > one.csv
refuses 1 'one.csv: line 1: 1 input' "$saddle" predict xor-shallow --points one.csv
printf 'x1,x2,x3\n0,0,0\n' > three.csv
refuses 1 'three.csv: line 1: 3 input' "$saddle" predict xor-shallow --points three.csv
printf 'x1,x1\n0,0\n' > twice.csv
refuses 1 'twice.csv: line 1, column x1: there are two' "$saddle" predict xor-shallow \
    --points twice.csv
printf 'x1,x2,colour\n0,0,0\n' > colour.csv
refuses 1 'colour.csv: line 1, column 3: "colour"' "$saddle" predict xor-shallow --points colour.csv
printf 'x1,x2\n' > none.csv
refuses 1 'none.csv: no samples' "$saddle" predict xor-shallow --points none.csv
refuses 1 'nothing.npz' "$saddle" predict xor-shallow --points forms.csv --weights nothing.npz
refuses 1 'nowhere' "$saddle" predict xor-shallow --points forms.csv -o nowhere/p.csv
