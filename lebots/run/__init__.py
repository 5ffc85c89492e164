"""One run: its inputs, approval, executor, proof and receipt; imports all but the cli."""
