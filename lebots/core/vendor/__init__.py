"""The vendor's JSON to manifest words and back: codec, references, normal form, seals."""
