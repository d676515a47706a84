//! Commands on jobs. All work beside a running server.

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use steward_kernel::TenantId;
use steward_platform::jobs::{self, Entry, Filter};

use super::failure::Failure;
use super::operate::print;
use super::session::Session;
use super::settings::Settings;

/// Jobs read at once, so that a long queue needs little memory.
const PAGE: i64 = 500;

#[derive(Subcommand, Debug)]
pub enum Jobs {
    /// List jobs, oldest first, one JSON object a line
    List {
        /// Only those of this tenant
        #[arg(long, value_name = "ID")]
        tenant: Option<i64>,
        /// Only those of this kind
        #[arg(long)]
        kind: Option<String>,
        /// Only those that wait, run, or were given up
        #[arg(long)]
        state: Option<State>,
    },
    /// Run jobs now that wait or were given up, with all their attempts before them
    Retry {
        /// Ids of the jobs
        #[arg(required = true, value_name = "ID")]
        jobs: Vec<i64>,
    },
    /// Forget jobs that wait or were given up
    Discard {
        /// Ids of the jobs
        #[arg(required = true, value_name = "ID")]
        jobs: Vec<i64>,
    },
}

/// How a job stands.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum State {
    Queued,
    Running,
    Dead,
}

impl From<State> for jobs::State {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Running => Self::Running,
            State::Dead => Self::Dead,
        }
    }
}

impl Jobs {
    /// Runs the command to its end.
    ///
    /// # Errors
    /// One line for the operator.
    pub async fn run(self, settings: &Settings) -> Result<(), Failure> {
        Session::with(settings, async |app, _| {
            match self {
                Self::List { tenant, kind, state } => {
                    let tenant = tenant.map(TenantId);
                    let filter = Filter { tenant, kind, state: state.map(Into::into) };
                    let mut after = 0;
                    loop {
                        let page = jobs::list(app, &filter, after, PAGE).await?;
                        let Some(last) = page.last() else { break };
                        after = last.id;
                        page.iter().try_for_each(show)?;
                    }
                }
                Self::Retry { jobs: ids } => {
                    for id in ids {
                        jobs::retry(app, id).await?;
                        print(&json!({"id": id, "state": "queued"}))?;
                    }
                }
                Self::Discard { jobs: ids } => {
                    for id in ids {
                        jobs::discard(app, id, steward_platform::ENDINGS).await?;
                        print(&json!({"id": id, "discarded": true}))?;
                    }
                }
            }
            Ok(())
        })
        .await
    }
}

fn show(entry: &Entry) -> Result<(), Failure> {
    let Entry { id, tenant, kind, state, due_at, attempts, last_error, created_at } = entry;
    print(&json!({
        "id": id,
        "tenant": tenant.map(|tenant| tenant.0),
        "kind": kind,
        "state": state.as_str(),
        "due_at": due_at,
        "attempts": attempts,
        "last_error": last_error,
        "created_at": created_at,
    }))
}
