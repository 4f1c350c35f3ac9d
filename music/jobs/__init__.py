"""Background jobs: rows of our tables say what there is to do, a queue only wakes workers."""
