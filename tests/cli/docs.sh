# The pages of the documentation: what they link to is there, no picture lies about unused, and the
# pictures do not make the repository large.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/cli/lib.sh"

for page in "$top/README.md" "$top"/docs/*.md; do
    for link in $(grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -v '^https\?:'); do
        holds "${page#"$top/"} links to $link" test -e "$(dirname "$page")/$link"
    done
done
for picture in "$top"/docs/*.png "$top"/docs/gallery/*; do
    name=${picture#"$top/docs/"}
    holds "docs/$name is shown" grep -F "($name)" <(sed 's|(docs/|(|' "$top/README.md") "$top"/docs/*.md
done
total=$(find "$top/docs" -name '*.png' -o -name '*.gif' -type f | xargs cat | wc -c)
holds "$total bytes of pictures" test "$total" -lt 12000000
