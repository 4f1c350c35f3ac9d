"""TuneTrace's wiring. Every process imports this package before anything else."""

import gc

# By default Python looks for cycles of garbage after every 700 new objects. A start makes half a
# million that stay, and a page some thousand, next to none of which only the collector finds:
# looking so often took a tenth of the processor time.
gc.set_threshold(10_000)
