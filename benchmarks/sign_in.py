"""Compares how long a sign-in takes for a wrong password and for an unknown name (THREATS A3).

Run by hand against a running Signet: ``python benchmarks/sign_in.py http://127.0.0.1:8000 NAME``.
Prints both medians in milliseconds and their ratio, which should lie within 5 % of 1. Wait a minute
between runs: guesses are slowed down on purpose, and this keeps below the pace of one address.
"""

import argparse
import http.cookiejar
import re
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request

ROUNDS = 4  # free guesses for one account before it is slowed down


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("name", help="a sign-in name that exists")
    given = parser.parse_args()
    taken: dict[str, list[float]] = {given.name: [], "nobody.of.that.name": []}
    for _ in range(ROUNDS):
        for name, times in taken.items():
            times.append(one_try(given.address.rstrip("/"), name))
    known, unknown = (statistics.median(times) * 1000 for times in taken.values())
    print(
        f"wrong password {known:.1f} ms, unknown name {unknown:.1f} ms, ratio {known / unknown:.3f}"
    )


def one_try(address: str, name: str) -> float:
    """Return the seconds one refused sign-in takes, form and cookie included."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(cookies)
    page = browser.open(f"{address}/sign-in/").read().decode()
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert secret is not None
    form = {"csrfmiddlewaretoken": secret[1], "username": name, "password": "a wrong password"}
    began = time.perf_counter()
    try:
        browser.open(f"{address}/sign-in/", urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as refusal:
        refusal.read()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
