"$TOOLS/tool" > made
