"""The pages, one module each: what an address answers with."""
