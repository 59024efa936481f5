"""Run by the peers' own interpreter: the widespread SDK sends, provisions, claims.

    tb_client.py PORT TOKEN PROVISION_KEY PROVISION_SECRET

Prints one line of JSON: the result of each step.
"""

import json
import logging
import sys

from tb_device_mqtt import ProvisionClient, TBDeviceMqttClient, TBPublishInfo


def main() -> None:
    port, token, key, secret = int(sys.argv[1]), *sys.argv[2:5]
    logging.disable(logging.CRITICAL)
    done = {}
    client = TBDeviceMqttClient("127.0.0.1", port=port, username=token, quality_of_service=1)
    client.connect(timeout=10)
    sent = client.send_telemetry({"temperature": 27.5, "running": True})
    done["telemetry"] = sent.get() == TBPublishInfo.TB_ERR_SUCCESS
    sent = client.send_attributes({"firmware": "1.2.3"})
    done["attributes"] = sent.get() == TBPublishInfo.TB_ERR_SUCCESS
    claimed = client.claim(secret_key="what it shows", duration=60_000)
    done["claim"] = claimed.get() == TBPublishInfo.TB_ERR_SUCCESS
    client.disconnect()
    client.stop()

    provisioned = ProvisionClient("127.0.0.1", port, build_request(key, secret))
    provisioned.provision()
    answer = provisioned.get_credentials()
    done["provision"] = answer and answer["status"]
    if answer:
        own = TBDeviceMqttClient("127.0.0.1", port=port, username=answer["credentialsValue"])
        own.connect(timeout=10)
        done["own"] = own.send_telemetry({"first": 1}).get() == TBPublishInfo.TB_ERR_SUCCESS
        own.disconnect()
        own.stop()
    sys.stdout.write(json.dumps(done) + "\n")


def build_request(key: str, secret: str) -> dict:
    return {
        "deviceName": "SN-SDK-1",
        "provisionDeviceKey": key,
        "provisionDeviceSecret": secret,
    }


main()
