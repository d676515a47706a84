//! gRPC clients: generated ones, and one for messages that are only known as bytes.

use bytes::{Buf, BufMut, Bytes};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::{Server, Tenant};

/// A channel that sends a token with every call.
pub type Authorized = InterceptedService<Channel, Bearer>;

/// Adds a token to each call; without one, calls as nobody.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

/// A connection to a server.
pub fn channel(server: &Server) -> Channel {
    Endpoint::from_shared(server.base.clone()).expect("a URL").connect_lazy()
}

/// A channel to the shared server with a token, or with none.
pub async fn with_token(token: Option<&str>) -> Authorized {
    let value = token.map(|token| format!("Bearer {token}").parse().expect("a header"));
    InterceptedService::new(channel(Server::shared().await), Bearer(value))
}

impl Tenant {
    /// A channel for generated clients.
    pub async fn grpc(&self) -> Authorized {
        with_token(Some(&self.token)).await
    }
}

/// Calls `/package.Service/Method` with an encoded message.
pub async fn call_bytes(
    token: Option<&str>,
    path: &str,
    message: Vec<u8>,
) -> Result<Bytes, Status> {
    call_with(token, path, message, &[]).await.map(|(_, answer)| answer)
}

/// As [`call_bytes`] with metadata; answers that of the answer too.
pub async fn call_with(
    token: Option<&str>,
    path: &str,
    message: Vec<u8>,
    metadata: &[(&'static str, &str)],
) -> Result<(MetadataMap, Bytes), Status> {
    let mut client = tonic::client::Grpc::new(with_token(token).await);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = path.parse().expect("a path");
    let mut request = Request::new(Bytes::from(message));
    for (name, value) in metadata {
        request.metadata_mut().insert(*name, value.parse().expect("a value"));
    }
    let (metadata, answer, _) = client.unary(request, path, BytesCodec).await?.into_parts();
    Ok((metadata, answer))
}

/// Calls an RPC and gives the answer up as soon as it begins.
pub async fn begin(token: &str, path: &str, message: Vec<u8>) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(with_token(Some(token)).await);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = path.parse().expect("a path");
    let request = Request::new(Bytes::from(message));
    client.server_streaming(request, path, BytesCodec).await.map(drop)
}

/// As [`call_bytes`], for an RPC that answers with a stream: the first message, after which the
/// stream is given up.
pub async fn first_bytes(token: &str, path: &str, message: Vec<u8>) -> Result<Bytes, Status> {
    let mut client = tonic::client::Grpc::new(with_token(Some(token)).await);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = path.parse().expect("a path");
    let request = Request::new(Bytes::from(message));
    let mut stream = client.server_streaming(request, path, BytesCodec).await?.into_inner();
    stream.message().await?.ok_or_else(|| Status::unknown("a stream without a message"))
}

/// Leaves messages as they are on the wire.
#[derive(Default)]
struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
