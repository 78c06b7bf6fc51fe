from proofkit_serve.backends.llama.pace import LONGEST_PAUSE, SHORTEST_PAUSE, Pace

USUAL_S, STALL_S = 0.01, 0.4


def _until_all(pace: Pace) -> int:
    count = 0
    while pace.threads < 4:
        pace.note(1, USUAL_S)
        count += 1
    return count


def test_even_decoding_keeps_all_threads() -> None:
    pace = Pace(4)
    for turn in range(200):
        pace.note(1, USUAL_S * (1 + turn % 3))
    assert pace.threads == 4


def test_a_stall_halves_the_threads_for_a_while() -> None:
    pace = Pace(4)
    pace.note(1, USUAL_S)
    pace.note(1, STALL_S)
    assert pace.threads == 2
    assert _until_all(pace) == SHORTEST_PAUSE


def test_stalls_that_come_back_make_the_pause_longer_up_to_a_limit() -> None:
    pace = Pace(4)
    pace.note(1, USUAL_S)
    pauses: list[int] = []
    for _ in range(7):
        pace.note(1, STALL_S)
        pauses.append(_until_all(pace))
    assert pauses == [32, 64, 128, 256, 512, 512, LONGEST_PAUSE]


def test_a_calm_while_makes_the_next_pause_short_again() -> None:
    pace = Pace(4)
    pace.note(1, USUAL_S)
    for _ in range(3):
        pace.note(1, STALL_S)
        _until_all(pace)
    for _ in range(SHORTEST_PAUSE):
        pace.note(1, USUAL_S)
    pace.note(1, STALL_S)
    assert _until_all(pace) == SHORTEST_PAUSE


def test_a_long_prompt_chunk_is_no_stall_of_a_short_one() -> None:
    pace = Pace(2)
    pace.note(1, USUAL_S)
    pace.note(16, STALL_S)
    assert pace.threads == 2


def test_one_thread_stays_one() -> None:
    pace = Pace(1)
    pace.note(1, USUAL_S)
    pace.note(1, STALL_S)
    assert pace.threads == 1
