"""Fine-tunes the mood body of the network on labelled photos, with PyTorch."""
