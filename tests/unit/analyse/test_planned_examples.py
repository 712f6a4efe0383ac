"""Every block of the page on planning analyses loads, reads back in words, and runs."""

import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import yaml

from euexia import analyse, endpoints, protocol
from euexia.protocol.analysis_plan import Method
from euexia.study.simulated import simulate

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "plan-an-analysis.md"
BASE = (files("euexia") / "data" / "protocols" / "lenalidomide.yaml").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
OLD = {
    Method.EXACT_BINOMIAL,
    Method.FISHER,
    Method.BOSCHLOO,
    Method.MEAN_DIFFERENCE,
    Method.EVENT_RATE,
    Method.CATEGORY_TABLE,
}
"""Methods that the shipped protocol or its draft show."""


def with_block(block):
    """Return the shipped protocol with a block pasted into its sections."""
    whole = yaml.load(BASE, Loader=yaml.BaseLoader)
    for section, entries in yaml.load(block, Loader=yaml.BaseLoader).items():
        whole[section] = {**whole.get(section, {}), **entries}
    return protocol.loads(yaml.safe_dump(whole, sort_keys=False), "mine.yaml")


@pytest.fixture(scope="module")
def data():
    return simulate(with_block("{}"), trials=1, seed=4)


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split(":")[1].split()[0])
def test_a_block_loads_reads_and_runs(block, data):
    planned = with_block(block)
    assert protocol.words(planned)
    wanted = set((yaml.load(block, Loader=yaml.BaseLoader)).get("analyses", {}))
    results = {result.analysis: result for result in analyse.run(endpoints.derive(data, planned), planned)}
    for name in wanted:
        assert results[name].diagnosis == ("",), name
        assert np.isfinite(results[name].estimate).all()


def test_the_page_shows_every_method():
    shown = set(re.findall(r"method: (\w+)", "".join(BLOCKS)))
    assert shown >= {method.value for method in Method if method not in OLD}
