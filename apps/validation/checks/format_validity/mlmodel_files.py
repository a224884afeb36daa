"""The MLmodel file: what it names has to be there, and to be what its flavors say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.core import strict_yaml
from apps.core.inputs import InputRefused, read_json
from apps.validation.checks.contract import Severity
from apps.validation.checks.format_validity.bounded import mapping
from apps.validation.checks.format_validity.findings import (
    SEND_ALL,
    Broken,
    Findings,
    damaged,
    too_large,
)
from apps.validation.checks.format_validity.kinds import Format
from apps.validation.checks.references import inside
from apps.validation.checks.unsafe_code.pieces import Piece

NAME = "MLmodel"
PYTHON = "python_function"
LOG_AGAIN = "Log the model again with MLflow, and register a new version."
_CONTENT = """data model_data pickled_model model_path python_model saved_model_dir model_binary
    model_dir model_file model_code_path""".split()
"""Where a flavor names what it loads."""
_MOST_FLAVORS = 100
_LOADERS = frozenset(
    f"mlflow.{name}"
    for name in """catboost diviner dspy fastai gluon h2o johnsnowlabs keras langchain lightgbm
    llama_index mleap onnx openai paddle pmdarima prophet promptflow pyfunc.model pyspark.ml pytorch
    sentence_transformers shap sklearn spacy spark statsmodels tensorflow transformers xgboost
    pyfunc.spark_model_cache pyfunc.loaders.chat_agent pyfunc.loaders.chat_model
    pyfunc.loaders.code_model pyfunc.loaders.responses_agent""".split()
)
_BY_FLAVOR: dict[str, frozenset[Format]] = {
    "onnx": frozenset({Format.ONNX}),
    "xgboost": frozenset(
        {Format.XGBOOST_JSON, Format.XGBOOST_BINARY, Format.XGBOOST_OLD, Format.PICKLE}
    ),
    "lightgbm": frozenset({Format.LIGHTGBM, Format.PICKLE}),
    "sklearn": frozenset({Format.PICKLE, Format.SKOPS, Format.PACKED}),
    "catboost": frozenset({Format.CATBOOST, Format.JSON}),
}
"""What the file a flavor loads may be."""


@dataclass(frozen=True)
class Named:
    """What an MLmodel file names as the model's content: files, or folders of them."""

    flavor: str
    path: str

    def covers(self, path: str) -> bool:
        """Say whether a file is named, by itself or by its folder."""
        return path == self.path or path.startswith(f"{self.path}/")


def read(
    piece: Piece, siblings: Mapping[str, int], findings: Findings
) -> tuple[dict[str, Any], list[Named]]:
    """Judge an MLmodel file; return what it names as content.

    Raises:
        Broken: when it is no plain YAML, or not laid out as MLflow does.
    """
    described = mapping(_yaml(piece), "The MLmodel file")
    flavors = mapping(described.get("flavors"), "The list of flavors")
    if len(flavors) > _MOST_FLAVORS:
        raise too_large("it has more flavors than are read.")
    place = piece.place
    named: list[Named] = []
    for flavor, facts in flavors.items():
        named += _flavor(flavor, mapping(facts, f"The flavor {flavor:.60}"), place)
    _require_there(place, named, siblings, findings)
    _judge_loader(place, flavors.get(PYTHON), findings)
    _judge_signature(described.get("signature"))
    helpers = [_inside(place, path) for path in _helpers(described, flavors.get(PYTHON))]
    _judge_helpers(place, helpers, siblings, findings)
    if not flavors:
        text = "It names no flavor, so nothing says how to load the model."
        findings.report("no_flavor", place, text, LOG_AGAIN, Severity.MEDIUM)
    return {"flavors": sorted(flavors)}, named


