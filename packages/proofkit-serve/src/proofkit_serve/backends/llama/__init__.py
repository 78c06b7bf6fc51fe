"""The parts of the llama.cpp backend. Only `proofkit_serve.backends.llama_cpp` imports them, and only when asked."""
