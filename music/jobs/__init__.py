"""Work that goes on by itself: rows of our tables say what there is to do, a queue only wakes."""
