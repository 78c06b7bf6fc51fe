"""The student on Ray Serve LLM: `serve run ray_llm:app`, beside a cluster that is there already."""  # noqa: INP001 - a file for another program

from ray.serve.llm import LLMConfig, build_openai_app

student = LLMConfig(
    model_loading_config={"model_id": "proofkit-student", "model_source": "/models/proofkit-student"},
    engine_kwargs={"max_model_len": 4096, "generation_config": "vllm"},
    deployment_config={"autoscaling_config": {"min_replicas": 1, "max_replicas": 8}},
    accelerator_type="L4",
)

app = build_openai_app({"llm_configs": [student]})
