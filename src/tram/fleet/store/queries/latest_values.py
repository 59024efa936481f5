"""Newest values, from the arrays: of one device, or of everything in scope as columns."""

import numpy as np
import pyarrow as pa

from tram.fleet.store.queries.handlers import Lane, QueryContext, answers
from tram.fleet.store.queries.questions import Asker, LatestColumns, LatestValues
from tram.fleet.store.views import LatestValue

__all__ = ("latest_columns", "latest_values")


@answers(LatestValues, Lane.MEMORY)
def latest_values(
    question: LatestValues, asker: Asker, context: QueryContext
) -> list[LatestValue]:
    """Return the newest value of each metric whose reading may be read, by metric."""
    latest, now_ms = context.latest, context.clock.now_ms()
    views = []
    for series in latest.series_of.get(question.device, ()):
        orgs = context.dimensions.readable_orgs(
            asker.scopes, question.device, latest.metric[series], now_ms
        )
        if latest.has_value(series) and latest.numbers["org_id"][series] in orgs:
            views.append(latest.view(series))
    return sorted(views, key=lambda view: view.metric)


@answers(LatestColumns)
def latest_columns(question: LatestColumns, asker: Asker, context: QueryContext) -> pa.Table:
    """Return the newest value of every series that may be read, or of some metrics, as columns."""
    latest, count = context.latest, context.latest.count
    numbers = {name: column[:count] for name, column in latest.numbers.items()}
    rows = numbers | {"word": latest.metric_ids[:count]}
    mask = context.dimensions.readable(asker.scopes, rows, latest.words, context.clock.now_ms())
    mask &= latest.has_values(count)
    if question.metrics:
        wanted = [place for place, word in enumerate(latest.words) if word in question.metrics]
        mask &= np.isin(latest.metric_ids[:count], wanted)
    chosen = np.flatnonzero(mask)
    columns = {name: pa.array(column[chosen]) for name, column in numbers.items()}
    words = pa.DictionaryArray.from_arrays(
        pa.array(latest.metric_ids[chosen].astype(np.int32)), pa.array(latest.words, pa.utf8())
    )
    texts: list[str | None] = [None] * len(chosen)
    if latest.text:
        texts = [latest.text.get(number) for number in chosen.tolist()]
    return pa.table({"metric": words, **columns, "s": pa.array(texts, pa.utf8())})