def judge_content(
    named: Named, formats: Mapping[str, Format], place: str, findings: Findings
) -> None:
    """Hold the file a flavor loads against what that flavor can load."""
    expected, found = _BY_FLAVOR.get(named.flavor), formats.get(named.path)
    if expected is None or found is None or found in expected or found is Format.BROKEN:
        return
    text = f"The flavor {named.flavor} loads {named.path!a:.200}, whose content is {found}."
    findings.report("wrong_content", place, text, LOG_AGAIN)


def _yaml(piece: Piece) -> object:
    size = piece.require_seekable()
    if size > strict_yaml.MOST_BYTES:
        raise too_large(f"it has {size:,} bytes.")
    try:
        return strict_yaml.load(piece.at(0, size).decode("utf-8"))
    except UnicodeDecodeError:
        raise Broken("not_yaml", "It is not text in UTF-8.", LOG_AGAIN) from None
    except strict_yaml.YamlRefused as refused:
        raise Broken("not_yaml", f"It is not plain YAML. {refused}", LOG_AGAIN) from None
    except (RecursionError, ValueError) as error:
        raise Broken("not_yaml", "It is not YAML that can be read.", LOG_AGAIN) from error


def _flavor(name: str, facts: Mapping[str, Any], place: str) -> Iterator[Named]:
    for key in _CONTENT:
        path = facts.get(key)
        if isinstance(path, str) and path:
            yield Named(name, _inside(place, path))
    artifacts = facts.get("artifacts")
    for described in artifacts.values() if isinstance(artifacts, dict) else ():
        path = described.get("path") if isinstance(described, dict) else None
        if isinstance(path, str) and path:
            yield Named("", _inside(place, path))


def _inside(place: str, named: str) -> str:
    path = inside(place, named)
    if path is None:
        raise damaged(f"It names {named!a:.200}, which is outside of the model's folder.")
    return path


def _require_there(
    place: str, named: list[Named], siblings: Mapping[str, int], findings: Findings
) -> None:
    for one in dict.fromkeys(named):
        if not any(map(one.covers, siblings)):
            text = f"It names {one.path!a:.200}, which is not in this version."
            findings.report("missing_reference", place, text, SEND_ALL)


def _judge_loader(place: str, facts: object, findings: Findings) -> None:
    loader = facts.get("loader_module") if isinstance(facts, dict) else None
    if loader is None or str(loader) in _LOADERS:
        return
    text = f"It is loaded by the module {loader!a:.100}, which is none of MLflow's own."
    remedy = "Make sure that whoever serves the model knows and trusts this module."
    findings.report("unknown_loader", place, text, remedy, Severity.MEDIUM)


def _judge_signature(signature: object) -> None:
    if signature is None:
        return
    sides = mapping(signature, "The signature")
    for side in ("inputs", "outputs", "params"):
        text = sides.get(side)
        if text is None:
            continue
        try:
            declared = read_json(text) if isinstance(text, str) else text
        except InputRefused as refused:
            raise Broken("unreadable_signature", f"Its {side}: {refused}", LOG_AGAIN) from None
        if declared is not None and not isinstance(declared, list):
            raise Broken("unreadable_signature", f"Its {side} are no list.", LOG_AGAIN)


def _judge_helpers(
    place: str, helpers: list[str], siblings: Mapping[str, int], findings: Findings
) -> None:
    """Look for files that help to serve a model, but are not the model."""
    for path in helpers:
        if not any(map(Named("", path).covers, siblings)):
            text = f"It names {path!a:.200}, which is not in this version."
            findings.report("missing_file", place, text, SEND_ALL, Severity.MEDIUM)


def _helpers(described: Mapping[str, Any], python: object) -> Iterator[str]:
    facts = python if isinstance(python, dict) else {}
    environment = facts.get("env")
    known = environment.values() if isinstance(environment, dict) else [environment]
    example = described.get("saved_input_example_info")
    if isinstance(example, dict):
        known = [*known, example.get("artifact_path"), example.get("serving_input_path")]
    yield from (path for path in (*known, facts.get("code")) if isinstance(path, str) and path)
