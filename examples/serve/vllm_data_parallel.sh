#!/bin/sh
# One vLLM server with a whole copy of the model on each of four GPUs, and a balancer of its own.
# VLLM_API_KEY holds the key that callers must send.
exec vllm serve ./proofkit-student \
  --served-model-name proofkit-student \
  --data-parallel-size 4 \
  --api-server-count 2 \
  --max-model-len 4096 \
  --generation-config vllm \
  --port 8000
