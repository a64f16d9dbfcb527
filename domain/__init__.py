"""The shared vocabulary: typed values, codes, units and state tables. No I/O."""
