//! The RPCs of notes.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::About;
use super::{actions, wire};
use crate::pb;
use crate::pb::note_service_server::{NoteService, NoteServiceServer};

pub(crate) fn service(app: &App) -> NoteServiceServer<Service> {
    NoteServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl NoteService for Service {
    async fn add_note(
        &self,
        request: Request<pb::AddNoteRequest>,
    ) -> Result<Response<pb::Note>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::add(app, &context, &wire::new(request)?).await.map(wire::note)
        })
        .await
    }

    async fn get_note(
        &self,
        request: Request<pb::GetNoteRequest>,
    ) -> Result<Response<pb::Note>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::note)
        })
        .await
    }

    async fn list_cleaner_notes(
        &self,
        request: Request<pb::ListCleanerNotesRequest>,
    ) -> Result<Response<pb::ListNotesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let about = (About::Cleaner(request.cleaner_id), request.is_user_id);
            actions::list(app, &context, about, &query).await.map(wire::list)
        })
        .await
    }

    async fn list_client_notes(
        &self,
        request: Request<pb::ListClientNotesRequest>,
    ) -> Result<Response<pb::ListNotesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let about = (About::Client(request.client_id), request.is_user_id);
            actions::list(app, &context, about, &query).await.map(wire::list)
        })
        .await
    }
}
