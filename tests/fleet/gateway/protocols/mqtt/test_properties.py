"""Properties of MQTT 5: there and back in every packet that carries them, and nothing of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.protocols.mqtt.test_codec import IDS, NAMES, TEXTS, body_of
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect, Will
from tram.fleet.gateway.protocols.mqtt.packets.wire import Malformed, Reader

FLAGS = st.integers(0, 1)
BYTES = st.binary(max_size=30)
VALUES = {
    props.PAYLOAD_FORMAT: FLAGS,
    props.REQUEST_PROBLEM: FLAGS,
    props.REQUEST_RESPONSE: FLAGS,
    props.MAXIMUM_QOS: FLAGS,
    props.RETAIN_AVAILABLE: FLAGS,
    props.SHARED_AVAILABLE: FLAGS,
    **dict.fromkeys(
        (props.SERVER_KEEP_ALIVE, props.TOPIC_ALIAS_MAXIMUM, props.TOPIC_ALIAS),
        st.integers(0, 2**16 - 1),
    ),
    props.RECEIVE_MAXIMUM: st.integers(1, 2**16 - 1),
    **dict.fromkeys(
        (props.MESSAGE_EXPIRY, props.SESSION_EXPIRY, props.WILL_DELAY), st.integers(0, 2**32 - 1)
    ),
    props.MAXIMUM_PACKET_SIZE: st.integers(1, 2**32 - 1),
    **dict.fromkeys(
        (
            props.CONTENT_TYPE,
            props.RESPONSE_TOPIC,
            props.ASSIGNED_CLIENT_ID,
            props.AUTHENTICATION_METHOD,
            props.SERVER_REFERENCE,
            props.REASON_STRING,
        ),
        TEXTS,
    ),
    props.CORRELATION_DATA: BYTES,
    props.AUTHENTICATION_DATA: BYTES,
    props.SUBSCRIPTION_ID: st.lists(st.integers(1, 2**28 - 1), min_size=1, max_size=3),
    props.USER_PROPERTY: st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4),
}
PACKETS = {
    "CONNECT": props.OF_CONNECT,
    "CONNACK": props.OF_CONNACK,
    "PUBLISH": props.OF_PUBLISH,
    "will": props.OF_WILL,
    "acknowledgement": props.OF_ACK,
    "SUBSCRIBE": props.OF_SUBSCRIBE,
    "UNSUBSCRIBE": props.OF_UNSUBSCRIBE,
    "DISCONNECT": props.OF_DISCONNECT,
}


def some(allowed: frozenset[int]) -> st.SearchStrategy[props.Properties]:
    return st.fixed_dictionaries(
        {}, optional={key: VALUES[key] for key in allowed & VALUES.keys()}
    )


@pytest.mark.parametrize("allowed", PACKETS.values(), ids=PACKETS)
@given(data=st.data())
def test_properties_come_back(allowed: frozenset[int], data: st.DataObject) -> None:
    wanted = data.draw(some(allowed))
    packet = props.build_properties(wanted)
    reader = Reader(packet)

    assert props.read_properties(reader, allowed) == wanted
    assert reader.at_end


@pytest.mark.parametrize("allowed", PACKETS.values(), ids=PACKETS)
@given(data=st.data())
def test_what_another_packet_carries_is_malformed(
    allowed: frozenset[int], data: st.DataObject
) -> None:
    strange = data.draw(st.sampled_from(sorted(VALUES.keys() - allowed)))
    packet = props.build_properties({strange: data.draw(VALUES[strange])})

    with pytest.raises(Malformed):
        props.read_properties(Reader(packet), allowed)


@given(
    client_id=TEXTS,
    properties=some(props.OF_CONNECT),
    will=st.none()
    | st.builds(Will, NAMES, BYTES, st.integers(0, 2), st.booleans(), some(props.OF_WILL)),
)
def test_connect_of_five_comes_back(client_id, properties, will) -> None:
    connect = Connect(5, client_id, True, 60, will, "token", None, properties)

    assert codec.parse_connect(body_of(codec.build_connect(connect))) == connect


@given(topic=NAMES, payload=BYTES, packet_id=IDS, properties=some(props.OF_PUBLISH))
def test_publish_of_five_comes_back(topic, payload, packet_id, properties) -> None:
    packet = codec.build_publish(topic, payload, 1, packet_id, properties=properties)

    found = client_packets.parse_publish(packet[0], body_of(packet), five=True)

    assert found == (topic, packet_id, payload, properties)
