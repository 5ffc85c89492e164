"""What lebots writes for machines and reads again: plan and receipt, with their schemas."""
