"""The base model: where it lies, its tokenizer and its weights."""
