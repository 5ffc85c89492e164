"""What a run was approved for by digest and age, and the change of manifests that stands for."""
