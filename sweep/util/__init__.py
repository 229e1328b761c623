"""What every package may use: files, paths, hashes, interruptions, progress."""
