"""ProofKit as a Hugging Face Space: our own pages, started by Gradio, with ZeroGPU behind Gradio's queue."""
