# Neither vt learns of the other from its environment.
env -i $INNER "$VT" run -r build
