"""Who gets in, and what they are told before they are in."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.test import Client

from riverchief_server.parties import signing_in

JSON = "application/json"


@pytest.mark.usefixtures("people")
class TestGettingIn:
    def test_nobody_is_logged_in_at_first(self):
        session = Client().get("/api/session").json()
        assert session["account"] is None
        assert session["county_name"] == "玩具县"
        assert session["units"] == []  # who works here is told to those who work here

    def test_with_name_and_password(self):
        client = Client()
        answer = client.post("/api/session/login", {"username": "office", "password": "a good one"}, JSON)
        assert answer.json()["account"]["role"] == "office"
        assert client.get("/api/inbox").status_code == 200

    def test_a_wrong_password_is_told_in_the_readers_language(self):
        wrong = {"username": "office", "password": "wrong"}
        zh = Client(headers={"accept-language": "zh-CN"}).post("/api/session/login", wrong, JSON)
        en = Client(headers={"accept-language": "en"}).post("/api/session/login", wrong, JSON)
        assert (zh.status_code, zh.json()["text"]) == (400, "用户名或密码不对")
        assert "wrong" in en.json()["text"]

    def test_five_wrong_passwords_lock_the_name(self):
        client = Client()
        for _ in range(5):
            client.post("/api/session/login", {"username": "office", "password": "wrong"}, JSON)
        answer = client.post("/api/session/login", {"username": "office", "password": "a good one"}, JSON)
        assert answer.json()["faults"][0]["kind"] == "locked_out"
        assert client.get("/api/inbox").status_code == 401

    def test_one_password_tried_on_many_names_locks_the_address(self, monkeypatch: pytest.MonkeyPatch):
        cache.clear()
        monkeypatch.setattr(signing_in, "WRONG_AN_ADDRESS", 3)
        for name in ("office", "town", "nobody"):
            Client().post("/api/session/login", {"username": name, "password": "12345678"}, JSON)
        right = {"username": "verifier", "password": "a good one"}
        here = Client().post("/api/session/login", right, JSON)
        elsewhere = Client(REMOTE_ADDR="203.0.113.5").post("/api/session/login", right, JSON)
        cache.clear()
        assert here.json()["faults"][0]["kind"] == "locked_out"
        assert elsewhere.status_code == 200

    def test_passwords_are_checked_one_at_a_time_and_who_would_wait_too_long_is_told(self, rf, monkeypatch):
        at_once, most = 0, 0
        step = threading.Lock()

        def slow(request, username, password):
            nonlocal at_once, most
            with step:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.02)
            with step:
                at_once -= 1
            return username

        monkeypatch.setattr(signing_in, "authenticate", slow)
        with ThreadPoolExecutor(40) as pool:
            tries = [pool.submit(signing_in.sign_in, rf.get("/"), str(k), "x") for k in range(40)]
        told = [one.exception() for one in tries]
        assert most == 1
        assert sum(one is None for one in told) >= signing_in.MOST_WAITING
        assert {fault.kind for one in told if one for fault in one.faults} <= {"sign_ins_wait"}

    def test_one_click_in_the_demonstration(self):
        client = Client()
        assert client.post("/api/session/demo", {"username": "town"}, JSON).json()["account"]["username"] == "town"
        client.post("/api/session/logout")
        assert client.get("/api/inbox").status_code == 401

    def test_no_click_where_it_is_no_demonstration(self, settings):
        settings.DEMO = False
        client = Client()
        assert client.post("/api/session/demo", {"username": "town"}, JSON).status_code == 403
        assert client.get("/api/session").json()["demo_roles"] == []

    def test_no_click_into_a_real_account(self, people):
        people["town"].is_demonstration = False
        people["town"].save()
        assert Client().post("/api/session/demo", {"username": "town"}, JSON).status_code == 403

    def test_a_request_without_the_csrf_token_is_refused(self):
        client = Client(enforce_csrf_checks=True)
        assert client.post("/api/session/demo", {"username": "town"}, JSON).status_code == 403

    def test_the_language_is_kept_in_a_cookie(self):
        client = Client(headers={"accept-language": "zh"})
        client.post("/api/session/language", {"language": "en"}, JSON)
        assert client.get("/api/session").json()["language"] == "en"

    @pytest.mark.parametrize("body", ["", "{", "[]", '{"username": 3}', '{"username": "a"}'])
    def test_a_body_that_cannot_be_understood(self, body: str):
        answer = Client().post("/api/session/login", body, JSON)
        assert answer.status_code in {400, 422}
        assert answer.json()["text"]
