"""Verifies a password as often as each line on standard input says, and prints the processor time it took, seconds."""

import sys
import time

from argon2 import PasswordHasher

PASSWORD = "correct horse battery staple"

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
stored = hasher.hash(PASSWORD)
for line in sys.stdin:
    before = time.process_time()
    for _ in range(int(line)):
        hasher.verify(stored, PASSWORD)
    print(time.process_time() - before, flush=True)
