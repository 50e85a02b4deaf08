import os
from client import Runner

runner = Runner()
print(runner.ask(call="getEnv", name="A").get("value"))
print(runner.ask(call="getEnvs", glob="X_*").get("values"))
for call in ("ignoreInput", "ignoreOutput"):
    # A name that is no text travels, too.
    runner.ask(call=call, path=os.path.abspath(os.fsdecode(b"state/\xff")))
with open(b"state/\xff", "r+b") as state:
    state.write(os.urandom(4))
