import os
import shutil

shutil.rmtree("made")
os.mkdir("made")
for name in ["one", "two"]:
    shutil.copyfile("source", f"made/{name}")
