//! Calls that pages of this server make, on behalf of whoever looks at them.

use http::Request;
use http::header::{CONTENT_TYPE, TE, USER_AGENT};
use http_body_util::Full;
use prost::Message;
use steward_kernel::Error;
use tonic::body::Body;
use tonic::{Code, Status};

use super::RpcService;
use super::reply::{Reply, frame};
use crate::request_id::RequestId;
use crate::status::from_error;

impl RpcService {
    /// Calls a public RPC as any client would, in process: with its limits, its line in the log
    /// and its event. Pages find the service in the extensions of their request.
    ///
    /// # Errors
    /// The status that the RPC answers.
    pub async fn ask<Out: Message + Default>(
        &self,
        path: &'static str,
        id: &RequestId,
        message: &impl Message,
    ) -> Result<Out, Status> {
        let internal = |error: Error| from_error(&error, "");
        let mut request = Request::post(path)
            .version(http::Version::HTTP_2)
            .header(CONTENT_TYPE, "application/grpc")
            .header(TE, "trailers")
            .body(Body::new(Full::new(frame(&message.encode_to_vec()))))
            .map_err(|error| internal(Error::internal(error)))?;
        request.extensions_mut().insert(id.clone());
        if let Some(caller) = self.caller {
            request.extensions_mut().insert(caller);
        }
        if let Some(user_agent) = &self.user_agent {
            request.headers_mut().insert(USER_AGENT, user_agent.clone());
        }
        let reply = Reply::read(self.call(request).await).await.map_err(internal)?;
        match reply.status() {
            Some(status) if status.code() != Code::Ok => Err(status),
            Some(_) => Out::decode(reply.message).map_err(|error| internal(Error::internal(error))),
            None => Err(internal(Error::internal("an answer without a status"))),
        }
    }
}
