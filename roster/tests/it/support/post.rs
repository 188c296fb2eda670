//! Where messages arrive in tests: a mail server, an endpoint for text messages, a mailbox.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use courier::{Carrier, Carriers, Mail};
use directory::messages::{Mailbox, Shown};
use model::Secret;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{Home, until};

/// A mail as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrived {
    /// To whom.
    pub(crate) to: String,
    /// Its id.
    pub(crate) id: String,
}

/// A mail server on this machine, which answers as it is told.
#[derive(Clone)]
pub(crate) struct MailServer {
    port: u16,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    /// What it answers when a recipient is named.
    reply: Arc<Mutex<String>>,
    /// Whether it hangs up in place of saying that it has taken the next mail.
    loses_answer: Arc<AtomicBool>,
    /// Whether it never answers a farewell.
    is_rude: Arc<AtomicBool>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl MailServer {
    /// One that takes every mail.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let server = Self {
            port,
            arrived: Arc::default(),
            reply: Arc::new(Mutex::new("250 fine".to_owned())),
            loses_answer: Arc::default(),
            is_rude: Arc::default(),
            task: Arc::default(),
        };
        server.serve(listener);
        server
    }

    fn serve(&self, listener: TcpListener) {
        let server = self.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move {
                    // A peer that hangs up is no fault of the test.
                    let _ = server.talk(stream).await;
                });
            }
        });
        *self.task.lock().expect("no panic") = Some(task);
    }

    /// Nobody listens any more.
    pub(crate) fn go_down(&self) {
        if let Some(task) = self.task.lock().expect("no panic").take() {
            task.abort();
        }
    }

    /// Listens again.
    pub(crate) async fn come_up(&self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("the port is its own");
        self.serve(listener);
    }

    /// From now on it answers so to each recipient: `250 fine`, `550 5.1.1 No such mailbox`.
    pub(crate) fn answer(&self, reply: &str) {
        reply.clone_into(&mut self.reply.lock().expect("no panic"));
    }

    /// Takes the next mail, and hangs up in place of saying so.
    pub(crate) fn lose_an_answer(&self) {
        self.loses_answer.store(true, Ordering::SeqCst);
    }

    /// From now on it never answers a farewell.
    pub(crate) fn say_no_farewell(&self) {
        self.is_rude.store(true, Ordering::SeqCst);
    }

    /// What has arrived, the first one first.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no panic").clone()
    }

    /// Has servers that begin in this home send their mails here.
    pub(crate) fn serves(&self, home: &mut Home) {
        let url = Secret::new(format!("smtp://127.0.0.1:{}?tls=none", self.port));
        let mail = Mail::new(&url, "Roster <roster@example.com>", "id.example.com").expect("it fits");
        home.serve.public_url = Some("https://id.example.com".to_owned());
        home.serve.carriers = Carriers { mail: Some(Carrier::Mail(mail)), text: None };
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 sink\r\n").await?;
        let (mut to, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => "250 sink".to_owned(),
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    self.reply.lock().expect("no panic").clone()
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let id = read_mail(&mut stream).await?;
                    self.arrived.lock().expect("no panic").push(Arrived { to: to.clone(), id });
                    if self.loses_answer.swap(false, Ordering::SeqCst) {
                        return Ok(());
                    }
                    "250 taken".to_owned()
                }
                "QUIT" if self.is_rude.load(Ordering::SeqCst) => continue,
                "QUIT" => {
                    return stream.write_all(b"221 bye\r\n").await;
                }
                _ => "250 fine".to_owned(),
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

/// Reads a mail to its end; its id.
async fn read_mail(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let (mut id, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        if let Some(text) = line.strip_prefix("Message-ID: ") {
            id = text.trim_end().to_owned();
        }
        if line == ".\r\n" || line.is_empty() {
            return Ok(id);
        }
    }
}

/// One request that an endpoint got: its head, and its body.
pub(crate) type Hooked = (String, String);

/// An endpoint for text messages, which answers these status codes in turn, and then the last one.
pub(crate) async fn endpoint(statuses: Vec<u16>) -> (String, Arc<Mutex<Vec<Hooked>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}/send", listener.local_addr().expect("it is bound"));
    let got: Arc<Mutex<Vec<Hooked>>> = Arc::default();
    let kept = Arc::clone(&got);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let Ok(request) = read_request(&mut stream).await else { continue };
            let count = {
                let mut kept = kept.lock().expect("no panic");
                kept.push(request);
                kept.len()
            };
            let status = statuses.get(count - 1).or(statuses.last()).copied().unwrap_or(200);
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (url, got)
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> std::io::Result<Hooked> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if line == "\r\n" || line.is_empty() {
            break;
        }
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((head, String::from_utf8_lossy(&body).into_owned()))
}

/// Has servers that begin in this home put their messages into a mailbox.
pub(crate) fn mailbox(home: &mut Home) -> Arc<Mailbox> {
    let mailbox = Arc::new(Mailbox::default());
    let carrier = || Some(Carrier::Shown(Arc::clone(&mailbox)));
    home.serve.public_url = Some("https://id.example.com".to_owned());
    home.serve.carriers = Carriers { mail: carrier(), text: carrier() };
    mailbox
}

/// What lies in a mailbox once there are so many letters, the oldest first.
pub(crate) async fn letters(mailbox: &Mailbox, count: usize) -> Vec<Shown> {
    until(&format!("{count} letters have come"), async || mailbox.letters().len() >= count).await;
    let mut letters = mailbox.letters();
    letters.reverse();
    letters
}
