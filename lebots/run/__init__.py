"""One run: its inputs, the approval, the executor, the proof, the receipt; imports all but the cli."""
