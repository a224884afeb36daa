"""What happened to the demo's models, so that inbox, production and record are full and true."""

from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.demo import (
    evidence,
    judged,
    letters,
    papers,
    policy,
    records,
    rounds,
    serving,
    surroundings,
    troubles,
)
from apps.console.demo.judging import Judging
from apps.console.demo.people import VALIDATOR
from apps.console.demo.surroundings import Samples
from apps.console.demo.training import TrainedModel
from apps.console.demo.walk import Walk


def tell(walk: Walk, trained: tuple[TrainedModel, ...]) -> None:
    """Register every trained model and walk its versions to where the story leaves them."""
    policy.put_in_force(walk)
    by_name = {model.name: model for model in trained}
    samples = Samples(walk, by_name["tumor-triage"].versions[0])
    current = _tumor_triage(walk, by_name["tumor-triage"], samples)
    fallback = _tumor_checklist(walk, by_name["tumor-checklist"], samples)
    surroundings.worklist(walk, current, fallback)
    estimate = _diabetes_progression(walk, by_name["diabetes-progression"])
    _visit_letter(walk, estimate)
    _digit_reader(walk, by_name["digit-reader"])
    _wine_grade(walk, by_name["wine-grade"])
    _iris_kind(walk, by_name["iris-kind"])
    serving.set_up(walk)
    _judge(walk)


def _judge(walk: Walk) -> None:
    """What is judged once models are there: tiers, classes, findings, and what comes round."""
    judging = Judging(walk)
    diabetes, digits, letter, triage, wine = (
        RegisteredModel.objects.get(name=name)
        for name in (
            "diabetes-progression",
            "digit-reader",
            "visit-letter",
            "tumor-triage",
            "wine-grade",
        )
    )
    troubles.other_units(judging, wine)
    judged.wine_grade(judging, wine)
    judged.diabetes_progression(judging, diabetes)
    troubles.elderly(judging, diabetes)
    judged.digit_reader(judging, digits)
    troubles.slow_reader(judging, digits.versions.get(number=1))
    judged.visit_letter(judging, letter)
    judged.instalment_plan_score(judging)
    rounds.reviews(judging, triage, wine)
    rounds.campaign(judging, right=(diabetes, triage), wrong=wine)
    walk.say("Judged models: assessments, tiers, findings, incidents, reviews, attestations.")


def _tumor_triage(walk: Walk, trained: TrainedModel, samples: Samples) -> ModelVersion:
    """Two versions served; a third waits for its last signature. The second one serves."""
    model = walk.register(
        trained,
        "Puts waiting samples of breast masses in order, likely malignant ones first.",
        specialty="pathology",
        readers="pathologists",
    )
    first, second = (walk.add_version(model, version) for version in trained.versions[:2])
    third = walk.add_version(model, trained.versions[2], base=second)
    samples.made(first, second, third)
    walk.tag(third, "runtime", "onnx")
    records.fill(walk, model, second)
    walk.to_staging(first, "First candidate with ten measurements.")
    walk.to_production(
        first,
        "First release: second reader for biopsy measurements.",
        "Reproduced on the holdout set. Interval is narrow enough for a second reader.",
        "Use is limited to a second reading; a clinician decides.",
    )
    walk.to_staging(second, "All thirty measurements instead of ten.")
    walk.to_production(
        second,
        "Thirty measurements raise the area under the curve on the same holdout.",
        "Challenger comparison reproduced; better on every slice with enough cases.",
        "Risk unchanged, benefit shown. Approved.",
    )
    walk.to_staging(third, "The same model exported to ONNX for the new serving platform.")
    judging = Judging(walk)
    judged.tumor_triage(judging, model)
    papers.write(walk, second, third)
    evidence.give(walk, second)
    evidence.watch(walk, second)
    troubles.stain(judging, second)
    troubles.reversed_worklist(judging, second)
    walk.name(third, "challenger")
    request = walk.ask(
        third, Stage.PRODUCTION, "Serving moves to ONNX; predictions are the same to rounding."
    )
    walk.answer_warnings(
        request,
        "What its tier asks for is written for version 2, which predicts the same. The papers of "
        "version 3 follow by the revalidation that is planned.",
    )
    walk.sign(
        request,
        VALIDATOR,
        "validator",
        "Predictions equal version 2 on the holdout within rounding. No new risk found.",
    )
    return second


