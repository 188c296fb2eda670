//! What may stand behind an action or an operation.
//!
//! A handler's own signature says what it answers, so none can sit under a wrong name.

use std::future::Future;

use access::{Change, Circumstances, Permit, Reader};

use crate::operations::Relay;
use crate::pages::{PageAnswer, PageRequest};

/// One that changes something: `async fn(&State, &mut Change, &Permit, &Request) -> Result<Reply, E>`.
pub trait Changes<'a, S: 'a, A: 'a, R, E>:
    Fn(&'a S, &'a mut Change, &'a Permit, &'a A) -> Self::Answering + Send + Sync + 'static
{
    /// The handler at work.
    type Answering: Future<Output = Result<R, E>> + Send + 'a;
}

impl<'a, S, A, R, E, F, Answering> Changes<'a, S, A, R, E> for F
where
    S: 'a,
    A: 'a,
    F: Fn(&'a S, &'a mut Change, &'a Permit, &'a A) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<R, E>> + Send + 'a,
{
    type Answering = Answering;
}

/// One that reads: `async fn(&State, &mut Reader, &Permit, &Request) -> Result<Reply, E>`.
pub trait Reads<'a, S: 'a, A: 'a, R, E>:
    Fn(&'a S, &'a mut Reader, &'a Permit, &'a A) -> Self::Answering + Send + Sync + 'static
{
    /// The handler at work.
    type Answering: Future<Output = Result<R, E>> + Send + 'a;
}

impl<'a, S, A, R, E, F, Answering> Reads<'a, S, A, R, E> for F
where
    S: 'a,
    A: 'a,
    F: Fn(&'a S, &'a mut Reader, &'a Permit, &'a A) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<R, E>> + Send + 'a,
{
    type Answering = Answering;
}

/// One that anybody may call and that checks the proof itself: `async fn(&State, &mut Change, &Circumstances, &Request)
/// -> Result<(Reply, Permit), E>`. Its change is committed under the permit that it returns.
pub trait Opens<'a, S: 'a, A: 'a, R, E>:
    Fn(&'a S, &'a mut Change, &'a Circumstances, &'a A) -> Self::Answering + Send + Sync + 'static
{
    /// The handler at work.
    type Answering: Future<Output = Result<(R, Permit), E>> + Send + 'a;
}

impl<'a, S, A, R, E, F, Answering> Opens<'a, S, A, R, E> for F
where
    S: 'a,
    A: 'a,
    F: Fn(&'a S, &'a mut Change, &'a Circumstances, &'a A) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<(R, Permit), E>> + Send + 'a,
{
    type Answering = Answering;
}

/// One that shows a page to a person: `async fn(&State, &mut Change, &Circumstances, &PageRequest) ->
/// Result<(PageAnswer, Option<Permit>), E>`. Its change is committed where it returns a permit, and only there.
pub trait Pages<'a, S: 'a, E>:
    Fn(&'a S, &'a mut Change, &'a Circumstances, &'a PageRequest) -> Self::Answering + Send + Sync + 'static
{
    /// The handler at work.
    type Answering: Future<Output = Result<(PageAnswer, Option<Permit>), E>> + Send + 'a;
}

impl<'a, S, E, F, Answering> Pages<'a, S, E> for F
where
    S: 'a,
    F: Fn(&'a S, &'a mut Change, &'a Circumstances, &'a PageRequest) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<(PageAnswer, Option<Permit>), E>> + Send + 'a,
{
    type Answering = Answering;
}

/// One that makes other calls of its own: `async fn(&State, &Relay<'_>, &Request) -> Result<Reply, E>`.
pub trait Relays<'a, S: 'a, A: 'a, R, E>:
    Fn(&'a S, &'a Relay<'a>, &'a A) -> Self::Answering + Send + Sync + 'static
{
    /// The handler at work.
    type Answering: Future<Output = Result<R, E>> + Send + 'a;
}

impl<'a, S, A, R, E, F, Answering> Relays<'a, S, A, R, E> for F
where
    S: 'a,
    A: 'a,
    F: Fn(&'a S, &'a Relay<'a>, &'a A) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<R, E>> + Send + 'a,
{
    type Answering = Answering;
}
