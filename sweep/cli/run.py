"""``sweep run``: train what is missing of a study or a collection, then show the answer."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sweep.cli.options import (
    AddressOption,
    AxisOption,
    BudgetOption,
    ClassesOption,
    CpusOption,
    DataOption,
    EpochsOption,
    ExecutorOption,
    FlipsOption,
    GpusOption,
    GradientsOption,
    GradientStepsOption,
    JsonOption,
    MarginOption,
    MaxSeedsOption,
    MemoryOption,
    NameOption,
    OptimizersOption,
    OrientationOption,
    PicturesOption,
    PrecisionOption,
    QuietOption,
    RatesOption,
    RefineOption,
    RetriesOption,
    RoundingOption,
    SeedsOption,
    SetOption,
    SplitOption,
    StoreOption,
    StudyArgument,
    TwinsOption,
    UntilDecidedOption,
    WaitOption,
    WeightsOption,
    WorkersOption,
)
from sweep.cli.texts import bytes_of, changes_of, cluster_of
from sweep.cli.value_texts import gradients_of
from sweep.settings import from_environment

if TYPE_CHECKING:
    from sweep.runner import RunOutcome
    from sweep.study.study import Study


def run(
    study: StudyArgument,
    data: DataOption = None,
    weights: WeightsOption = None,
    name: NameOption = None,
    optimizers: OptimizersOption = None,
    axis: AxisOption = None,
    set_: SetOption = None,
    learning_rates: RatesOption = None,
    seeds: SeedsOption = None,
    until_decided: UntilDecidedOption = False,
    margin: MarginOption = None,
    max_seeds: MaxSeedsOption = None,
    refine: RefineOption = None,
    budget: BudgetOption = None,
    epochs: EpochsOption = None,
    pictures: PicturesOption = None,
    classes: ClassesOption = None,
    split: SplitOption = None,
    twins: TwinsOption = None,
    orientation: OrientationOption = None,
    flips: FlipsOption = None,
    precision: PrecisionOption = None,
    gradients: GradientsOption = None,
    gradient_steps: GradientStepsOption = None,
    store: StoreOption = None,
    memory_limit: MemoryOption = None,
    executor: ExecutorOption = "local",
    address: AddressOption = None,
    gpus_per_cohort: GpusOption = None,
    cpus_per_cohort: CpusOption = None,
    retries: RetriesOption = 0,
    measure_rounding: RoundingOption = 0,
    workers: WorkersOption = None,
    wait: WaitOption = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Train what is missing of a study; then show the verdict, and where the report is.

    An interrupted run continues where it was; a run that is complete trains nothing.

    Example: sweep run lr-robustness

    Example: sweep run lr-robustness --data PetImages.zip --weights vgg16_notop.weights.h5

    Example: sweep run studies/mine.py --seeds 3 --learning-rates 0.001:1:10

    Example: sweep run lr-robustness --axis batch_size=16:512:6 --set learning_rate=0.003 --name b

    Example: sweep run lr-robustness --until-decided --margin 1 --max-seeds 60 --budget 30min

    Example: sweep run lr-robustness --refine 0.05 --budget 2h

    Example: sweep run lr-robustness-full --executor ray --address auto --gpus-per-cohort 0.5

    Example: sweep run paper    # a collection: its studies, one after the other
    """
    from sweep import runner
    from sweep.cli.account import show_warnings
    from sweep.cli.answer import show_run
    from sweep.cli.collection import (
        check_asked,
        check_figures,
        of_study,
        refuse_own,
        run_collection,
    )
    from sweep.cli.progress import RunDisplay
    from sweep.cli.until import asked_of, seconds_of
    from sweep.planning.listener import SilentListener
    from sweep.report.writing import file_name, write_report
    from sweep.run_options import RunOptions
    from sweep.store.asked import asked_study
    from sweep.study.catalog import find_collection
    from sweep.tasks.task import Places

    changes = changes_of(
        name=name,
        optimizers=optimizers,
        learning_rates=learning_rates,
        seeds=seeds,
        epochs=epochs,
        pictures=pictures,
        classes=classes,
        split=split,
        twins=twins,
        orientation=orientation,
        flips=flips,
        precision=precision,
        gradients=gradients_of(gradient_steps, are_wanted=gradients),
        axes=axis,
        base=set_,
    )
    limit = bytes_of(memory_limit)
    cluster = cluster_of(executor, address, gpus_per_cohort, cpus_per_cohort)
    settings = from_environment(store)
    budget_seconds = None if budget is None else seconds_of(budget)
    places = Places(data, weights, settings.cache)
    collection = find_collection(study)

    def ask(target: str) -> tuple["Study", Places, RunOptions]:
        """What is asked of a study, and how it is to be run."""
        own = of_study(target, changes, places) if collection else (changes, places)
        asked = asked_study(target, own[0], settings)
        until = asked_of(until_decided, margin=margin, max_seeds=max_seeds, metric=asked.metric)
        options = RunOptions(
            memory_limit_bytes=limit,
            retries=retries,
            wait=wait,
            cluster=cluster,
            until_decided=until,
            refine=refine,
            measure_rounding=measure_rounding,
            workers=workers,
        )
        options.check(asked)
        return asked, own[1], options

    def run_one(target: str, seconds: float | None) -> tuple["RunOutcome", Path]:
        """Run a study, in so many seconds, and write its report."""
        asked, its_places, options = ask(target)
        display = None if quiet or json else RunDisplay()
        with display or nullcontext():
            outcome = runner.run(
                asked,
                its_places,
                settings,
                display or SilentListener(show_warnings),
                options=replace(options, budget_seconds=seconds),
            )
        return outcome, write_report(outcome.page, settings.reports / file_name(outcome.results))

    if collection:
        of_one = {"--name": name, "--optimizers": optimizers, "--learning-rates": learning_rates}
        refuse_own(collection, of_one | {"--axis": axis, "--set": set_})
        check_figures(collection)
        check_asked(collection, ask)
        status = run_collection(collection, run_one, settings, budget_seconds, as_json=json)
    else:
        outcome, report = run_one(study, budget_seconds)
        show_run(outcome, report, as_json=json, budget_seconds=budget_seconds)
        status = 1 if outcome.has_failures else 0
    if status:
        raise typer.Exit(status)
