"""kill -9 of the server while a logger publishes: what the broker took is kept in the end, each once."""

import random
import signal
import threading
import time
import urllib.request
from pathlib import Path

import orjson
import pytest

from tests.server.brokers import Client, free_port, mosquitto
from tests.server.live import Live

MANY, KILLS = 200, 3


def ask(live: Live, path: str, token: str, body: object = None) -> dict:
    request = urllib.request.Request(f"{live.root}/{path}", headers={"authorization": f"Bearer {token}"})
    if body is not None:
        request.data = orjson.dumps(body)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return orjson.loads(answer.read() or b"{}")


@pytest.mark.slow
def test_nothing_that_was_published_is_lost_to_kill_9_and_nothing_is_doubled(tmp_path: Path):
    port = free_port()
    live = Live(tmp_path, sensorthings_mqtt="true", mqtt_url=f"mqtt://127.0.0.1:{port}")
    token = live.load()
    with mosquitto(tmp_path, port=port) as url:
        live.start()
        station = ask(live, "Things?$filter=properties/code%20eq%20%27W1%27", token)["value"][0]["@iot.id"]
        stream = {
            "name": "turbidity",
            "description": "of the buoy",
            "unitOfMeasurement": {"name": "NTU", "symbol": "NTU", "definition": "urn:ntu"},
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "Sensor": {"name": "s", "description": "s", "encodingType": "text/plain", "metadata": "-"},
            "ObservedProperty": {"name": "turbidity", "definition": "urn:turbidity", "description": "t"},
        }
        ask(live, f"Things({station})/Datastreams", token, stream)
        found = ask(live, f"Things({station})/Datastreams?$filter=name%20eq%20%27turbidity%27", token)["value"]
        topic = f"create/v1.1/Datastreams({found[0]['@iot.id']})/Observations"
        logger = Client(url, "logger")

        def publish() -> None:
            for k in range(MANY):
                body = {"phenomenonTime": f"2026-11-24T{k // 60:02}:{k % 60:02}:00Z", "result": k}
                logger.publish(topic, body, token=token)
                time.sleep(0.01)

        publishing = threading.Thread(target=publish)
        publishing.start()
        chance = random.Random(5)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 1.0))
            live.stop(signal.SIGKILL)
            live.start()
        publishing.join()
        path = f"Datastreams({found[0]['@iot.id']})/Observations?$count=true&$top=1000&$orderby=phenomenonTime"

        def results() -> list[float]:
            return [one["result"] for one in ask(live, path, token)["value"]]

        logger.wait(lambda: len(results()) >= MANY, 30)
        assert results() == list(range(MANY))
        logger.close()
        live.stop()
