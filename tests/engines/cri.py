#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cri.py SOCKET - calls of the Container Runtime Interface, as a kubelet makes them.

Each line of stdin is a call (RunPodSandbox, ExecSync, ...) and its request as JSON, with the names of cri.proto; the
line that answers it is JSON in the same way, bytes as text, or "!", the error's code and its text."""
import json, os, re, sys
import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

PACKAGE = "runtime.v1"
KINDS = {"string": 9, "bytes": 12, "bool": 8, "int32": 5, "int64": 3, "uint32": 13, "uint64": 4}


def messages(path):
    """The messages of a proto file that has nothing but messages of plain fields."""
    text = re.sub(r"//.*", "", open(path).read())
    file = descriptor_pb2.FileDescriptorProto(name="cri.proto", package=PACKAGE, syntax="proto3")
    for name, body in re.findall(r"message (\w+) \{(.*?)\}", text, re.S):
        message = file.message_type.add(name=name)
        for repeated, kind, field, number in re.findall(r"(repeated )?(\w+) (\w+) = (\d+);", body):
            one = message.field.add(name=field, number=int(number), label=3 if repeated else 1, json_name=field)
            if kind in KINDS:
                one.type = KINDS[kind]
            else:
                one.type, one.type_name = 11, ".%s.%s" % (PACKAGE, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(PACKAGE + "." + name))


def plain(message):
    """A message as what json prints: integers are numbers and bytes text, nothing is left out."""
    out = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.type == field.TYPE_BYTES:
            value = value.decode(errors="replace")
        elif field.type == field.TYPE_MESSAGE:
            value = [plain(one) for one in value] if field.label == field.LABEL_REPEATED else plain(value)
        out[field.name] = value
    return out


class Runtime:
    """The runtime service behind a socket; many threads may call it."""

    def __init__(self, path):
        self.message = messages(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cri.proto"))
        self.channel = grpc.insecure_channel("unix://" + path)

    def call(self, name, request):
        """The answer to a request in JSON; raises grpc.RpcError."""
        method = self.channel.unary_unary(
            "/%s.RuntimeService/%s" % (PACKAGE, name),
            request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=self.message(name + "Response").FromString)
        return plain(method(json_format.Parse(request, self.message(name + "Request")()), timeout=float(os.environ.get("CRI_TIMEOUT", 60))))


def main():
    runtime = Runtime(sys.argv[1])
    for line in sys.stdin:
        try:
            print(json.dumps(runtime.call(*line.split(" ", 1))), flush=True)
        except grpc.RpcError as error:
            print("!", error.code().name, error.details().replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
