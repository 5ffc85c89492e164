"""The pure core: values in, a plan out; no I/O, clock, randomness, environment or logging."""
