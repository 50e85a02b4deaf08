import os

print(sum(os.path.exists(f"sought-{number}") for number in range(200_000)))
