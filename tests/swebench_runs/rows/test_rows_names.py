"""What users call data sets, and the ids that this means on the hub."""

import pytest

from swebench_runs.errors import UsageError
from swebench_runs.rows.names import DATASETS, dataset, is_short


@pytest.mark.parametrize(
    "text, name, expected",
    [
        ("lite", "lite", "SWE-bench/SWE-bench_Lite"),
        ("LITE", "lite", "SWE-bench/SWE-bench_Lite"),
        ("swe-bench_lite", "lite", "SWE-bench/SWE-bench_Lite"),
        ("swebench_lite", "lite", "SWE-bench/SWE-bench_Lite"),
        ("SWE-bench/SWE-bench_Lite", "lite", "SWE-bench/SWE-bench_Lite"),
        ("princeton-nlp/SWE-Bench_Lite", "lite", "princeton-nlp/SWE-bench_Lite"),
        ("swe-bench", "full", "SWE-bench/SWE-bench"),
        ("princeton-nlp/SWE-bench", "full", "princeton-nlp/SWE-bench"),
        ("verified", "verified", "SWE-bench/SWE-bench_Verified"),
        ("mini", "verified-mini", "MariusHobbhahn/swe-bench-verified-mini"),
        ("MariusHobbhahn/swe-bench-verified-mini", "verified-mini", "MariusHobbhahn/swe-bench-verified-mini"),
        ("swe-bench-m", "multimodal", "SWE-bench/SWE-bench_Multimodal"),
        ("swe-bench/SWE-Bench_Multilingual", "multilingual", "SWE-bench/SWE-bench_Multilingual"),
        ("swesmith", "smith", "SWE-bench/SWE-smith"),
        ("swe_rebench", "rebench", "nebius/SWE-rebench"),
        ("SWE-bench-Live/SWE-bench-Live", "live", "SWE-bench-Live/SWE-bench-Live"),
        ("gym", "gym", "SWE-Gym/SWE-Gym"),
        ("somebody/their-rows", "somebody/their-rows", "somebody/their-rows"),
    ],
)
def test_what_users_call_them(text, name, expected):
    found = dataset(text)
    assert (found.name, found.id, found.revision) == (name, expected, None)
    assert dataset(f"{text}@v1.0").revision == "v1.0"
    assert is_short(text) is ("/" not in text)


def test_no_name_means_two_data_sets():
    for short, known in DATASETS.items():
        assert dataset(short).id == known[0]
        assert [dataset(text).name for text in known] == [short] * len(known)


@pytest.mark.parametrize(
    "text, said",
    [
        ("verifed", "did you mean verified?"),
        ("elsewhere", "use starter, lite, verified"),
        ("lite@", "after the @"),
        ("lite@../../x", "after the @"),
        ("lite@-x", "after the @"),
        ("../x", "no such file or folder"),
        ("a/b/c", "use starter, lite, verified"),
        ("", "use starter, lite, verified"),
    ],
)
def test_what_is_no_name(text, said):
    with pytest.raises(UsageError, match=said):
        dataset(text)
