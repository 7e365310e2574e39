"""A containment plan against AWS's own descriptions of its API, and against the AWS CLI.

`containment.json` beside this file is the plan of an attack that made one of every call; the crate's
tests say that it is what trailq plans. Nothing is sent anywhere.
"""

import json
import os
import pathlib
import shlex

import awscli.clidriver
import botocore.session
import botocore.validate
import jsonschema
import pytest

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = HERE.parents[1] / "docs/schemas/containment.v1.schema.json"
PLAN = json.loads(pathlib.Path(os.environ.get("CONTAINMENT", HERE / "containment.json")).read_text())
CALLS = [call for step in PLAN["steps"] for call in (step["call"], step["undo"]) if call]


def filled_in(value):
    """The parameters with something where a person has to fill in, long enough for any of them."""
    if isinstance(value, dict):
        return {key: filled_in(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_in(item) for item in value]
    if isinstance(value, str) and value.startswith("<fill in: "):
        return value.ljust(1000, ".")
    return value


def name(call):
    return f"{call['service']}:{call['operation']}"


def test_schema():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(PLAN)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**PLAN, "more": 1})


def test_steps_are_numbered_and_credentials_name_them():
    assert [step["number"] for step in PLAN["steps"]] == list(range(1, len(PLAN["steps"]) + 1))
    cut_by = {number for credential in PLAN["credentials"] for number in credential["cut_by"]}
    assert cut_by and cut_by <= {step["number"] for step in PLAN["steps"]}


@pytest.fixture(scope="module")
def api():
    return botocore.session.get_session()


@pytest.mark.parametrize("call", CALLS, ids=name)
def test_call_is_one_of_the_api(call, api):
    model = api.get_service_model(call["service"]).operation_model(call["operation"])
    parameters = filled_in(call["parameters"])
    if model.input_shape is None:
        assert parameters == {}
        return
    report = botocore.validate.ParamValidator().validate(parameters, model.input_shape)
    assert not report.has_errors(), report.generate_report()


class Captured(Exception):
    """Raised in place of the call."""


@pytest.fixture(scope="module")
def command_line():
    """Runs a line of the AWS CLI up to the call that it would make."""
    with pytest.MonkeyPatch.context() as environment:
        # The CLI keeps the place of its own data in the environment.
        for variable in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_DATA_PATH"]:
            environment.delenv(variable)
        environment.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        driver = awscli.clidriver.create_clidriver()
        seen = []

        def capture(params, model, context, **_):
            seen.append((model.service_model.service_name, model.name, params, context["client_region"]))
            raise Captured

        driver.session.register("provide-client-params.*.*", capture)

        def run(line):
            program, *words = shlex.split(line)
            assert program == "aws"
            seen.clear()
            assert driver.main(words) != 0
            assert len(seen) == 1, line
            return seen[0]

        yield run


@pytest.mark.parametrize("step", PLAN["steps"], ids=lambda step: f"{step['number']}-{name(step['call'])}")
def test_line_makes_the_call(step, command_line):
    for call in filter(None, (step["call"], step["undo"])):
        service, operation, parameters, region = command_line(call["cli"])
        assert (service, operation, parameters) == (call["service"], call["operation"], call["parameters"])
        assert step["region"] is None or region == step["region"]
