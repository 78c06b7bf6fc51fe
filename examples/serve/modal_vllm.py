"""The student on Modal, gone when nobody asks: `modal deploy modal_vllm.py`."""  # noqa: INP001 - a file for another program

import subprocess

import modal  # noqa: TID253 - this is what the file is for

PORT = 8000

app = modal.App("proofkit-student")
weights = modal.Volume.from_name("proofkit-student")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("vllm")


@app.function(
    image=image,
    gpu="L4",
    volumes={"/weights": weights},
    secrets=[modal.Secret.from_name("proofkit-vllm")],  # VLLM_API_KEY
    min_containers=0,  # 1 keeps one ready, and costs all day
    scaledown_window=600,
)
@modal.concurrent(max_inputs=64)
@modal.web_server(port=PORT, startup_timeout=900)
def serve() -> None:
    """Start vLLM and leave it running."""
    command = ["vllm", "serve", "/weights/proofkit-student", "--served-model-name", "proofkit-student"]
    subprocess.Popen([*command, "--max-model-len", "4096", "--generation-config", "vllm", "--port", str(PORT)])  # noqa: S603 - fixed words
