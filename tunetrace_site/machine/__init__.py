"""State that the processes of a machine share in ``STATE_DIR``: locks, a leader, memory, counts.

Breakers, which each process has for itself, are here because of their counts. The meaning of a
shared file belongs to the package that maps it.
"""
