# Adds to what is there already.
cat source >> gathered
