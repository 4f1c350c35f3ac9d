"""What the processes of one machine share through ``STATE_DIR``: locks, a leader, memory, counts.

Breakers, which each process has of its own, are here for their counts. What a shared file means is
known by the package that asks for it.
"""
