//! A review room in a process of its own, and just enough HTTP to talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::program::proteus;

/// A running room with a browser that was let in.
pub struct Room {
    child: Child,
    pub address: SocketAddr,
    pub token: String,
    pub cookie: String,
}

/// An answer.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// A header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }
}

impl Room {
    /// Opens a room on a run.
    pub fn open(run: &Path, more: &[&str]) -> Self {
        let mut command = proteus(run.parent().unwrap());
        command.arg("review").arg(run).arg("--quiet").args(more);
        Self::start(command)
    }

    /// Opens the room that a command starts.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (address, token) = line
            .trim()
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once("/?token="))
            .unwrap_or_else(|| panic!("no address in `{line}`"));
        let mut room = Self {
            child,
            address: address.parse().unwrap(),
            token: token.to_owned(),
            cookie: String::new(),
        };
        let entered = room.get(&format!("/?token={}", room.token));
        assert_eq!(entered.status, 303, "{}", entered.body);
        let cookie = entered.header("set-cookie");
        room.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        room
    }

    /// Ends the process at once.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    /// Sends a form as a page of the room does.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let origin = format!("http://{}", self.address);
        self.send("POST", path, &[("Origin", &origin)], &form(fields))
    }

    /// Sends a form as the script of the room does.
    pub fn post_by_script(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let origin = format!("http://{}", self.address);
        let headers = [("Origin", origin.as_str()), ("Accept", "application/json")];
        self.send("POST", path, &headers, &form(fields))
    }

    /// Sends anything; headers of the same name replace ours.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        exchange(self.address, &self.request(method, path, headers, body))
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The bytes of a request.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> String {
        let host = self.address.to_string();
        let mut all = vec![
            ("Host", host.as_str()),
            ("Cookie", &self.cookie),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Connection", "close"),
        ];
        for header in headers {
            all.retain(|(name, _)| name != &header.0);
            all.push(*header);
        }
        let mut text = format!("{method} {path} HTTP/1.1\r\n");
        for (name, value) in all.iter().filter(|(_, value)| !value.is_empty()) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        text
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request and reads the answer to its end.
pub fn exchange(address: SocketAddr, request: &str) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(address)?;
    // A server that has heard enough of an oversized body may close before all of it is sent.
    let sent = stream.write_all(request.as_bytes());
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        sent?;
        read?;
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| std::io::Error::other("no whole answer"))?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    Ok(Reply {
        status: status.and_then(|s| s.parse().ok()).unwrap_or(0),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    })
}

/// Fields as a browser encodes them.
pub fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(b).to_string()
                }
                b => format!("%{b:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}
