"""``tram report letter`` and ``tram check`` as one types them."""

import json
from pathlib import Path

import pytest

from tests.report.july import July
from tram.app.commands import app
from tram.app.report_commands import check, report

__all__ = ("check", "report")


def run(*words: object) -> None:
    """Run a command as the shell does; the command line ends with exit code 0."""
    from tram.app import cli

    assert cli.app is app
    with pytest.raises(SystemExit) as ended:
        app([str(word) for word in words])
    assert ended.value.code in {0, None}


def test_letter_is_written_twice_with_the_same_bytes(july: July, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    for _ in range(2):
        run("report", "letter", "--as-of", "2025-07-30", "--out", out, "--data", data)

        assert (out / "cong-van-5g-iot-2025-07-30.docx").read_bytes() == july.files.docx
        assert (out / "cong-van-5g-iot-2025-07-30.pdf").read_bytes() == july.files.pdf


def test_check_lists_every_rule_with_its_remedy(
    july: July, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("check", "--as-of", "2025-07-30", "--data", tmp_path)

    said = capsys.readouterr().out
    for finding in july.findings.values():
        assert f"{finding.code} {finding.severity}" in said
        assert finding.sentence_vi in said
        assert (finding.remedy_vi in said) or finding.holds


def test_check_of_the_original_speaks_english_and_json(
    july: July, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("check", "--original", "--language", "en", "--data", tmp_path)
    assert july.printed["C08"].sentence_en in capsys.readouterr().out

    run("check", "--original", "--json", "--data", tmp_path)
    found = json.loads(capsys.readouterr().out)
    assert [finding["code"] for finding in found] == list(july.printed)


def test_strict_check_fails_while_an_error_stands(tmp_path: Path) -> None:
    from tram.app import cli

    with pytest.raises(SystemExit) as ended:
        cli.app(["check", "--as-of", "2025-07-30", "--strict", "--data", str(tmp_path)])
    assert ended.value.code == 1