def _tumor_checklist(walk: Walk, trained: TrainedModel, samples: Samples) -> ModelVersion:
    """Recorded run by run, as a notebook does; the second version is frozen for examination."""
    model = walk.register(
        trained,
        "A few questions on paper, for the days when the worklist cannot be reached.",
        specialty="pathology",
    )
    within = walk.experiment("breast masses on paper")
    first, second = (
        walk.add_version(model, version, within=within) for version in trained.versions
    )
    samples.built(first, second)
    walk.to_staging(second, "Three questions fit on a card and miss fewer malignant samples.")
    return second


def _visit_letter(walk: Walk, estimate: ModelVersion) -> None:
    """A prompt of two texts, the newer one still a draft."""
    text = letters.write(walk)
    surroundings.language_model(walk, text, estimate)
    walk.name(text, "draft")


def _diabetes_progression(walk: Walk, trained: TrainedModel) -> ModelVersion:
    """A larger model is declined, since it is no better. The baseline serves on."""
    model = walk.register(
        trained,
        "Estimates how far diabetes will have advanced in a year, to plan visits.",
        specialty="diabetology",
        readers="nurses",
    )
    first, second, third = (walk.add_version(model, version) for version in trained.versions)
    walk.to_staging(first, "Baseline with a known, simple method.")
    walk.to_production(
        first,
        "Baseline for planning follow-up visits.",
        "Coefficients reproduced; residuals show no pattern by sex or age band.",
        "Low stakes, reviewed by a nurse. Approved.",
    )
    walk.to_staging(second, "Random forest as challenger.")
    request = walk.ask(second, Stage.PRODUCTION, "Replace the baseline with a random forest.")
    walk.decline(
        request,
        VALIDATOR,
        "validator",
        "The error on the same holdout is larger than the baseline's. More complexity, no gain.",
    )
    walk.to_staging(third, "Boosted trees as second challenger.")
    walk.name(third, "challenger")
    return first


def _digit_reader(walk: Walk, trained: TrainedModel) -> None:
    """A better version waits for both signatures."""
    model = walk.register(
        trained,
        "Reads handwritten digits of the amount field on internal paper forms.",
        readers="clerks",
    )
    first, second = (walk.add_version(model, version) for version in trained.versions)
    walk.to_staging(first, "Small neural network, exported to ONNX.")
    walk.to_production(
        first,
        "Reads digits on internal forms; unreadable ones go to a person.",
        "Accuracy by digit reproduced. Eights are weakest and said so in the card.",
        "Errors are caught by the form's check digit. Approved.",
    )
    walk.to_staging(second, "Support vector machine with fewer errors on every digit.")
    walk.ask(second, Stage.PRODUCTION, "Halves the errors that people correct by hand today.")


def _wine_grade(walk: Walk, trained: TrainedModel) -> None:
    """A release that had to be taken back."""
    model = walk.register(
        trained, "Sorts wine deliveries by cultivar, from thirteen values.", readers="cellar"
    )
    first, second = (walk.add_version(model, version) for version in trained.versions)
    walk.to_staging(first, "Forest on thirteen laboratory values.")
    walk.to_production(
        first,
        "Sorts samples for the tasting panel.",
        "Reproduced on the holdout set. Small data, wide interval, said so.",
        "No effect on people. Approved.",
    )
    walk.to_staging(second, "Simpler model of the same quality.")
    walk.to_production(
        second,
        "Same quality from a model that can be explained on one page.",
        "Reproduced. Interval overlaps the present version's.",
        "Simpler is better here. Approved.",
    )
    walk.roll_back(
        model,
        "The laboratory reports two values in other units since Monday; version 1 is less hurt.",
    )


def _iris_kind(walk: Walk, trained: TrainedModel) -> None:
    """A version that could run code when loaded does not get past its checks."""
    model = walk.register(
        trained, "Teaching example: tells three kinds of iris apart.", purpose="teaching"
    )
    first, second = (walk.add_version(model, version) for version in trained.versions)
    walk.to_staging(first, "Teaching example, frozen for the next course.")
    walk.ask(second, Stage.STAGING, "Slightly better accuracy, saved straight from the notebook.")
