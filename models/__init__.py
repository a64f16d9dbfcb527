"""The detector itself: its data manifest, training, export, evaluation, weights and model card."""
