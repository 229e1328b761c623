"""Pictures: found, downloaded or drawn, checked and split."""
