"""A study's results as Python programs and notebooks have them: they show themselves.

What ``sweep.run`` and ``sweep.load_results`` return. Measures, verdict and figures are made when
they are first asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sweep.results.results import Results
from sweep.util.markup import paragraph

if TYPE_CHECKING:
    from sweep.analysis.evidence import Evidence
    from sweep.analysis.measures import Measures
    from sweep.analysis.verdict import Verdict


@dataclass(frozen=True)
class StudyResults(Results):
    """Everything stored of one study, with what it comes to.

    Example:
        >>> import sweep                                            # doctest: +SKIP
        >>> results = sweep.load_results("lr-robustness")           # doctest: +SKIP
        >>> results.verdict                                         # doctest: +SKIP
        >>> results.figures.robustness                              # doctest: +SKIP
    """

    @classmethod
    def of(cls, results: Results) -> "StudyResults":
        """The same results."""
        return cls(**vars(results))

    @cached_property
    def evidence(self) -> "Evidence":
        """All that measures, verdict and figures rest on."""
        from sweep.analysis.evidence import gather

        return gather(self)

    @property
    def measures(self) -> "Measures":
        """The measures of robustness, with optimizers by their labels."""
        return self.evidence.labelled_measures

    @property
    def verdict(self) -> "Verdict":
        """What the results support, in words."""
        return self.evidence.verdict

    @property
    def figures(self) -> "Figures":
        """The report's figures, by name."""
        return Figures(self.evidence)

    def _repr_html_(self) -> str:
        """The question, the verdict and the measures, for a notebook."""
        from sweep.report.progress import progress

        name = f"{self.study.name} on {self.evidence.pictures}"
        head = paragraph(name, strong=True) + paragraph(self.study.question)
        return head + paragraph(progress(self)) + self.verdict._repr_html_()


@dataclass(frozen=True)
class Figures:
    """The figures of a study, as Plotly has them: ``figures.robustness``, ``figures.best_of_k``.

    In a notebook each shows itself in its first state; the report has all states.
    """

    _evidence: "Evidence"

    def __getattr__(self, name: str) -> Any:
        """The figure of this name, a ``plotly.graph_objects.Figure``.

        Raises:
            AttributeError: there is none; it names those there are.
        """
        from sweep.figures import FIGURES

        if name not in self:
            raise AttributeError(f"no figure {name!r}; there are {', '.join(self)}")
        return FIGURES[name.replace("_", "-")](self._evidence).first_state

    def __iter__(self) -> Iterator[str]:
        from sweep.figures import FIGURES

        return (name.replace("-", "_") for name in FIGURES)

    def __contains__(self, name: object) -> bool:
        return name in [*self]

    def __dir__(self) -> list[str]:
        return [*self]

    def _repr_html_(self) -> str:
        """Which there are."""
        return paragraph(f"Figures: {', '.join(self)}")
