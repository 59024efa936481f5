"""What the tests of the interface read from an answer: a status with its code, faults, a list."""

import httpx

__all__ = ("faults", "listed", "refusal")


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def faults(answer: httpx.Response) -> dict[str, str]:
    """Return the code of what is wrong by its field; each is said with a sentence."""
    assert answer.status_code == 422, answer.text
    found = answer.json()["faults"]
    assert all(fault["sentence"] for fault in found)
    return {fault["field"]: fault["code"] for fault in found}


def listed(answer: httpx.Response, key: str = "id") -> list:
    """Return one field of every item of a list."""
    assert answer.status_code == 200, answer.text
    return [item[key] for item in answer.json()["items"]]
