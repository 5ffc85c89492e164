"""What sinks hold: credentials and notes as text or document, and the names they stand under."""
