"""The face on another wire (18-088 §14): news go out to an MQTT broker, observations come in from it.

It lies in the face and not in the gateway because it is the face: the same handler, the same rights, the same words.
The gateway's broker is another thing: there a source's own topics and payloads are mapped to readings.
"""
