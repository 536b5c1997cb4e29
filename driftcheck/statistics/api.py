"""The ORES service as a source of statistics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from driftcheck.core.model import Hole, InputError
from driftcheck.statistics import answers as wire
from driftcheck.statistics.http import Client, FetchError, base_url
from driftcheck.statistics.solve import Answers, Question, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftcheck.statistics.answers import Entry, Request
    from driftcheck.statistics.formula import Formula
    from driftcheck.statistics.solve import Answer


class StatisticsService:
    """Asks the service, each question once."""

    def __init__(self, named: str, client: Client) -> None:
        self._base = base_url(named)
        self._client = client
        self._known: dict[Question, Answer] = {}
        self._holes: dict[Question, Hole] = {}
        self.entries: dict[tuple[str, str, str], dict[Formula, Entry]] = {}
        """What the service said, as it said it."""

    def identity(self) -> None:
        """A service may answer otherwise tomorrow."""

    def answer(self, questions: Iterable[Question]) -> Answers:
        """The answers to all of these; what the service did not answer is a hole."""
        asked = list(dict.fromkeys(questions))
        new = [question for question in asked if question not in self._known]
        requests = list(wire.requests(new, self._base))
        for request, body in zip(requests, self._client.fetch([r.url(self._base) for r in requests]), strict=True):
            self._take(request, body)
        for group in dict.fromkeys(question[:3] for question in new):
            self._known |= wire.answers(*group, self.entries.get(group, {}))
        for question in new:
            if question not in self._known:
                self._miss(question, "the answer does not have the model")
        holes = tuple(dict.fromkeys(hole for question in asked if (hole := self._holes.get(question))))
        return Answers({question: self._known[question] for question in asked}, holes)

    def snapshots(self) -> dict[str, str]:
        """What was answered, by wiki, with the formulas that were asked: what statistics.tables reads."""
        out: dict[str, dict[str, Any]] = {}
        for (wiki, model, outcome), entries in self.entries.items():
            saved = out.setdefault(wiki, {"version": 1, "asked": {}, "answers": {wiki: {"models": {}}}})
            asked = saved["asked"].setdefault(wiki, {}).setdefault(model, {})
            asked[outcome] = [str(formula) for formula in entries]
            models = saved["answers"][wiki]["models"]
            statistics = models.setdefault(model, {"statistics": {"thresholds": {}}})["statistics"]
            statistics["thresholds"][outcome] = list(entries.values())
        # A wiki's name comes from the configuration: it must not lead out of the folder.
        return {quote(wiki, safe=""): json.dumps(saved, indent=1) + "\n" for wiki, saved in out.items()}

    def _take(self, request: Request, body: bytes | FetchError) -> None:
        try:
            if isinstance(body, FetchError):
                raise InputError(str(body))
            found = wire.lists(_decoded(body), request.wiki, "the answer")
        except InputError as error:
            for model in request.models:
                self._all(request, model, str(error))
            return
        for model in request.models:
            if model not in found:
                continue
            try:
                for outcome in dict.fromkeys(outcome for outcome, _ in request.asked):
                    self._list(request, model, outcome, found[model].get(outcome))
            except InputError as error:
                self._all(request, model, str(error))

    def _list(self, request: Request, model: str, outcome: str, answer: object) -> None:
        asked = [formula for o, formula in request.asked if o == outcome]
        entries = wire.entries(answer, f"{model}.{outcome}")
        if len(entries) != len(asked):
            raise InputError(f"{model}.{outcome}: {len(entries)} answers to {len(asked)} formulas")
        self.entries.setdefault((request.wiki, model, outcome), {}).update(zip(asked, entries, strict=True))

    def _all(self, request: Request, model: str, reason: str) -> None:
        for outcome, formula in request.asked:
            self._miss(Question(request.wiki, model, outcome, formula), reason)

    def _miss(self, question: Question, reason: str) -> None:
        self._known[question] = Unchecked(reason)
        self._holes[question] = Hole(f"{self._base}: {question.wiki}: {reason}", None)


def _decoded(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("the answer is not JSON") from None
