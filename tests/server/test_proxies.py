"""Whose word counts for where a request comes from: nobody's, unless the county names its proxy."""

import json
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.server.live import Live


def tries(server: Live, name: str, addresses: list[str]) -> list[str]:
    """What is answered to a sign-in with a wrong password for each address that the asker says it comes from."""
    cookies = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    base = f"http://127.0.0.1:{server.port}/api/session"
    opener.open(base, timeout=20).read()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken") or ""
    found = []
    for address in addresses:
        headers = {"Content-Type": "application/json", "X-CSRFToken": token, "X-Forwarded-For": address}
        body = json.dumps({"username": name, "password": "wrong"}).encode()
        try:
            found.append(
                opener.open(urllib.request.Request(f"{base}/login", body, headers), timeout=20).read().decode()
            )
        except urllib.error.HTTPError as refused:
            found.append(refused.read().decode())
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Live(tmp_path).load()
    return tmp_path


@pytest.mark.slow
def test_a_stranger_cannot_say_that_he_is_another_and_go_on_guessing(folder: Path):
    server = Live(folder).start()
    try:
        found = tries(server, "root", [f"203.0.113.{k}" for k in range(7)])
    finally:
        server.stop()
    assert found[0] != found[-1] and found[-1] == found[-2]


@pytest.mark.slow
def test_behind_the_county_s_own_proxy_each_address_has_its_own_lock(folder: Path):
    server = Live(folder, trusted_proxies="127.0.0.1").start()
    try:
        others = tries(server, "root", [f"203.0.113.{k}" for k in range(7)])
        same = tries(server, "root", ["203.0.113.99"] * 7)
    finally:
        server.stop()
    assert len(set(others)) == 1
    assert same[0] == others[0] and same[-1] != same[0]
