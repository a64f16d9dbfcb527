"""TimescaleDB remembers: migrations, SQL, one module per table family."""
