// What a page of ours would do: log in and call, with published client libraries alone. The
// tests reach it as `window.clients`; answers are JSON, because that is what crosses from the
// page to the test.

import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import grpcWeb from "grpc-web";

import { BadRequestSchema, ErrorInfoSchema } from "contract/google/rpc/error_details_pb.js";
import { OwnerService } from "contract/steward/facilities/v1/owner_pb.js";
import { TokenService } from "contract/steward/platform/v1/token_pb.js";

const services = { OwnerService, TokenService };

/** Calls by connect-web, in the binary form of grpc-web. */
async function connectWeb(baseUrl, service, method, request, token) {
  const client = createClient(services[service], createGrpcWebTransport({ baseUrl }));
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  try {
    const answer = await client[method](request, { headers });
    return { answer: toJson(services[service].method[method].output, answer) };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    return {
      error: {
        code: Code[error.code],
        message: error.rawMessage,
        requestId: error.metadata.get("x-request-id"),
        info: error.findDetails(ErrorInfoSchema).map((info) => toJson(ErrorInfoSchema, info)),
        violations: error
          .findDetails(BadRequestSchema)
          .flatMap((bad) => toJson(BadRequestSchema, bad).fieldViolations ?? []),
      },
    };
  }
}

/** Calls by grpc-web, in its text form, which is base64. */
async function grpcWebText(baseUrl, service, method, request, token) {
  const { input, output, parent, name } = services[service].method[method];
  const path = `/${parent.typeName}/${name}`;
  // What protoc-gen-grpc-web would write for the method.
  const descriptor = new grpcWeb.MethodDescriptor(
    path,
    grpcWeb.MethodType.UNARY,
    Object,
    Object,
    (message) => toBinary(input, message),
    (bytes) => fromBinary(output, bytes),
  );
  const client = new grpcWeb.GrpcWebClientBase({ format: "text" });
  const metadata = token ? { authorization: `Bearer ${token}` } : {};
  try {
    const url = `${baseUrl}${path}`;
    const answer = await client.unaryCall(url, create(input, request), metadata, descriptor);
    return { answer: toJson(output, answer) };
  } catch (error) {
    const { code, message, metadata } = error;
    return { error: { code, message, hasDetails: Boolean(metadata?.["grpc-status-details-bin"]) } };
  }
}

window.clients = { connectWeb, grpcWebText };
