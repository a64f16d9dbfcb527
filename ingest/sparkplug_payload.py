"""The payload of Sparkplug B as protobuf messages: the fields of the public specification (3.0.0, §6.4) that are read.

The descriptor is built here, with the specification's field numbers, so that no generated code is kept. Templates,
data sets, metadata and properties are none of ours: protobuf keeps them as unknown fields.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_TYPE = descriptor_pb2.FieldDescriptorProto
_METRIC = (
    ("name", 1, _TYPE.TYPE_STRING),
    ("alias", 2, _TYPE.TYPE_UINT64),
    ("timestamp", 3, _TYPE.TYPE_UINT64),
    ("datatype", 4, _TYPE.TYPE_UINT32),
    ("is_historical", 5, _TYPE.TYPE_BOOL),
    ("is_transient", 6, _TYPE.TYPE_BOOL),
    ("is_null", 7, _TYPE.TYPE_BOOL),
)
_VALUE = (
    ("int_value", 10, _TYPE.TYPE_UINT32),
    ("long_value", 11, _TYPE.TYPE_UINT64),
    ("float_value", 12, _TYPE.TYPE_FLOAT),
    ("double_value", 13, _TYPE.TYPE_DOUBLE),
    ("boolean_value", 14, _TYPE.TYPE_BOOL),
    ("string_value", 15, _TYPE.TYPE_STRING),
    ("bytes_value", 16, _TYPE.TYPE_BYTES),
)
_PAYLOAD = (("timestamp", 1, _TYPE.TYPE_UINT64), ("seq", 3, _TYPE.TYPE_UINT64), ("uuid", 4, _TYPE.TYPE_STRING))


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="mingchu/sparkplug.proto", package="mingchu", syntax="proto2")
    payload = file.message_type.add(name="Payload")
    for name, number, kind in _PAYLOAD:
        payload.field.add(name=name, number=number, type=kind, label=_TYPE.LABEL_OPTIONAL)
    payload.field.add(
        name="metrics", number=2, type=_TYPE.TYPE_MESSAGE, label=_TYPE.LABEL_REPEATED, type_name=".mingchu.Metric"
    )
    metric = file.message_type.add(name="Metric")
    for name, number, kind in _METRIC:
        metric.field.add(name=name, number=number, type=kind, label=_TYPE.LABEL_OPTIONAL)
    metric.oneof_decl.add(name="value")
    for name, number, kind in _VALUE:
        metric.field.add(name=name, number=number, type=kind, label=_TYPE.LABEL_OPTIONAL, oneof_index=0)
    return file


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file())
Payload: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName("mingchu.Payload"))

# The data types (§6.4.16) whose value is a whole number, with its bits: the wire carries them unsigned.
SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
BOOLEAN = 11
REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"


def rebirth(now_ms: int) -> bytes:
    """The command that has a node announce all its metrics anew."""
    payload = Payload(timestamp=now_ms)
    payload.metrics.add(name=REBIRTH, timestamp=now_ms, datatype=BOOLEAN, boolean_value=True)
    encoded: bytes = payload.SerializeToString()
    return encoded
