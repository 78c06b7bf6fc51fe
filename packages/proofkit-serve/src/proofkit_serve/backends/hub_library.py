"""The library of the Hugging Face hub, kept to the calls that it is told to make."""


def without_telemetry() -> None:
    """Turn off what the library would tell about itself, before any call of it.

    Left on, its first call asks the hub for a list of programs and looks in the environment for the one that runs it:
    for up to three seconds, and also where the model that was asked for is on a server of the operator's own. The list
    is kept in the user's cache, and an answer that is no such list breaks every later call for a day.

    Raises:
        ImportError: The library is not installed.
    """
    from huggingface_hub import constants  # noqa: PLC0415 - an extra, and slow to import

    # The library offers a variable of the environment, which would also reach whatever this process starts.
    constants.HF_HUB_DISABLE_TELEMETRY = True
