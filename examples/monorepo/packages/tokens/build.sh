# Design tokens, one `name value` a line, as CSS variables and as JSON.
# A file `brand.txt`, where there is one, adds tokens or replaces them.
set -eu

mkdir -p dist
sources=tokens.txt
if [ -f brand.txt ]; then sources="$sources brand.txt"; fi

awk '
  /^#/ || NF < 2 { next }
  !($1 in value) { names[++count] = $1 }
  { value[$1] = $2 }
  END {
    print ":root {" > "dist/tokens.css"
    print "{" > "dist/tokens.json"
    for (i = 1; i <= count; i++) {
      name = names[i]
      printf "  --%s: %s;\n", name, value[name] > "dist/tokens.css"
      printf "  \"%s\": \"%s\"%s\n", name, value[name], i < count ? "," : "" > "dist/tokens.json"
    }
    print "}" > "dist/tokens.css"
    print "}" > "dist/tokens.json"
    printf "%d tokens\n", count
  }
' $sources
