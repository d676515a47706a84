"""Calls a server as a program in Python would: python_client.py ADDRESS TOKEN

Knows nothing but the server's reflection. Ends with an error at the first answer that is not as
it should be.
"""

import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

TIMEOUT = 10


def expect(condition, text):
    if not condition:
        sys.exit(text)


def main(address, token):
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = [name for name in database.get_services() if name.startswith("steward.")]
        expect(services, "reflection shows no service of ours")

        health = health_pb2_grpc.HealthStub(channel)
        for name in ["", *services]:
            asked = health_pb2.HealthCheckRequest(service=name)
            status = health.Check(asked, timeout=TIMEOUT).status
            expect(status == health_pb2.HealthCheckResponse.SERVING, f"{name or 'the server'}: {status}")
        try:
            health.Check(health_pb2.HealthCheckRequest(service="no.such.Service"), timeout=TIMEOUT)
            sys.exit("a service that does not exist is healthy")
        except grpc.RpcError as error:
            expect(error.code() == grpc.StatusCode.NOT_FOUND, f"health of no service: {error}")

        service = DescriptorPool(database).FindServiceByName("steward.facilities.v1.OwnerService")
        call = caller(channel, service, token)
        owner = {"email": "python@example.com", "name": "Of Python"}
        created = call("CreateOwner", owner=owner)
        expect(call("GetOwner", owner_id=created.id) == created, "another owner was read")
        try:
            call("CreateOwner", owner=owner)
            sys.exit("an e-mail was taken twice")
        except grpc.RpcError as error:
            expect(error.code() == grpc.StatusCode.ALREADY_EXISTS, f"taken e-mail: {error}")
            details = dict(error.trailing_metadata() or ())
            expect("grpc-status-details-bin" in details, "the failure has no details")
        print(f"{len(services)} services serve")


def caller(channel, service, token):
    """A function that calls the methods of a service."""

    def call(name, **fields):
        method = service.methods_by_name[name]
        request = GetMessageClass(method.input_type)
        response = GetMessageClass(method.output_type)
        unary = channel.unary_unary(
            f"/{service.full_name}/{name}",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )
        metadata = [("authorization", f"Bearer {token}")]
        return unary(request(**fields), timeout=TIMEOUT, metadata=metadata)

    return call


main(*sys.argv[1:])
